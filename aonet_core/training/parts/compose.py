"""Training pictures composed of rendered layers, with the truth of every pixel.

A person cut out of a render is placed, loosely boxed, before another background, perhaps beside a
passer-by or behind an occluder; then a camera of any kind looks at it. What the renders of one town
have in common (light, sharpness, framing, streets) is thereby no longer the same in any two
pictures: networks shall learn the parts of people, not the look of our renders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.data.occluders import SHAPES, draw_shape
from aonet_core.training.parts.backgrounds import colour, street, texture
from aonet_core.training.parts.camera import SIZE, light, look
from aonet_core.training.parts.layers import Layer


@dataclass(frozen=True)
class Composed:
    """A composed picture and its truth.

    Attributes:
        pixels: (256, 128, 3) uint8.
        group: (256, 128) uint8: part group where the person is seen, 0 elsewhere.
        other: (256, 128) uint8: part group where anybody else is seen, 0 elsewhere.
        visible: (6,) share seen of each part, nan where the person's picture has none of it.
    """

    pixels: np.ndarray
    group: np.ndarray
    other: np.ndarray
    visible: np.ndarray


def compose(layers: Sequence[Layer], rng: np.random.Generator, occluded: float = 0.65) -> Composed:
    """Compose one picture; all chance comes from `rng`.

    Args:
        layers: People to draw from.
        rng: Where chance comes from.
        occluded: Chance of an occluder.
    """
    layer = layers[int(rng.integers(len(layers)))]
    other = np.zeros(SIZE, np.uint8)
    if rng.random() < 0.35:  # as the camera framed it, or closer
        matrix = _placing(rng, (1.0, 1.15), 0.05, stretch=1.08)
        canvas = _moved(layer.pixels, matrix).astype(np.float32)
        group = _moved(layer.group, matrix, nearest=True)
    else:
        matrix = _placing(rng, (0.6, 1.12), 0.1, stretch=1.25)
        canvas = street(layers, rng)
        for _ in range(rng.choice(3, p=(0.5, 0.35, 0.15))):
            canvas, behind = _passer_by(layers, rng, canvas, matrix, behind=True)
            other = np.where(behind > 0, behind, other)
        canvas, group = _person(layer, rng, canvas, matrix)
        other = np.where(group > 0, 0, other)
    area = abs(matrix[0] * matrix[4] - matrix[1] * matrix[3])  # source pixels a pixel
    whole = np.bincount(layer.group.ravel(), minlength=8)[1:7] / area
    if rng.random() < occluded:
        canvas, hidden, front = _occlude(layers, rng, canvas, matrix)
        group = np.where(hidden > 0.5, 0, group)
        other = np.where(hidden > 0.5, front, other)
    free = np.bincount(group.ravel(), minlength=8)[1:7]
    with np.errstate(invalid="ignore", divide="ignore"):
        visible = np.where(whole > 30, np.minimum(free / whole, 1.0), np.nan)
    group, other = (each.astype(np.uint8) for each in (group, other))
    return Composed(look(canvas, rng), group, other, visible.astype(np.float32))


def _placing(rng, scale: tuple[float, float], shift: float, stretch: float) -> tuple[float, ...]:
    """Draw the affine map from a pixel of the picture to one of the layer (Pillow's order)."""
    down = rng.uniform(*scale)
    across = down * np.exp(rng.uniform(-1, 1) * np.log(stretch))
    angle = rng.normal(0, 0.04)
    flip = rng.choice([-1, 1])
    height, width = SIZE
    x = width * (0.5 + rng.uniform(-shift, shift))
    y = height * (0.5 + rng.uniform(-shift, shift) * 0.6)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b, d, e = flip * cos / across, flip * sin / across, -sin / down, cos / down
    return (a, b, width / 2 - a * x - b * y, d, e, height / 2 - d * x - e * y)


def _moved(pixels: np.ndarray, matrix, nearest: bool = False) -> np.ndarray:
    how = Image.Resampling.NEAREST if nearest else Image.Resampling.BILINEAR
    image = Image.fromarray(pixels)
    return np.asarray(image.transform(SIZE[::-1], Image.Transform.AFFINE, matrix, how))


def _recolour(pixels: np.ndarray, group: np.ndarray, rng) -> np.ndarray:
    """Another colour, or a pattern, for the clothes of the upper or of the lower body."""
    for parts in ((2, 3, 7), (4, 5)):
        if rng.random() < 0.35:
            inside = np.isin(group, parts)
            if not inside.any():
                continue
            shade = pixels[inside].mean(axis=1, keepdims=True)
            shade = shade / max(shade.mean(), 1.0)
            cloth = texture(rng)[inside] if rng.random() < 0.4 else colour(rng)
            pixels[inside] = cloth * shade
    return pixels


def _person(layer: Layer, rng, canvas: np.ndarray, matrix) -> tuple[np.ndarray, np.ndarray]:
    pixels = _recolour(layer.pixels.astype(np.float32), layer.group, rng)
    pixels = light(pixels, rng, 0.2).clip(0, 255).astype(np.uint8)
    solid = ((layer.group > 0) * 255).astype(np.uint8)
    soft = gaussian_filter(solid.astype(np.float32), 0.7).clip(0, 255).astype(np.uint8)
    moved = _moved(np.dstack([pixels, soft]), matrix).astype(np.float32)
    alpha = moved[..., 3:] / 255
    group = _moved(layer.group, matrix, nearest=True)
    return canvas + (moved[..., :3] - canvas) * alpha, group


def _passer_by(layers, rng, canvas, matrix, behind: bool) -> tuple[np.ndarray, np.ndarray]:
    """Another person, to one side; before or behind the one that `matrix` places.

    Returns:
        The canvas, and the part groups of the other person, (256, 128).
    """
    other = layers[int(rng.integers(len(layers)))]
    if rng.random() < 0.65:  # on the same ground: nearer is larger, and lower
        away = rng.uniform(0.45, 1.0) if behind else np.exp(rng.exponential(0.15))
        place = np.array(matrix) / away
        side = rng.choice([-1, 1]) * rng.uniform(0.3 if behind else 0.0, 1.0) * SIZE[1] / 2
        down = rng.uniform(-0.2, 0.0) if behind else rng.uniform(-0.03, 0.3)
        if rng.random() < 0.5:
            place[[0, 3]] *= -1
        x, y = _middle(matrix) + (side, down * SIZE[0])
        place[2] = SIZE[1] / 2 - place[0] * x - place[1] * y
        place[5] = SIZE[0] / 2 - place[3] * x - place[4] * y
    else:
        place = np.array(_placing(rng, (0.5, 1.0) if behind else (0.8, 1.6), 0.1, 1.2))
        height, width = SIZE
        side = rng.choice([-1, 1]) * rng.uniform(0.25, 0.65) * width
        down = rng.uniform(-0.3, 0.3) * height if behind else rng.uniform(-0.2, 0.5) * height
        place[2] -= place[0] * side + place[1] * down
        place[5] -= place[3] * side + place[4] * down
    return _person(other, rng, canvas, tuple(place))


def _middle(matrix) -> np.ndarray:
    """Column and row of the picture at which the middle of a placed layer lies."""
    a, b, c, d, e, f = matrix
    return np.linalg.solve([[a, b], [d, e]], [SIZE[1] / 2 - c, SIZE[0] / 2 - f])


def _occlude(layers, rng, canvas: np.ndarray, matrix) -> tuple[np.ndarray, ...]:
    """Put something in front: a shape, people, or what stood before another person.

    Returns:
        The canvas, where something is in front, and part groups of people there.
    """
    for _ in range(20):
        kind = rng.random()
        if kind < 0.4:
            result, front = _passer_by(layers, rng, canvas, matrix, behind=False)
            hidden = (front > 0).astype(np.float32)
        elif kind < 0.52 and any(layer.occluder is not None for layer in layers):
            result, hidden = _rendered(layers, rng, canvas)
            front = np.zeros(SIZE, np.uint8)
        else:
            result, hidden, front = _pasted(layers, rng, canvas)
        if 0.06 < hidden.mean() < 0.75:
            break
    return result, hidden, front


def _rendered(layers, rng, canvas) -> tuple[np.ndarray, np.ndarray]:
    fronts = [layer.occluder for layer in layers if layer.occluder is not None]
    front = fronts[rng.integers(len(fronts))]
    moved = _moved(front, _placing(rng, (0.8, 1.6), 0.25, 1.3)).astype(np.float32)
    alpha = gaussian_filter(moved[..., 3] / 255, 0.6)
    pixels = light(moved[..., :3], rng, 0.25)
    return canvas + (pixels - canvas) * alpha[..., None], (alpha > 0.5).astype(np.float32)


def _pasted(layers, rng, canvas) -> tuple[np.ndarray, ...]:
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
    shape = "side" if rng.random() < 0.35 else SHAPES[rng.integers(len(SHAPES) - 2)]
    hidden = draw_shape(shape, *SIZE, generator).expand(SIZE).numpy().astype(np.float32)
    front = np.zeros(SIZE, np.uint8)
    kind = rng.random()
    if kind < 0.2:
        pixels = np.broadcast_to(colour(rng), (*SIZE, 3)).astype(np.float32)
    elif kind < 0.35:
        pixels = texture(rng)
    elif kind < 0.5:
        pixels = street(layers, rng)
    else:  # a part of another picture, anywhere
        layer = layers[rng.integers(len(layers))]
        down, across = rng.uniform(0.4, 1.1, 2) * SIZE
        top, left = rng.uniform(-0.1, 1, 2) * np.maximum(np.array(SIZE) - (down, across), 0)
        box = (max(left, 0), max(top, 0), min(left + across, 128), min(top + down, 256))
        other, parts = Image.fromarray(layer.pixels), Image.fromarray(layer.group)
        pixels = np.asarray(other.resize(SIZE[::-1], Image.Resampling.BILINEAR, box), np.float32)
        front = np.asarray(parts.resize(SIZE[::-1], Image.Resampling.NEAREST, box))
        pixels = light(pixels, rng, 0.25)
    if rng.random() < 0.5:  # in the light of the picture: contrast alone shall not give it away
        level = canvas.mean((0, 1)) + rng.normal(0, 25)
        pixels = (pixels - pixels.mean((0, 1))) * rng.uniform(0.5, 1.1) + level
    alpha = gaussian_filter(hidden, rng.uniform(0.3, 1.2))[..., None]
    return canvas + (pixels - canvas) * alpha, hidden, np.where(hidden > 0.5, front, 0)
