"""Occluders pasted on photographs to measure by: other kinds than those of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from aonet_core.occlusion import shipped_occluders, shipped_picture

HIDDEN_RANGE = (0.1, 0.7)
"""Share of a picture that a cover may hide; others are drawn again."""
TRIES = 50
NEEDS_ANOTHER = ("crop", "street")
KINDS = ("flat", *NEEDS_ANOTHER, "cutout")
"""Half covers of one colour, of another picture, of street texture, and shipped cut-outs."""


@dataclass(frozen=True)
class Covered:
    """A picture with something pasted in front.

    Attributes:
        picture: RGB, of the size of the original.
        hidden: (h, w) bool, where something is in front.
    """

    picture: Image.Image
    hidden: np.ndarray


def cover(
    picture: Image.Image, others: Sequence[Image.Image], kind: str, rng: np.random.Generator
) -> Covered | None:
    """Paste one occluder on a picture.

    Args:
        picture: RGB.
        others: Other pictures, which covers are cut from.
        kind: One of `KINDS`.
        rng: Where all chance comes from.

    Returns:
        The covered copy; None where the kind needs another picture and there is none, or where no
        draw hides a share within `HIDDEN_RANGE`.
    """
    if kind in NEEDS_ANOTHER and not others:
        return None
    for _ in range(TRIES):
        layer = (
            _cutout(picture.size, rng) if kind == "cutout" else _half(picture, others, kind, rng)
        )
        hidden = np.asarray(layer.getchannel("A")) > 127
        if HIDDEN_RANGE[0] <= hidden.mean() <= HIDDEN_RANGE[1]:
            base = picture.convert("RGBA")
            return Covered(Image.alpha_composite(base, layer).convert("RGB"), hidden)
    return None


def _half(
    picture: Image.Image, others: Sequence[Image.Image], kind: str, rng: np.random.Generator
) -> Image.Image:
    """A cover of about half the picture from one side: RGBA, transparent elsewhere."""
    width, height = picture.size
    share = rng.uniform(0.4, 0.55)
    tall, wide = round(share * height), round(share * width)
    left, top, right, bottom = {
        "lower": (0, height - tall, width, height),
        "upper": (0, 0, width, tall),
        "left": (0, 0, wide, height),
        "right": (width - wide, 0, width, height),
    }[str(rng.choice(("lower", "upper", "left", "right")))]
    size = (right - left, bottom - top)
    if kind == "flat":
        fill = Image.new("RGB", size, tuple(int(value) for value in rng.integers(256, size=3)))
    else:
        other = others[int(rng.integers(len(others)))].resize(picture.size)
        fill = (_window if kind == "crop" else _street)(other, size, rng)
    layer = Image.new("RGBA", picture.size)
    layer.paste(fill, (left, top))
    return layer


def _window(other: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Cut a window of that size out of another picture, at any place."""
    left, top = (int(rng.integers(o - s + 1)) for o, s in zip(other.size, size, strict=True))
    return other.crop((left, top, left + size[0], top + size[1]))


def _street(other: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Continue the ground beside another person's feet by mirror images until it fills the size."""
    wide, tall = max(2, other.width // 4), max(2, other.height // 5)
    left = 0 if rng.integers(2) else other.width - wide
    patch = other.crop((left, other.height - tall, left + wide, other.height))
    pair = Image.new("RGB", (2 * wide, 2 * tall))
    for row, strip in enumerate((patch, ImageOps.flip(patch))):
        pair.paste(strip, (0, row * tall))
        pair.paste(ImageOps.mirror(strip), (wide, row * tall))
    sheet = Image.new("RGB", size)
    for top in range(0, size[1], 2 * tall):
        for across in range(0, size[0], 2 * wide):
            sheet.paste(pair, (across, top))
    return sheet


def _cutout(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A shipped cut-out that stands at the lower border: RGBA, transparent elsewhere."""
    names = sorted(shipped_occluders())
    thing = shipped_picture(names[int(rng.integers(len(names)))])
    scale = rng.uniform(0.35, 0.8) * size[1] / thing.height
    thing = thing.resize([max(1, round(scale * side)) for side in thing.size])
    if rng.integers(2):
        thing = ImageOps.mirror(thing)
    layer = Image.new("RGBA", size)
    left = round(rng.uniform(0.2, 0.8) * size[0] - thing.width / 2)
    layer.paste(thing, (left, size[1] - thing.height))
    return layer
