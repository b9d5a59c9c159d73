"""Shared by all tests: small seeded networks, no network access, few threads."""

from __future__ import annotations

import random
import signal
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
    "server": (
        "test_engine_away", "test_map_page", "test_projection", "test_projection_engine",
        "test_projection_reference", "test_engine_contract", "test_engine_faults",
    ),
    "pages": (
        "test_accessibility_browser", "test_failures_browser", "test_journey_browser",
        "test_map_browser", "test_model_views_browser",
    ),
}  # fmt: skip
"""Modules that share a server, or compile UMAP: they stay in one process where there are two."""
GROUPS = {module: group for group, modules in TOGETHER.items() for module in modules}
SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


def pytest_configure():
    """Commands can be interrupted, also where this process was begun with `&`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What starts Ray takes long; a module's tests stay together where there are two processes.

    Modules that take long come first, so that both processes end together.
    """
    for item in items:
        if "served_on_ray" in {*item.fixturenames, *_parameters(item)}:
            item.add_marker(pytest.mark.slow)
        if config.pluginmanager.hasplugin("xdist"):
            group = GROUPS.get(item.path.stem, item.path.as_posix())
            item.add_marker(pytest.mark.xdist_group(group))
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


def _parameters(item):
    """Texts among a test's parameters: fixtures may be asked for by name."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return [value for value in values if isinstance(value, str)]


@pytest.fixture(scope="session")
def small_samples(tmp_path_factory):
    """A few identities of the samples as a set of its own; some of their queries fail.

    The gallery is as large as the rank lists that an evaluation keeps, so that they are whole.
    """
    return part_of_samples(tmp_path_factory.mktemp("samples"))


def part_of_samples(folder):
    """Make a folder the set of a few identities of the samples."""
    import pandas as pd

    table = pd.read_parquet(SAMPLES / "visibility.parquet")
    kept = table["pid"].isin([7001, 7005, 7009, 7011, 7089])
    distractors = table[table["pid"] == 0].head(5)
    pd.concat([table[kept], distractors]).to_parquet(folder / "visibility.parquet")
    for part in SAMPLES.iterdir():
        if part.is_dir():
            (folder / part.name).symlink_to(part)
    return folder


def upright(images):
    """Joints of somebody who stands upright in every picture, without a pose model."""
    rows = np.linspace(0.1, 0.95, 33)
    return np.stack([rows, np.full(33, 0.5)], axis=1)[None].repeat(len(images), axis=0)


def build_tiny(name: str = "aonet", seed: int = 0, **overrides):
    """Build a small, seeded AONet with a filled memory, in evaluation mode."""
    import torch

    from aonet_core import AONet, preset

    torch.manual_seed(seed)
    settings = {"backbone": "resnet18", "image_size": (64, 32)} | overrides
    model = AONet(preset(name, 5, **settings)).eval()
    if name == "base_pose":
        model.joints.read = upright
    images = torch.randn(4, 3, *model.config.image_size)
    output = model(images)
    for _ in range(3):
        model.memory.update(output.landmark_map, output.referenced_response_map)
    return model


@pytest.fixture(scope="session")
def tiny_model():
    """What `build_tiny` makes.

    Each kind is built once; a caller gets a copy, and torch's random numbers as after building.
    """
    import torch

    built = {}

    def copied(name: str = "aonet", seed: int = 0, **overrides):
        key = (name, seed, *sorted(overrides.items()))
        if key not in built:
            built[key] = build_tiny(name, seed, **overrides), torch.get_rng_state()
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
    """An engine server of a tiny network in one process, for all tests of the session."""
    with _serving(tiny_checkpoint, small_samples, tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="session")
def served_on_ray(tiny_checkpoint, small_samples, tmp_path_factory):
    """The same on Ray, with two engines."""
    home = tmp_path_factory.mktemp("ray")
    with _serving(tiny_checkpoint, small_samples, home, "--replicas", "2") as server:
        yield server


def _serving(checkpoint, samples, home, *options):
    from tests.engine_server import serving

    options = (*options, "--slots", "8", "--waiting", "16")
    return serving(checkpoint, samples, home, options=options)
