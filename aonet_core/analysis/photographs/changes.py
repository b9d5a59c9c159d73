"""Changes of a picture that hide nobody: awareness should hardly notice them."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from aonet_core.data.image_files import read_image

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _jpeg(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=60)
    return read_image(stored.getvalue())


def _lighter(factor: float) -> Change:
    return lambda picture, _: picture.point(lambda value: min(255, round(factor * value)))


def _looser(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    """Add 5 % on every side; what lies beyond the border is guessed as its mirror image."""
    down, across = (max(1, round(0.05 * side)) for side in (picture.height, picture.width))
    pixels = np.pad(np.asarray(picture), ((down, down), (across, across), (0, 0)), mode="symmetric")
    return Image.fromarray(pixels)


def _half_resolution(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    half = (max(1, picture.width // 2), max(1, picture.height // 2))
    return picture.resize(half, Image.Resampling.BOX).resize(
        picture.size, Image.Resampling.BILINEAR
    )


def _noisy(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float32)
    noisy = pixels + rng.normal(0.0, 4.0, pixels.shape)
    return Image.fromarray(noisy.round().clip(0, 255).astype(np.uint8))


ROBUSTNESS: dict[str, Change] = {
    "flip": lambda picture, _: ImageOps.mirror(picture),
    "jpeg_60": _jpeg,
    "brightness_minus_40": _lighter(0.6),
    "brightness_plus_40": _lighter(1.4),
    "looser_box": _looser,
}
"""What a camera or a detector may do differently: each maps an RGB picture to another."""
QUALITY: dict[str, Change] = {
    "half_resolution": _half_resolution,
    "blur_1_pixel": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(1.0)),
    "noise_4_levels": _noisy,
}
"""What a worse camera does, measured in the picture's own pixels."""
