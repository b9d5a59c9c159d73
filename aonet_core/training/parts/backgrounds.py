"""What stands behind people in composed pictures: streets of other pictures, and textures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from aonet_core.training.parts.camera import SIZE, light
from aonet_core.training.parts.layers import Layer


def street(layers: Sequence[Layer], rng: np.random.Generator) -> np.ndarray:
    """A background: another street, stretched; or textures of every grain."""
    if rng.random() < 0.55:
        other = Image.fromarray(layers[int(rng.integers(len(layers)))].street)
        zoom = rng.uniform(0.35, 1.0)
        width, height = 128 * zoom, 256 * zoom
        left, top = rng.uniform(0, 128 - width), rng.uniform(0, 256 - height)
        box = (left, top, left + width, top + height)
        canvas = np.asarray(other.resize((128, 256), Image.Resampling.BICUBIC, box), np.float32)
    else:
        canvas = texture(rng)
        if rng.random() < 0.6:  # ground below a wall
            edge = int(256 * rng.uniform(0.1, 0.9))
            canvas[edge:] = texture(rng)[edge:]
    return light(canvas, rng, 0.25)


def texture(rng) -> np.ndarray:
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
    first, second = colour(rng), colour(rng)
    return (first + (second - first) * share).astype(np.float32)


def colour(rng) -> np.ndarray:
    """A colour from grey to vivid, (3,)."""
    grey = rng.uniform(10, 245)
    return grey + rng.beta(1, 3) * (rng.uniform(0, 255, 3) - grey)
