"""Pasted occluders: shapes of known extent that teach the network to notice a hidden part."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from aonet_core.data.transforms import normalise

SHAPES = ("side", "corner", "window", "ellipse", "bars", "slant", "leaves", "person", "person")
FILLS = ("colour", "texture", "mosaic", "donor", "donor")
HIDDEN_RANGE = (0.1, 0.7)
"""Share of the picture that a pasted occluder covers; others are drawn again."""
OUTLINE = (
    (0.00, 0.03, 0.06, 0.16, 0.19, 0.24, 0.55, 0.97, 1.00),
    (0.00, 0.08, 0.13, 0.13, 0.10, 0.28, 0.30, 0.22, 0.00),
)
"""A standing person in a picture cut out around them: half the width at heights from the top."""


def paste_occluder(
    image: Tensor, donor: Tensor, feature_size: tuple[int, int], generator: Generator
) -> tuple[Tensor, Tensor]:
    """Cover a random part of an image.

    A shape (a side, a corner, a window, an ellipse, bars as of a fence, all beyond a slanted line,
    or leaves) is filled with a flat colour, a blotchy texture of two colours, a mosaic, or another
    image's pixels from a shifted place. Or the person of the other image, enlarged and moved, steps
    in front; where they end is guessed from an outline of people. Half of all occluders are brought
    into the light of the image: contrast alone shall not give them away.

    Args:
        image: (3, H, W), normalised.
        donor: (3, H, W), another normalised image.
        feature_size: Height and width of the feature map.
        generator: Where all chance comes from.

    Returns:
        The covered copy (3, H, W), and the visible share (h, w) of each feature pixel in [0, 1].
    """
    hidden, pixels = _occluder(donor, generator)
    while not HIDDEN_RANGE[0] <= hidden.float().mean() <= HIDDEN_RANGE[1]:
        hidden, pixels = _occluder(donor, generator)
    if _integer(2, generator):
        pixels = _in_the_light_of(image, pixels.expand_as(image), generator)
    edge = functional.avg_pool2d(hidden.float()[None, None], 3, 1, 1, count_include_pad=False)[0]
    covered = torch.lerp(image, pixels.expand_as(image), torch.where(hidden, edge, 0.0))
    visible = functional.adaptive_avg_pool2d(1.0 - hidden.float()[None, None], feature_size)
    return covered, visible[0, 0]


def _uniform(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _integer(count: int, generator: Generator) -> int:
    """Draw from 0 to count - 1."""
    return int(torch.randint(count, (), generator=generator))


def _occluder(donor: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw which pixels are hidden, (H, W) bool, and what is seen there, (3, H, W)."""
    shape = SHAPES[_integer(len(SHAPES), generator)]
    if shape == "person":
        return _person(donor, generator)
    height, width = donor.shape[1:]
    hidden = draw_shape(shape, height, width, generator)
    return hidden, _fill(donor, generator)


def _person(donor: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Move the person of another picture: which pixels they cover, and the moved picture."""
    height, width = donor.shape[1:]
    scale = _uniform(0.8, 1.7, generator)
    down, right = _uniform(-0.45, 0.45, generator), _uniform(-0.6, 0.6, generator)
    flip = 1 - 2 * _integer(2, generator)
    # Where each pixel comes from in the other picture, as shares of its height and width.
    y = ((torch.arange(height) + 0.5) / height - 0.5 - down) / scale + 0.5
    x = flip * ((torch.arange(width) + 0.5) / width - 0.5 - right) / scale + 0.5
    half = _uniform(0.85, 1.15, generator) * torch.from_numpy(np.interp(y.numpy(), *OUTLINE))
    hidden = (x[None, :] - 0.5).abs() < half[:, None]
    grid = torch.stack(torch.meshgrid(2 * y - 1, 2 * x - 1, indexing="ij")[::-1], dim=2)
    moved = functional.grid_sample(
        donor[None], grid[None], padding_mode="border", align_corners=False
    )
    return hidden, moved[0]


def draw_shape(shape: str, height: int, width: int, generator: Generator) -> Tensor:
    """Draw which pixels a shape hides, (H, W) bool."""
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
    if shape in ("ellipse", "leaves"):
        ellipse = (down - 0.5) ** 2 + (right - 0.5) ** 2 < 0.25
        if shape == "ellipse":
            return ellipse
        leaf = _uniform(3, 12, generator)  # pixels
        rough = torch.rand(1, 1, int(height / leaf), int(width / leaf) + 1, generator=generator)
        rough = functional.interpolate(rough, (height, width), mode="bilinear")[0, 0]
        return ellipse & (rough > _uniform(0.2, 0.45, generator))
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
    first, second = _colours(2, 1, 1, generator)
    if fill == "colour":
        return normalise(first)
    if fill == "mosaic":
        cells = _colours(1, 1 + _integer(8, generator), 1 + _integer(5, generator), generator)
        return normalise(functional.interpolate(cells, (height, width))[0])
    coarse = 2 ** _integer(6, generator)  # from grain to blotches as large as a body part
    rows, columns = max(2, height // coarse), max(2, width // coarse)
    share = torch.rand(1, 1, rows, columns, generator=generator)
    share = functional.interpolate(share, (height, width), mode="bilinear")[0]
    return normalise(first + (second - first) * share)


def _in_the_light_of(image: Tensor, pixels: Tensor, generator: Generator) -> Tensor:
    """Give pixels about the brightness, the contrast and the grain of an image, and a shade."""
    spread, target = pixels.std(), image.std()
    pixels = (pixels - pixels.mean(dim=(1, 2), keepdim=True)) * (target / spread.clamp_min(0.2))
    centre = image.mean(dim=(1, 2), keepdim=True) + target * _uniform(-0.8, 0.8, generator)
    shade = torch.rand(1, 1, 3, 3, generator=generator) - 0.5
    shade = functional.interpolate(shade, image.shape[1:], mode="bilinear")[0] * target
    grain = torch.randn(image.shape, generator=generator) * _uniform(0.0, 0.12, generator)
    return _uniform(0.5, 1.1, generator) * pixels + centre + shade + grain


def _colours(count: int, rows: int, columns: int, generator: Generator) -> Tensor:
    """Draw colours from grey to vivid, (count, 3, rows, columns) in [0, 1]."""
    grey = torch.rand(count, 1, rows, columns, generator=generator)
    vivid = torch.rand(count, 3, rows, columns, generator=generator)
    saturation = torch.rand(count, 1, rows, columns, generator=generator)
    return grey + saturation * (vivid - grey)
