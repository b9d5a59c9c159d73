"""Shared by all tests: small seeded networks, no network access, few threads."""

from __future__ import annotations

import random
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("mutants", settings.get_profile("suite"), max_examples=15)
settings.load_profile("suite")

TOGETHER = {
    "test_engine_away", "test_map_page", "test_projection", "test_projection_engine",
    "test_projection_reference", "test_engine_contract", "test_engine_faults",
}  # fmt: skip
"""Modules that compile UMAP or start a server: they stay in one process where there are two."""
SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What starts Ray takes long; a module's tests stay together where there are two processes."""
    for item in items:
        if "served_on_ray" in item.fixturenames:
            item.add_marker(pytest.mark.slow)
        if config.pluginmanager.hasplugin("xdist"):
            module = item.path.stem
            group = "together" if module in TOGETHER else item.path.as_posix()
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def small_samples(tmp_path_factory):
    """A few identities of the samples as a set of its own; some of their queries fail.

    The gallery is as large as the rank lists that an evaluation keeps, so that they are whole.
    """
    import pandas as pd

    folder = tmp_path_factory.mktemp("samples")
    table = pd.read_parquet(SAMPLES / "visibility.parquet")
    kept = table["pid"].isin([7001, 7005, 7009, 7011, 7089])
    distractors = table[table["pid"] == 0].head(5)
    pd.concat([table[kept], distractors]).to_parquet(folder / "visibility.parquet")
    for part in SAMPLES.iterdir():
        if part.is_dir():
            (folder / part.name).symlink_to(part)
    return folder


@pytest.fixture(scope="session")
def tiny_model():
    """Build a small, seeded AONet with a filled memory, in evaluation mode.

    Each kind is built once; a caller gets a copy, and torch's random numbers as after building.
    """
    import torch

    from aonet_core import AONet, preset

    built = {}

    def build(name: str = "aonet", seed: int = 0, **overrides):
        torch.manual_seed(seed)
        settings = {"backbone": "resnet18", "image_size": (64, 32)} | overrides
        model = AONet(preset(name, 5, **settings)).eval()
        images = torch.randn(4, 3, *model.config.image_size)
        output = model(images)
        for _ in range(3):
            model.memory.update(output.landmark_map, output.referenced_response_map)
        return model

    def copied(name: str = "aonet", seed: int = 0, **overrides):
        key = (name, seed, *sorted(overrides.items()))
        if key not in built:
            built[key] = build(name, seed, **overrides), torch.get_rng_state()
        model, state = built[key]
        torch.set_rng_state(state)
        return deepcopy(model)

    return copied


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_model, tmp_path_factory):
    """A tiny network's file, for all who do not change it."""
    from aonet_core.model import save_checkpoint

    return save_checkpoint(tmp_path_factory.mktemp("net") / "tiny", tiny_model("aonet_lens"), {})


@pytest.fixture(autouse=True)
def seeded():
    """What a test draws by chance does not depend on those before it."""
    random.seed(0)
    np.random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(scope="session")
def served(tiny_checkpoint, small_samples, tmp_path_factory):
    """An engine server with two engines of a tiny network, for all tests of the session."""
    from tests.engine_server import serving

    home = tmp_path_factory.mktemp("served")
    options = ("--replicas", "2", "--slots", "8", "--waiting", "16")
    with serving(tiny_checkpoint, small_samples, home, options=options) as server:
        yield server
