"""The one way by which a file becomes a picture, or one sentence that says why it cannot.

Every reader of pictures calls this module; nothing else opens them. It needs no torch.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from aonet_core.data.image_budget import (
    MOST_FRAMES,
    Source,
    check_scans,
    check_tiff,
    tiff_frames,
)
from aonet_core.errors import ImageError
from aonet_core.pictures import LARGEST_AREA, check_size, convert_upright, too_large
from aonet_core.trust import open_file

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
LARGEST_FILE = 100_000_000
"""Bytes."""
SMALLEST_SIDE = 8
AREAS = {"WEBP": 16_000_000, "AVIF": 16_000_000}
"""Pixels that a file may have whose decoder needs several times its picture's memory."""
LARGEST_KEPT = 4_000_000
"""Pixels above which a picture is read at a half, a quarter, ... of its sides."""


def read_image(
    source: bytes | str | Path,
    name: str = "",
    notes: list[str] | None = None,
    keep_alpha: bool = False,
) -> Image.Image:
    """Decode a picture: EXIF orientation, alpha over grey, any bit depth, first frame.

    Args:
        source: The file's content, or where it lies.
        name: The file's name, for messages; the path's by default.
        notes: Takes what was done to the picture that the user should know, one sentence each.
        keep_alpha: Give RGBA where there is any transparency.

    Returns:
        An RGB picture; where the file's has more than `LARGEST_KEPT` pixels, a smaller one.

    Raises:
        OSError: The file cannot be opened.
        ImageError: It is empty, no picture, of another format, damaged, too small, too large, or
            costs too much to decode.
    """
    name, notes = name or _name(source), [] if notes is None else notes
    content = _content(source, name)
    image = _open(content, name, tuple(FORMATS))
    if frames := _frames(image, content):
        notes.append(f"{name} has {frames} frames; the first is shown.")
    return convert_upright(image, name, notes, _factor(image, name, notes), keep_alpha)


def read_labels(
    source: bytes | str | Path, name: str = "", size: tuple[int, int] | None = None
) -> np.ndarray:
    """Decode a label image: what every pixel belongs to, by number.

    Args:
        source: The file's content, or where it lies.
        name: The file's name, for messages; the path's by default.
        size: Width and height that it must have, those of its picture.

    Returns:
        (h, w) uint8.

    Raises:
        OSError: The file cannot be opened.
        ImageError: It is no PNG of one channel of 8 bits, or of another size.
    """
    name = name or _name(source)
    try:
        image = _open(_content(source, name), name, ("PNG",), smallest=1)
        if image.mode not in ("L", "P"):
            raise ImageError(
                f"{name} holds no labels: expected one channel of 8 bits, got {image.mode}."
            )
        if size is not None and image.size != tuple(size):
            raise ImageError(
                f"{name} does not fit its picture: expected {size[0]} x {size[1]} pixels, got "
                f"{image.width} x {image.height}."
            )
        return np.asarray(image)
    except (OSError, SyntaxError) as error:
        raise ImageError(f"{name} is damaged: {error}.") from None


def image_size(source: bytes | str | Path) -> tuple[int, int]:
    """Tell width and height of a picture file as it is stored, without decoding it.

    Raises:
        OSError, ImageError: As in `read_image`.
    """
    name = _name(source)
    return _open(_content(source, name), name, tuple(FORMATS), smallest=1).size


def _name(source: bytes | str | Path) -> str:
    return "The picture" if isinstance(source, bytes) else Path(source).name


def _content(source: bytes | str | Path, name: str) -> bytes:
    """A file's content; a little more than allowed where it is too large."""
    if isinstance(source, bytes):
        content = source
    else:
        with open_file(source) as file:
            content = file.read(LARGEST_FILE + 1)
    if not content:
        raise ImageError(f"{name} is empty: expected an image, got 0 bytes.")
    if len(content) > LARGEST_FILE:
        raise ImageError(
            f"{name} is too large: expected a file of at most {LARGEST_FILE // 1_000_000} MB."
        )
    return content


def _open(
    content: bytes, name: str, formats: tuple[str, ...], smallest: int = SMALLEST_SIDE
) -> Image.Image:
    """Read the header and check what it promises; nothing is decoded."""
    check_tiff(content, name)
    source = Source(content, name)
    try:
        image = Image.open(source, formats=formats)
    except UnidentifiedImageError:
        *others, last = map(_called, formats)
        expected = f"{', '.join(others)} or {last}" if others else last
        raise ImageError(
            f"{name} is not an image this application reads: expected {expected}, got something "
            "else."
        ) from None
    except Image.DecompressionBombError as error:
        # Pillow refuses the header before its size can be asked for; only the message tells it.
        number = re.search(r"\d+", str(error))
        pixels = f"{int(number.group()) / 1e6:.0f} megapixels" if number else "too many pixels"
        raise ImageError(too_large(name, pixels)) from None
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(f"{name} has a damaged header: {error}.") from None
    if min(image.size) < smallest:
        raise ImageError(
            f"{name} is too small: expected at least {smallest} x {smallest} pixels, "
            f"got {image.width} x {image.height}."
        )
    check_size(*image.size, name, AREAS.get(image.format or "", LARGEST_AREA))
    if image.format in ("JPEG", "MPO"):
        check_scans(content, name, image.width * image.height)
    source.opened = True
    return image


def _called(kind: str) -> str:
    return "WebP" if kind == "WEBP" else kind


def _frames(image: Image.Image, content: bytes) -> str:
    """How many frames a film has, as far as that is told without walking through them."""
    if image.format == "GIF":
        try:
            return "several" if getattr(image, "is_animated", False) else ""
        except ImageError:
            raise
        except Exception:
            return ""  # what follows the first frame is damaged
    frames = tiff_frames(content) if image.format == "TIFF" else getattr(image, "n_frames", 1)
    return "" if frames == 1 else f"at least {frames}" if frames == MOST_FRAMES else str(frames)


def _factor(image: Image.Image, name: str, notes: list[str]) -> int:
    """By how much a picture is yet to be shrunk, after the decoder has been told its part."""
    factor, (width, height) = 1, image.size
    while width * height > LARGEST_KEPT * factor**2:
        factor *= 2
    if factor > 1:
        notes.append(
            f"{name} has {width} x {height} pixels; it was read at {-(-width // factor)} x "
            f"{-(-height // factor)}."
        )
        # JPEG alone can be decoded at a part of its size.
        image.draft(None, (width // factor, height // factor))
        factor //= round(width / image.width)
    return factor
