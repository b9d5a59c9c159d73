"""Tiny training sets of noise, and recipes that take seconds."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from aonet_core.training import TrainingRecipe

SMALL = {
    "backbone": "resnet18",
    "image_size": [64, 32],
    "num_landmarks": 3,
}


def make_noise_set(root, identities, images, validation=False):
    """Write noise images in Market-1501's layout; the training split has `images` of each."""
    rng = np.random.default_rng(0)
    splits = {"bounding_box_train": images, "query": 4, "bounding_box_test": 4}
    if validation:
        splits |= {f"validation/{name}": 4 for name in ("query", "bounding_box_test")}
    for split, count in splits.items():
        (root / split).mkdir(parents=True)
        for pid in range(1, identities + 1):
            for index in range(count):
                pixels = rng.integers(0, 256, (64, 32, 3), dtype=np.uint8)
                path = root / split / f"{pid:04d}_c{index + 1}s1_{index:06d}_00.jpg"
                Image.fromarray(pixels).save(path)
    return root


@pytest.fixture(scope="session")
def noise_set(tmp_path_factory):
    """Five identities of four images each: four steps of 2 x 2 images."""
    return make_noise_set(tmp_path_factory.mktemp("data") / "market1501", 5, 4)


@pytest.fixture
def recipe(noise_set):
    def build(**changes):
        base = TrainingRecipe(
            data=str(noise_set), epochs=3, identities=2, images=2, occluded_images=2, workers=0
        )
        return base.change({**SMALL, **changes})

    return build
