"""People that covers are cut from: rendered ones, and those of the user's own pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.nn import functional

from aonet_core.data.image_files import read_image
from aonet_core.synthetic.picture import SIZE, take_picture
from aonet_core.training.parts.layers import PART_GROUP

RENDERED = 24
"""Rendered people, to remember renders by; each stands in front of others, too."""
TOWN, CAMERAS = 977, 6
"""Seed of the rendered people, which no shipped set has, and how many cameras see them."""


@dataclass(frozen=True)
class Person:
    """A picture of somebody, and where it shows them.

    Attributes:
        pixels: (256, 128, 3) uint8.
        group: (256, 128) uint8: background, the six parts, or the rest of a person (0 to 7).
        alpha: (256, 128) uint8, to cut the person out.
    """

    pixels: np.ndarray
    group: np.ndarray
    alpha: np.ndarray


@cache
def rendered_people(count: int = RENDERED) -> tuple[Person, ...]:
    """Render people with nothing in front of them."""
    return tuple(_rendered(number) for number in range(count))


def _rendered(number: int) -> Person:
    picture = take_picture(TOWN, 1 + number, 1 + number % CAMERAS, 0, occluded=False)
    group = PART_GROUP[picture.label]
    soft = gaussian_filter(255.0 * (group > 0), 0.7)
    return Person(np.asarray(read_image(picture.jpeg)), group, soft.astype(np.uint8))


def found_people(pixels: Tensor, parts: Tensor) -> list[Person]:
    """Tell where pictures show parts of people, by what a network sees in them.

    Args:
        pixels: (N, 3, 256, 128) uint8.
        parts: (N, 8, H, W) chances of background, the six parts, and the rest of anybody.
    """
    return [_person(*each) for each in zip(pixels, parts, strict=True)]


def _person(pixels: Tensor, parts: Tensor) -> Person:
    fine = functional.interpolate(parts[None].float(), SIZE, mode="bilinear")[0]
    alpha = (255 * (1 - fine[0])).to(torch.uint8).numpy()
    group = fine.argmax(dim=0).to(torch.uint8).numpy()
    return Person(pixels.permute(1, 2, 0).numpy(), group, alpha)


def as_pixels(people: Sequence[Person]) -> Tensor:
    """Their pictures, (N, 3, 256, 128) uint8."""
    return torch.from_numpy(np.stack([each.pixels for each in people])).permute(0, 3, 1, 2)
