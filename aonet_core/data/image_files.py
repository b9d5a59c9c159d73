"""The one way by which a picture file becomes a picture: formats, limits, refusals.

Needs no torch; every reader of pictures calls this.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "AVIF": (".avif",),
}
"""What is read, by Pillow's name, and the suffixes of its files."""
SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
"""The suffixes, lower case, of all files that are read as pictures."""
REFUSED_SUFFIXES = frozenset(
    {".heic", ".heif", ".jp2", ".jxl", ".pbm", ".pgm", ".pnm", ".ppm", ".psd", ".svg", ".tga"}
)
"""Suffixes of pictures that are not read: whoever lists a folder tells of them."""
SMALLEST_SIDE = 8
LARGEST_SIDE = 8192
LARGEST_AREA = 40_000_000
PICTURE = "the picture"
BACKDROP = (128, 128, 128)


class ImageError(ValueError):
    """A file that is no usable picture; the message is fit to be shown."""


def read_image(
    source: bytes | str | Path, name: str = "", notes: list[str] | None = None
) -> Image.Image:
    """Decode a picture: EXIF orientation, alpha over grey, any bit depth, first frame.

    Args:
        source: The file's content, or where it lies.
        name: The file's name, for messages; the path's by default.
        notes: Takes what was done to the picture that the user should know, one sentence each.

    Returns:
        An RGB picture.

    Raises:
        FileNotFoundError, OSError: The file cannot be opened.
        ImageError: It is empty, no picture, of another format, damaged, too small or too large.
    """
    return decode(source, name, _to_rgb, notes)


def decode(
    source: bytes | str | Path,
    name: str,
    convert: Callable[[Image.Image, str, list[str]], Image.Image],
    notes: list[str] | None = None,
) -> Image.Image:
    """Check, decode, turn upright and convert; all else as in `read_image`."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    name = name or (PICTURE if isinstance(source, bytes) else Path(source).name)
    notes = [] if notes is None else notes
    if not data:
        raise ImageError(f"{name} is empty: expected an image, got 0 bytes.")
    try:
        # Opening reads the header alone; the limits are checked before anything is decoded.
        image = Image.open(io.BytesIO(data), formats=tuple(FORMATS))
    except UnidentifiedImageError:
        raise ImageError(
            f"{name} is not an image this application reads: expected JPEG, PNG, WebP, BMP, "
            "TIFF, GIF or AVIF, got something else."
        ) from None
    except Image.DecompressionBombError as error:
        # Pillow refuses the header before its size can be asked for; only the message tells it.
        pixels = int(re.search(r"\d+", str(error)).group())
        raise ImageError(_too_large(name, f"{pixels / 1e6:.0f} megapixels")) from None
    except Exception as error:
        raise ImageError(f"{name} has a damaged header: {error}.") from None
    width, height = image.size
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(
            f"{name} is too small: expected at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, "
            f"got {width} x {height}."
        )
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
        raise ImageError(_too_large(name, f"{width} x {height}"))
    try:
        # Counting frames reads on in the file, so it can fail as decoding can.
        frames = getattr(image, "n_frames", 1)
        if frames > 1:
            notes.append(f"{name} has {frames} frames; the first is shown.")
        image.load()
        return convert(ImageOps.exif_transpose(image), name, notes)
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(
            f"{name} is damaged: expected a whole {image.format} file, decoding stopped ({error})."
        ) from None


def _too_large(name: str, got: str) -> str:
    return (
        f"{name} is too large: expected at most {LARGEST_SIDE} pixels a side and "
        f"{LARGEST_AREA // 1_000_000} megapixels, got {got}."
    )


def _to_rgb(image: Image.Image, name: str, notes: list[str]) -> Image.Image:
    """Bring any mode to 8-bit RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        notes.append(f"{name} has more than 8 bits a pixel; it was scaled to 8.")
        return _scale_depth(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema()[0] < 255:
            notes.append(f"{name} is partly transparent; it is shown over mid-grey.")
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image)
    return image.convert("RGB")


def _scale_depth(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point greys to 8 bits."""
    pixels = np.asarray(image, dtype=np.float64)
    finite = np.where(np.isfinite(pixels), pixels, 0.0)
    # The mode tells a container, not the range in use: 16-bit files may arrive in a 32-bit mode,
    # and floating point holds [0, 1], bytes or more.
    ranges = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    top = next((top for top in ranges if finite.max() <= top), finite.max())
    return Image.fromarray((np.clip(finite / top, 0, 1) * 255 + 0.5).astype(np.uint8))
