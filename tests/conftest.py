"""Shared by all tests: small seeded networks, no network access, few threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("mutants", settings.get_profile("suite"), max_examples=15)
settings.load_profile("suite")

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


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


def build_tiny(name: str = "aonet", seed: int = 0, **overrides):
    """Build a small, seeded AONet with a filled memory, in evaluation mode."""
    import torch

    from aonet_core import AONet, preset

    torch.manual_seed(seed)
    settings = {"backbone": "resnet18", "image_size": (64, 32)} | overrides
    model = AONet(preset(name, 5, **settings)).eval()
    images = torch.randn(4, 3, *model.config.image_size)
    output = model(images)
    for _ in range(3):
        model.memory.update(output.landmark_map, output.referenced_response_map)
    return model


@pytest.fixture(scope="session")
def tiny_model():
    """Build a small, seeded AONet with a filled memory, in evaluation mode."""
    return build_tiny


@pytest.fixture(scope="session")
def served(tiny_model, small_samples, tmp_path_factory):
    """An engine server of a tiny network in one process, for all tests of the session."""
    with _serving(tiny_model, small_samples, tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="session")
def served_on_ray(tiny_model, small_samples, tmp_path_factory):
    """The same on Ray, with two engines."""
    home = tmp_path_factory.mktemp("ray")
    with _serving(tiny_model, small_samples, home, "--replicas", "2") as server:
        yield server


def _serving(tiny_model, samples, home, *options):
    from aonet_core.model import save_checkpoint
    from tests.engine_server import serving

    checkpoint = save_checkpoint(home / "tiny", tiny_model("aonet_lens"), {"metrics": {"a": 1.0}})
    options = (*options, "--slots", "8", "--waiting", "16")
    return serving(checkpoint, samples, home, options=options)
