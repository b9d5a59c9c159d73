"""The cameras that look at composed pictures: light, lens, sensor, resolution, compression."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.data.image_files import read_image

SIZE = (256, 128)
"""Height and width of a picture."""
_RESAMPLING = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.BOX)


def light(canvas: np.ndarray, rng, strength: float) -> np.ndarray:
    """Another brightness, contrast, saturation and cast of a layer."""
    gain = np.exp(rng.normal(0, strength)) * np.exp(rng.normal(0, strength / 3, 3))
    mean = canvas.mean(axis=(0, 1), keepdims=True)
    contrast = np.exp(rng.normal(0, strength * 0.7))
    canvas = (canvas - mean) * contrast + mean * gain
    grey = canvas.mean(axis=2, keepdims=True)
    return grey + (canvas - grey) * rng.uniform(1 - 2 * strength, 1 + 2 * strength)


def look(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Look at a scene with a camera of any kind: light, lens, sensor, resolution, compression."""
    image = canvas
    if rng.random() < 0.3:  # a shade across the picture
        corner = rng.uniform(0.5, 1.3, (2, 2)).astype(np.float32)
        shade = Image.fromarray(corner).resize(SIZE[::-1], Image.Resampling.BILINEAR)
        image = image * np.asarray(shade)[..., None]
    if rng.random() < 0.8:
        image = light(image, rng, 0.2)
        gamma = np.exp(rng.normal(0, 0.2))
        image = 255 * (image.clip(0, 255) / 255) ** gamma
    image = image.clip(0, 255).astype(np.float32)
    if rng.random() < 0.35:
        blur = rng.uniform(0.3, 1.6)
        motion = (blur, blur * rng.uniform(0.2, 2.0)) if rng.random() < 0.4 else (blur, blur)
        image = gaussian_filter(image, (*motion, 0))
    picture = Image.fromarray(image.astype(np.uint8))
    if rng.random() < 0.6:
        rows = int(np.exp(rng.uniform(np.log(40), np.log(220))))
        columns = max(16, int(rows * rng.uniform(0.35, 0.6)))
        picture = picture.resize((columns, rows), _RESAMPLING[rng.integers(3)])
        if rng.random() < 0.5:
            picture = _noisy(picture, rng)
        if rng.random() < 0.5:
            picture = _compressed(picture, rng)
        picture = picture.resize(SIZE[::-1], _RESAMPLING[rng.integers(2)])
    elif rng.random() < 0.5:
        picture = _compressed(_noisy(picture, rng), rng)
    return np.asarray(picture)


def _noisy(picture: Image.Image, rng) -> Image.Image:
    pixels = np.asarray(picture, np.float32)
    level = rng.uniform(1, 10)
    noise = rng.standard_normal(pixels.shape, np.float32)
    if rng.random() < 0.5:
        noise = noise[..., :1]
    return Image.fromarray((pixels + level * noise).clip(0, 255).astype(np.uint8))


def _compressed(picture: Image.Image, rng) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(rng.integers(35, 95)))
    return read_image(buffer.getvalue())
