"""Response maps as pictures: one colour scale for all, laid over the photo."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image
from plotly.colors import sample_colorscale, unlabel_rgb

TILE = (256, 128)
"""Height and width of a tile in pixels."""


def _table(scale: str) -> np.ndarray:
    """256 colours (256, 3) uint8 of a plotly colour scale."""
    colours = sample_colorscale(scale, np.linspace(0, 1, 256).tolist())
    return np.array([unlabel_rgb(colour) for colour in colours]).round().astype(np.uint8)


RESPONSE_TABLE = _table("Magma")
"""Perceptually uniform, for responses from 0 up."""
DIFFERENCE_TABLE = _table("RdBu")[::-1]
"""Diverging, centred on zero: blue lost, red gained."""


def fit(photo: Image.Image, size: tuple[int, int] = TILE) -> Image.Image:
    """The photo as the network sees it: resized to the network's shape."""
    return photo.resize(size[::-1], Image.Resampling.LANCZOS)


def upsample(response: np.ndarray, size: tuple[int, int] = TILE) -> np.ndarray:
    """Enlarge a map (H, W) bilinearly to `size`, keeping its values."""
    enlarged = Image.fromarray(np.asarray(response, dtype=np.float32)).resize(
        size[::-1], Image.Resampling.BILINEAR
    )
    return np.asarray(enlarged)


def overlay(
    photo: Image.Image, response: np.ndarray, limit: float, opacity: float, signed: bool = False
) -> Image.Image:
    """Lay a map over a photo.

    Args:
        photo: Any size; shown in grey so that colour means response alone.
        response: (H, W).
        limit: Value at the end of the colour scale, shared by all tiles on a page.
        opacity: Of the map, in [0, 1].
        signed: Use the diverging scale from -limit to limit instead of 0 to limit.
    """
    grey = np.asarray(fit(photo).convert("L").convert("RGB"), dtype=np.float32)
    share = upsample(response) / max(limit, 1e-12)
    share = (share + 1) / 2 if signed else share
    table = DIFFERENCE_TABLE if signed else RESPONSE_TABLE
    colour = table[np.clip(share * 255 + 0.5, 0, 255).astype(np.uint8)].astype(np.float32)
    return Image.fromarray((grey + opacity * (colour - grey) + 0.5).astype(np.uint8))


def gradient(signed: bool = False) -> str:
    """The colour scale as a CSS gradient."""
    table = DIFFERENCE_TABLE if signed else RESPONSE_TABLE
    stops = ", ".join("rgb({},{},{})".format(*table[i]) for i in range(0, 256, 15))
    return f"linear-gradient(90deg, {stops})"


def data_uri(image: Image.Image, quality: int = 88) -> str:
    """A picture to put into HTML."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
