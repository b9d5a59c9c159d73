"""Training pictures composed of rendered layers, with the truth of every pixel.

A person cut out of a render is placed, loosely boxed, before another background, perhaps beside a
passer-by or behind an occluder; then a camera of any kind looks at it. What the renders of one town
have in common (light, sharpness, framing, streets) is thereby no longer the same in any two
pictures: networks shall learn the parts of people, not the look of our renders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.data.occluders import SHAPES, draw_shape
from aonet_core.training.parts.camera import SIZE, light, look
from aonet_core.training.parts.layers import Layer


@dataclass(frozen=True)
class Composed:
    """A composed picture and its truth.

    Attributes:
        pixels: (256, 128, 3) uint8.
        group: (256, 128) uint8: part group where the person is seen, 0 elsewhere.
        visible: (6,) share seen of each part, nan where the person's picture has none of it.
    """

    pixels: np.ndarray
    group: np.ndarray
    visible: np.ndarray


def compose(layers: list[Layer], rng: np.random.Generator, occluded: float = 0.65) -> Composed:
    """Compose one picture; all chance comes from `rng`.

    Args:
        layers: People to draw from.
        rng: Where chance comes from.
        occluded: Chance of an occluder.
    """
    layer = layers[rng.integers(len(layers))]
    if rng.random() < 0.35:  # as the camera framed it, or closer
        matrix = _placing(rng, (1.0, 1.2), 0.06, stretch=1.08)
        canvas = _moved(layer.pixels, matrix).astype(np.float32)
        group = _moved(layer.group, matrix, nearest=True)
    else:
        canvas = _street(layers, rng)
        if rng.random() < 0.25:
            canvas = _passer_by(layers, rng, canvas, behind=True)[0]
        matrix = _placing(rng, (0.55, 1.12), 0.12, stretch=1.25)
        canvas, group = _person(layer, rng, canvas, matrix)
    area = abs(matrix[0] * matrix[4] - matrix[1] * matrix[3])  # source pixels a pixel
    whole = np.bincount(layer.group.ravel(), minlength=8)[1:7] / area
    if rng.random() < occluded:
        canvas, hidden = _occlude(layers, rng, canvas)
        group = np.where(hidden > 0.5, 0, group)
    seen = np.bincount(group.ravel(), minlength=8)[1:7]
    with np.errstate(invalid="ignore", divide="ignore"):
        visible = np.where(whole > 30, np.minimum(seen / whole, 1.0), np.nan)
    return Composed(look(canvas, rng), group.astype(np.uint8), visible.astype(np.float32))


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


def _street(layers: list[Layer], rng) -> np.ndarray:
    """A background: another street, stretched; or textures of every grain."""
    if rng.random() < 0.55:
        street = Image.fromarray(layers[rng.integers(len(layers))].street)
        zoom = rng.uniform(0.35, 1.0)
        width, height = 128 * zoom, 256 * zoom
        left, top = rng.uniform(0, 128 - width), rng.uniform(0, 256 - height)
        box = (left, top, left + width, top + height)
        canvas = np.asarray(street.resize((128, 256), Image.Resampling.BICUBIC, box), np.float32)
    else:
        canvas = _texture(rng)
        if rng.random() < 0.6:  # ground below a wall
            edge = int(256 * rng.uniform(0.1, 0.9))
            canvas[edge:] = _texture(rng)[edge:]
    return light(canvas, rng, 0.25)


def _texture(rng) -> np.ndarray:
    """Noise of several grains between two or three colours, (256, 128, 3) float32."""
    share = np.zeros(SIZE, np.float32)
    for _ in range(rng.integers(1, 4)):
        rows = int(2 ** rng.uniform(1, 7))
        columns = max(2, int(rows * rng.choice([0.25, 0.5, 0.5, 2])))
        cells = rng.random((rows, min(columns, 128)), dtype=np.float32)
        how = rng.choice([Image.Resampling.NEAREST, Image.Resampling.BICUBIC])
        share += np.asarray(Image.fromarray(cells).resize(SIZE[::-1], int(how))) * rng.random()
    if rng.random() < 0.3:
        along = np.arange(256)[:, None] if rng.random() < 0.5 else np.arange(128)[None, :]
        share = share + (np.sin(along / rng.uniform(1.5, 12)) > rng.uniform(-0.8, 0.8))
    low, high = share.min(), share.max()
    share = ((share - low) / max(high - low, 1e-3))[..., None]
    first, second = _colour(rng), _colour(rng)
    return (first + (second - first) * share).astype(np.float32)


def _colour(rng) -> np.ndarray:
    grey = rng.uniform(10, 245)
    return grey + rng.beta(1, 3) * (rng.uniform(0, 255, 3) - grey)


def _recolour(pixels: np.ndarray, group: np.ndarray, rng) -> np.ndarray:
    """Another colour, or a pattern, for the clothes of the upper or of the lower body."""
    for parts in ((2, 3, 7), (4, 5)):
        if rng.random() < 0.35:
            inside = np.isin(group, parts)
            if not inside.any():
                continue
            shade = pixels[inside].mean(axis=1, keepdims=True)
            shade = shade / max(shade.mean(), 1.0)
            cloth = _texture(rng)[inside] if rng.random() < 0.4 else _colour(rng)
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


def _passer_by(layers, rng, canvas, behind: bool) -> tuple[np.ndarray, np.ndarray]:
    """Another person, to one side; before or behind."""
    other = layers[rng.integers(len(layers))]
    matrix = np.array(_placing(rng, (0.5, 1.0) if behind else (0.8, 1.6), 0.1, 1.2))
    height, width = SIZE
    side = rng.choice([-1, 1]) * rng.uniform(0.3, 0.65) * width
    down = rng.uniform(-0.3, 0.3) * height if behind else rng.uniform(-0.2, 0.5) * height
    matrix[2] -= matrix[0] * side + matrix[1] * down
    matrix[5] -= matrix[3] * side + matrix[4] * down
    result, group = _person(other, rng, canvas, tuple(matrix))
    return result, (group > 0).astype(np.float32)


def _occlude(layers, rng, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put something in front: a shape, a person, or what stood before another person."""
    for _ in range(20):
        kind = rng.random()
        if kind < 0.3:
            result, hidden = _passer_by(layers, rng, canvas, behind=False)
        elif kind < 0.42:
            result, hidden = _rendered(layers, rng, canvas)
        else:
            result, hidden = _pasted(layers, rng, canvas)
        if 0.06 < hidden.mean() < 0.75:
            break
    return result, hidden


def _rendered(layers, rng, canvas) -> tuple[np.ndarray, np.ndarray]:
    fronts = [layer.occluder for layer in layers if layer.occluder is not None]
    if not fronts:
        return _pasted(layers, rng, canvas)
    front = fronts[rng.integers(len(fronts))]
    moved = _moved(front, _placing(rng, (0.8, 1.6), 0.25, 1.3)).astype(np.float32)
    alpha = gaussian_filter(moved[..., 3] / 255, 0.6)
    pixels = light(moved[..., :3], rng, 0.25)
    return canvas + (pixels - canvas) * alpha[..., None], (alpha > 0.5).astype(np.float32)


def _pasted(layers, rng, canvas) -> tuple[np.ndarray, np.ndarray]:
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
    shape = "side" if rng.random() < 0.35 else SHAPES[rng.integers(len(SHAPES) - 2)]
    hidden = draw_shape(shape, *SIZE, generator).expand(SIZE).numpy().astype(np.float32)
    kind = rng.random()
    if kind < 0.25:
        pixels = np.broadcast_to(_colour(rng), (*SIZE, 3)).astype(np.float32)
    elif kind < 0.45:
        pixels = _texture(rng)
    elif kind < 0.6:
        pixels = _street(layers, rng)
    else:  # a part of another picture, anywhere
        other = Image.fromarray(layers[rng.integers(len(layers))].pixels)
        down, across = rng.uniform(0.4, 1.1, 2) * SIZE
        top, left = rng.uniform(-0.1, 1, 2) * np.maximum(np.array(SIZE) - (down, across), 0)
        box = (max(left, 0), max(top, 0), min(left + across, 128), min(top + down, 256))
        pixels = np.asarray(other.resize(SIZE[::-1], Image.Resampling.BILINEAR, box), np.float32)
        pixels = light(pixels, rng, 0.25)
    if rng.random() < 0.5:  # in the light of the picture: contrast alone shall not give it away
        level = canvas.mean((0, 1)) + rng.normal(0, 25)
        pixels = (pixels - pixels.mean((0, 1))) * rng.uniform(0.5, 1.1) + level
    alpha = gaussian_filter(hidden, rng.uniform(0.3, 1.2))[..., None]
    return canvas + (pixels - canvas) * alpha, hidden
