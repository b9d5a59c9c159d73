"""Layers of renders that training pictures are composed of: people, streets, occluders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from aonet_core.data.image_files import read_image, read_labels
from aonet_core.synthetic.mesh import OCCLUDED_BIT

PART_GROUP = np.array([0, 1, 2, 3, 7, 7, 4, 5, 6, 1, 7], np.uint8)
"""Of a mask's part id (head, upper torso, lower torso, left arm, right arm, upper legs, lower legs,
feet, hair, things carried) the group that a landmark stands for, 1 to 6; 0 is background and 7
belongs to the person but to no landmark."""
GROUPS = ("head", "upper torso", "lower torso", "upper legs", "lower legs", "feet")


@dataclass(frozen=True)
class Layer:
    """A person's picture, where it is person, and the street without them.

    Attributes:
        pixels: (256, 128, 3) uint8.
        group: (256, 128) uint8 part group.
        street: (256, 128, 3) uint8, what the person hides filled in softly.
        occluder: (256, 128, 4) uint8 what stood in front, with alpha, or None.
    """

    pixels: np.ndarray
    group: np.ndarray
    street: np.ndarray
    occluder: np.ndarray | None


def read_layers(folder: Path) -> list[Layer]:
    """Read every training picture of a set rendered with `--train-truth`.

    Raises:
        FileNotFoundError: The folder holds no rendered set.
        ValueError: The set has no training pictures, or no masks of them.
    """
    import pandas as pd

    path = folder / "visibility.parquet"
    if not path.is_file():
        raise FileNotFoundError(f"{folder} is no rendered set: it lacks {path.name}")
    table = pd.read_parquet(path)
    table = table[table["split"] == "train"]
    if table.empty or (table["mask"] == "").any():
        raise ValueError(
            f"{folder} has {len(table)} training pictures, {int((table['mask'] == '').sum())} "
            "without a mask: render them with synth --train-truth"
        )
    return [_read(folder, row) for row in table.to_dict("records")]


def _read(folder: Path, row: dict) -> Layer:
    pixels = np.asarray(read_image(folder / (row["twin"] or row["file"])))
    label = read_labels(folder / row["mask"], size=(pixels.shape[1], pixels.shape[0]))
    occluder = None
    if row["twin"] and row["occluder"] != "person":  # of whose parts nothing is known
        front = np.asarray(read_image(folder / row["file"]))
        alpha = (label & OCCLUDED_BIT > 0).astype(np.uint8) * 255
        occluder = np.dstack([front, alpha])
    group = PART_GROUP[label & (OCCLUDED_BIT - 1)]
    free = 1.0 - _grown(group > 0)
    weight = gaussian_filter(free, 10) + 1e-4
    filled = gaussian_filter(pixels * free[..., None], (10, 10, 0)) / weight[..., None]
    street = np.where(free[..., None] > 0, pixels, filled).clip(0, 255).astype(np.uint8)
    return Layer(pixels, group, street, occluder)


def _grown(mask: np.ndarray) -> np.ndarray:
    return (gaussian_filter(mask.astype(np.float32), 2) > 0.02).astype(np.float32)
