"""Covers pasted on pictures to learn from; those that awareness is measured by are others.

`analysis.photographs.covers` holds the latter. Street texture and the shipped cut-outs are in them
alone; one colour and windows of other pictures are in both, of other shapes here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.adaptation.people import Person
from aonet_core.data.occluders import SHAPES, draw_shape
from aonet_core.training.parts.backgrounds import colour, texture
from aonet_core.training.parts.camera import SIZE, light, look

HIDDEN_RANGE = (0.06, 0.75)
"""Share of a picture that a cover may hide; others are drawn again."""
TRIES = 50
KINDS = ("colour", "texture", "window")
"""Shapes of one colour, of texture, of another picture."""
IN_FRONT = "rendered"
"""A rendered person in front; renders are covered by them as well."""


@dataclass(frozen=True)
class Pasted:
    """A picture with something in front.

    Attributes:
        kind: One of `KINDS`, or `IN_FRONT`.
        pixels: (256, 128, 3) uint8.
        hidden: (256, 128) bool, where something is in front.
        front: (256, 128) uint8: of whom or what is in front, the group as in `Person`.
        mirrored: Whether all of them were mirrored in the end.
    """

    kind: str
    pixels: np.ndarray
    hidden: np.ndarray
    front: np.ndarray
    mirrored: bool


Layer = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Pixels (256, 128, 3), what shows of them (256, 128) in [0, 1], and groups (256, 128)."""


def paste(
    people: Sequence[Person],
    index: int,
    rng: np.random.Generator,
    kinds: Sequence[str] = KINDS,
) -> Pasted:
    """Paste a cover on a picture, and look at both with a camera of any kind, or as they are.

    Args:
        people: Pictures, of which others than the one to cover give windows.
        index: Which of them to cover.
        rng: Where all chance comes from.
        kinds: Of `KINDS` and `IN_FRONT`, which to draw from.
    """
    canvas = people[index].pixels.astype(np.float32)
    others = [each for row, each in enumerate(people) if row != index]
    for _ in range(TRIES):
        kind = str(rng.choice(kinds))
        pixels, alpha, front = MAKERS[kind](others, rng)
        if HIDDEN_RANGE[0] <= (alpha > 0.5).mean() <= HIDDEN_RANGE[1]:
            break
    if rng.random() < 0.5:  # contrast alone shall not give it away
        level = canvas.mean(axis=(0, 1)) + rng.normal(0, 25)
        pixels = (pixels - pixels.mean(axis=(0, 1))) * rng.uniform(0.5, 1.1) + level
    canvas = (canvas + (pixels - canvas) * alpha[..., None]).clip(0, 255)
    covered = look(canvas, rng) if rng.random() < 0.5 else canvas.astype(np.uint8)
    hidden = alpha > 0.5
    front = np.where(hidden, front, 0).astype(np.uint8)
    mirrored = bool(rng.random() < 0.5)
    if mirrored:
        covered, hidden, front = covered[:, ::-1], hidden[:, ::-1], front[:, ::-1]
    return Pasted(kind, covered, hidden, front, mirrored)


def _one(people: Sequence[Person], rng: np.random.Generator) -> Person:
    return people[int(rng.integers(len(people)))]


def _shape(rng: np.random.Generator) -> np.ndarray:
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
    shape = "side" if rng.random() < 0.35 else SHAPES[rng.integers(len(SHAPES) - 2)]
    hidden = draw_shape(shape, *SIZE, generator).expand(SIZE).numpy().astype(np.float32)
    return gaussian_filter(hidden, rng.uniform(0.3, 2.0))


def _colour(_: Sequence[Person], rng: np.random.Generator) -> Layer:
    drawn = colour(rng) if rng.random() < 0.5 else rng.uniform(0, 255, 3)
    return np.broadcast_to(drawn, (*SIZE, 3)), _shape(rng), np.zeros(SIZE, np.uint8)


def _texture(_: Sequence[Person], rng: np.random.Generator) -> Layer:
    return texture(rng), _shape(rng), np.zeros(SIZE, np.uint8)


def _window(others: Sequence[Person], rng: np.random.Generator) -> Layer:
    """A window of another picture, as large as it is, or enlarged."""
    other = _one(others, rng)
    height, width = SIZE
    if rng.random() < 0.5:
        away = rng.integers((-height // 2, -width // 2), (height // 2 + 1, width // 2 + 1))
        pixels, front = (np.roll(each, away, (0, 1)) for each in (other.pixels, other.group))
        return pixels.astype(np.float32), _shape(rng), front
    tall, wide = rng.uniform(0.5, 1.0, 2) * SIZE
    top, left = rng.uniform(0, 1, 2) * (height - tall, width - wide)
    box = (left, top, left + wide, top + tall)
    pixels, front = (
        np.asarray(Image.fromarray(each).resize((width, height), how, box))
        for each, how in (
            (other.pixels, Image.Resampling.BILINEAR),
            (other.group, Image.Resampling.NEAREST),
        )
    )
    return pixels.astype(np.float32), _shape(rng), front


def _in_front(others: Sequence[Person], rng: np.random.Generator) -> Layer:
    """Somebody nearer: larger, lower in the picture, and to one side."""
    person = _one(others, rng)
    pixels = light(person.pixels.astype(np.float32), rng, 0.25).clip(0, 255).astype(np.uint8)
    near = np.exp(rng.exponential(0.15)) if rng.random() < 0.7 else rng.uniform(0.8, 1.6)
    height, width = SIZE
    x = width / 2 + rng.choice([-1, 1]) * rng.uniform(0.0, 0.6) * width
    y = height / 2 + rng.uniform(-0.03, 0.35) * height
    across, down = rng.choice([-1, 1]) / near, 1 / near
    matrix = (across, 0, width / 2 - across * x, 0, down, height / 2 - down * y)
    layers = np.dstack([pixels, person.alpha]), person.group
    hows = Image.Resampling.BILINEAR, Image.Resampling.NEAREST
    moved, front = (
        np.asarray(
            Image.fromarray(each).transform((width, height), Image.Transform.AFFINE, matrix, how)
        )
        for each, how in zip(layers, hows, strict=True)
    )
    return moved[..., :3].astype(np.float32), moved[..., 3].astype(np.float32) / 255, front


MAKERS: dict[str, Callable[[Sequence[Person], np.random.Generator], Layer]] = {
    "colour": _colour,
    "texture": _texture,
    "window": _window,
    IN_FRONT: _in_front,
}
