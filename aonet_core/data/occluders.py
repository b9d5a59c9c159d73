"""Pasted occluders: rectangles of known extent that teach the network to notice a hidden part."""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional

from aonet_core.data.transforms import normalise

PLACES = ("side", "corner", "window")
FILLS = ("colour", "noise", "donor")


def paste_occluder(
    image: Tensor, donor: Tensor, feature_size: tuple[int, int], generator: Generator
) -> tuple[Tensor, Tensor]:
    """Cover a random part of an image.

    A side, a corner or a window somewhere is filled with a flat colour, noise, or another image's
    pixels from anywhere in it, each with the same probability.

    Args:
        image: (3, H, W), normalised.
        donor: (3, H, W), another normalised image.
        feature_size: Height and width of the feature map.
        generator: Where all chance comes from.

    Returns:
        The covered copy (3, H, W), and the visible share (h, w) of each feature pixel in [0, 1].
    """
    height, width = image.shape[1:]
    top, left, rows, columns = _place(height, width, generator)
    patch = _fill(donor, rows, columns, generator)
    covered = image.clone()
    covered[:, top : top + rows, left : left + columns] = patch
    visible = torch.ones(1, 1, height, width)
    visible[..., top : top + rows, left : left + columns] = 0.0
    return covered, functional.adaptive_avg_pool2d(visible, feature_size)[0, 0]


def _uniform(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _integer(count: int, generator: Generator) -> int:
    """Draw from 0 to count - 1."""
    return int(torch.randint(count, (), generator=generator))


def _place(height: int, width: int, generator: Generator) -> tuple[int, int, int, int]:
    """Draw top, left, height and width of the occluder, in pixels."""
    place = PLACES[_integer(len(PLACES), generator)]
    low, high = {"side": (0.2, 0.6), "corner": (0.3, 0.7), "window": (0.2, 0.6)}[place]
    rows = max(1, round(height * _uniform(low, high, generator)))
    columns = max(1, round(width * _uniform(low, high, generator)))
    top, left = _integer(height - rows + 1, generator), _integer(width - columns + 1, generator)
    if place == "window":
        return top, left, rows, columns
    far_top, far_left = (height - rows) * _integer(2, generator), width - columns
    far_left *= _integer(2, generator)
    if place == "corner":
        return far_top, far_left, rows, columns
    if _integer(2, generator):
        return far_top, 0, rows, width
    return 0, far_left, height, columns


def _fill(donor: Tensor, rows: int, columns: int, generator: Generator) -> Tensor:
    """Make the occluder's normalised pixels, (3, 1 or rows, 1 or columns)."""
    fill = FILLS[_integer(len(FILLS), generator)]
    if fill == "colour":
        return normalise(torch.rand(3, 1, 1, generator=generator))
    if fill == "noise":
        return normalise(torch.rand(3, rows, columns, generator=generator))
    height, width = donor.shape[1:]
    top = _integer(height - rows + 1, generator)
    left = _integer(width - columns + 1, generator)
    return donor[:, top : top + rows, left : left + columns]
