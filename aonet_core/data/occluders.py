"""Pasted occluders: shapes of known extent that teach the network to notice a hidden part."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from aonet_core.data.transforms import normalise

SHAPES = ("side", "corner", "window", "ellipse", "bars", "slant")
FILLS = ("colour", "texture", "donor")
HIDDEN_RANGE = (0.1, 0.7)
"""Share of the picture that a pasted occluder covers; others are drawn again."""


def paste_occluder(
    image: Tensor, donor: Tensor, feature_size: tuple[int, int], generator: Generator
) -> tuple[Tensor, Tensor]:
    """Cover a random part of an image.

    A shape (a side, a corner, a window, an ellipse, bars as of a fence, or all beyond a slanted
    line) is filled with a flat colour, a blotchy texture of two colours, or another image's pixels
    from a shifted place, each with the same probability.

    Args:
        image: (3, H, W), normalised.
        donor: (3, H, W), another normalised image.
        feature_size: Height and width of the feature map.
        generator: Where all chance comes from.

    Returns:
        The covered copy (3, H, W), and the visible share (h, w) of each feature pixel in [0, 1].
    """
    height, width = image.shape[1:]
    hidden = _shape(height, width, generator)
    while not HIDDEN_RANGE[0] <= hidden.float().mean() <= HIDDEN_RANGE[1]:
        hidden = _shape(height, width, generator)
    covered = torch.where(hidden, _fill(donor, generator), image)
    visible = functional.adaptive_avg_pool2d(1.0 - hidden.float()[None, None], feature_size)
    return covered, visible[0, 0]


def _uniform(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _integer(count: int, generator: Generator) -> int:
    """Draw from 0 to count - 1."""
    return int(torch.randint(count, (), generator=generator))


def _shape(height: int, width: int, generator: Generator) -> Tensor:
    """Draw which pixels are hidden, (H, W) bool."""
    shape = SHAPES[_integer(len(SHAPES), generator)]
    # Pixel centres in [0, 1] from top to bottom and from left to right.
    y = ((torch.arange(height) + 0.5) / height)[:, None]
    x = ((torch.arange(width) + 0.5) / width)[None, :]
    if shape == "slant":
        angle = _uniform(0, 2 * math.pi, generator)
        beyond = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
        return beyond > _uniform(-0.1, 0.35, generator)
    if shape == "side":
        share, vertical = _uniform(0.2, 0.65, generator), _integer(2, generator)
        along = (y if vertical else x).expand(height, width)
        return along < share if _integer(2, generator) else along > 1 - share
    tall, wide = _uniform(0.2, 0.8, generator), _uniform(0.3, 1.0, generator)
    top, left = _uniform(0, 1 - tall, generator), _uniform(0, 1 - wide, generator)
    if shape == "corner":
        top, left = (1 - tall) * _integer(2, generator), (1 - wide) * _integer(2, generator)
    down, right = (y - top) / tall, (x - left) / wide
    if shape == "ellipse":
        return (down - 0.5) ** 2 + (right - 0.5) ** 2 < 0.25
    box = (down > 0) & (down < 1) & (right > 0) & (right < 1)
    if shape == "bars":
        period, thickness = _uniform(0.06, 0.25, generator), _uniform(0.4, 0.75, generator)
        across = (x if _integer(2, generator) else y) / period
        return box & (across % 1 < thickness)
    return box


def _fill(donor: Tensor, generator: Generator) -> Tensor:
    """Make the occluder's normalised pixels for the whole picture, (3, H, W) or (3, 1, 1)."""
    fill = FILLS[_integer(len(FILLS), generator)]
    height, width = donor.shape[1:]
    if fill == "donor":
        shift = (_integer(height, generator), _integer(width, generator))
        flipped = donor.flip(2) if _integer(2, generator) else donor
        return flipped.roll(shift, dims=(1, 2))
    first, second = torch.rand(2, 3, 1, 1, generator=generator)
    if fill == "colour":
        return normalise(first)
    coarse = 2 ** _integer(6, generator)  # from grain to blotches as large as a body part
    rows, columns = max(2, height // coarse), max(2, width // coarse)
    share = torch.rand(1, 1, rows, columns, generator=generator)
    share = functional.interpolate(share, (height, width), mode="bilinear")[0]
    return normalise(first + (second - first) * share)
