"""Response maps as pictures: one colour scale for all, laid over the photo."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image
from plotly.colors import sample_colorscale, unlabel_rgb

LONGEST_SIDE = 256
"""Of a tile, in pixels; a tile keeps its photo's aspect ratio."""


def _table(scale: str) -> np.ndarray:
    """256 colours (256, 3) uint8 of a plotly colour scale."""
    colours = sample_colorscale(scale, np.linspace(0, 1, 256).tolist())
    return np.array([unlabel_rgb(colour) for colour in colours]).round().astype(np.uint8)


RESPONSE_TABLE = _table("Magma")
"""Perceptually uniform, for responses from 0 up."""
DIFFERENCE_TABLE = _table("RdBu")[::-1]
"""Diverging, centred on zero: blue lost, red gained."""


def table(signed: bool) -> np.ndarray:
    """The colours of differences or of responses, (256, 3) uint8."""
    return DIFFERENCE_TABLE if signed else RESPONSE_TABLE


def fit(photo: Image.Image, longest_side: int = LONGEST_SIDE) -> Image.Image:
    """Resize a photo to tile size, keeping its aspect ratio."""
    scale = longest_side / max(photo.size)
    size = [max(1, round(side * scale)) for side in photo.size]
    return photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def overlay(
    tile: Image.Image, response: np.ndarray, limit: float, opacity: float, signed: bool = False
) -> Image.Image:
    """Lay a map over a photo, which turns grey so that colour means response alone.

    Args:
        tile: The photo at tile size, w x h.
        response: (H, W), stretched bilinearly over the whole photo, as the network saw it.
        limit: Value at the end of the colour scale, shared by all tiles on a page.
        opacity: Of the map, in [0, 1].
        signed: Use the diverging scale from -limit to limit instead of 0 to limit.
    """
    share = _upsample(response, tile.size) / max(limit, 1e-12)  # (h, w)
    share = (share + 1) / 2 if signed else share
    colour = Image.fromarray(np.clip(share * 255 + 0.5, 0, 255).astype(np.uint8))
    colour.putpalette(table(signed).tobytes())
    return Image.blend(tile.convert("L").convert("RGB"), colour.convert("RGB"), opacity)


def _upsample(response: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    pixels = Image.fromarray(np.ascontiguousarray(response, dtype=np.float32))
    return np.asarray(pixels.resize(size, Image.Resampling.BILINEAR))


def gradient(signed: bool, angle: int) -> str:
    """A colour scale as a CSS gradient; 0 degrees runs from bottom to top, 90 to the right."""
    stops = ", ".join("rgb({},{},{})".format(*colour) for colour in table(signed)[::15])
    return f"linear-gradient({angle}deg, {stops})"


def data_uri(image: Image.Image, quality: int = 88) -> str:
    """A picture to put into HTML."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
