"""Pictures in memory: whatever their mode, they become upright 8-bit RGB, within limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from aonet_core.errors import ImageError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of red, green and blue over ImageNet's pictures, in [0, 1]."""
LARGEST_SIDE = 8192
LARGEST_AREA = 40_000_000
"""Pixels."""
LONGEST = 40
"""How many times as long as wide a picture may be, or as wide as long."""
BACKDROP = (128, 128, 128)
"""What is seen through transparent parts."""
STRIP = 1 << 20
"""Pixels that are converted at a time, so that no conversion needs much memory."""
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""
RANGES = {"F": (1.0, 255.0, 65535.0), "I": (255.0, 65535.0)}
"""Values that stand for white, by the first letter of a mode: containers are often wider than what
they hold, and a picture of 16 bits that ends at 255 holds bytes."""

Convert = Callable[[Image.Image], Image.Image]


def extremes(channel: Image.Image) -> tuple[int, int]:
    """The smallest and the largest value of a channel."""
    values = np.asarray(channel)
    return int(values.min()), int(values.max())


def check_size(
    width: int, height: int, name: str = "The picture", most: int = LARGEST_AREA
) -> None:
    """Refuse a size that would cost too much, before anything is made of it.

    Args:
        width: In pixels.
        height: In pixels.
        name: What to call the picture.
        most: Pixels that it may have.

    Raises:
        ImageError: It has no pixels, too many, or is a thin line.
    """
    if max(width, height) > LARGEST_SIDE or width * height > most:
        raise ImageError(too_large(name, f"{width} x {height}", most))
    if min(width, height) < 1 or max(width, height) > LONGEST * min(width, height):
        raise ImageError(
            f"{name} has an unusual shape: expected at most {LONGEST} times as long as wide, or "
            f"as wide as long, got {width} x {height} pixels."
        )


def too_large(name: str, got: str, most: int = LARGEST_AREA) -> str:
    """Say that a picture is too large."""
    return (
        f"{name} is too large: expected at most {LARGEST_SIDE} pixels a side and "
        f"{most // 1_000_000} megapixels, got {got}."
    )


def to_rgb(image: Image.Image) -> Image.Image:
    """Make what the network sees of any picture: upright, 8 bits, alpha over grey.

    Args:
        image: A picture of any size and mode, opened from a file or made.

    Returns:
        An RGB picture of the same size, or with its sides exchanged where EXIF says so; the
        picture itself where nothing has to be done.

    Raises:
        ImageError: It is too large, a thin line, or its file is damaged.
    """
    check_size(*image.size)
    return convert_upright(image)


def convert_upright(
    image: Image.Image,
    name: str = "The picture",
    notes: list[str] | None = None,
    factor: int = 1,
    keep_alpha: bool = False,
) -> Image.Image:
    """Turn upright and convert, a strip at a time.

    Args:
        image: A picture of any mode, whose size is checked.
        name: What to call it.
        notes: Takes what was done that the user should know, one sentence each.
        factor: Shrink by so many times on the way.
        keep_alpha: Give RGBA where there is any transparency.

    Raises:
        ImageError: Its file is damaged.
    """
    try:
        image.load()
        turn = _turn(image)
        if image.mode == "RGB" and not image.has_transparency_data:
            if type(image) is Image.Image and factor == 1 and turn is None:
                return image
        mode, convert = _conversion(image, name, [] if notes is None else notes, keep_alpha)
        converted = _in_strips(image, mode, convert, factor)
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(f"{name} needs more memory than there is.") from None
    # Pillow tells damage by many kinds of errors, depending on the format.
    except Exception as error:
        raise ImageError(
            f"{name} is damaged: expected a whole {image.format or 'picture'} file, decoding "
            f"stopped ({error})."
        ) from None
    return converted if turn is None else converted.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What turns a picture upright; nothing where its EXIF data cannot be read."""
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return None


def _conversion(
    image: Image.Image, name: str, notes: list[str], keep_alpha: bool
) -> tuple[str, Convert]:
    """The mode that a picture gets, and what brings a strip of it there."""
    if image.mode[0] in "IF":
        notes.append(f"{name} has more than 8 bits a pixel; it was scaled to 8.")
        return "RGB", _eight_bits(image)
    if not image.has_transparency_data:
        return "RGB", lambda strip: strip.convert("RGB")
    if keep_alpha:
        return "RGBA", lambda strip: strip.convert("RGBA")
    note = f"{name} is partly transparent; it is shown over mid-grey."

    def over_grey(strip: Image.Image) -> Image.Image:
        strip = strip.convert("RGBA")
        if note not in notes and extremes(strip.getchannel("A"))[0] < 255:
            notes.append(note)
        backdrop = Image.new("RGBA", strip.size, (*BACKDROP, 255))
        return Image.alpha_composite(backdrop, strip).convert("RGB")

    return "RGB", over_grey


def _eight_bits(image: Image.Image) -> Convert:
    """Scale 16-bit, 32-bit and floating-point greys to 8 bits.

    The mode tells a container, not the range in use: floating point holds [0, 1], bytes or more,
    so the smallest usual range that holds all values of the picture counts.
    """

    def finite(strip: Image.Image) -> np.ndarray:
        values = np.asarray(strip, dtype=np.float64)
        return np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    most = max(finite(strip).max() for strip in _strips(image, 1))
    ranges = RANGES[image.mode[0]]
    top = next((top for top in ranges if most <= top), most)

    def convert(strip: Image.Image) -> Image.Image:
        grey = np.clip(finite(strip) / top, 0, 1) * 255 + 0.5
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")

    return convert


def _strips(image: Image.Image, factor: int):
    width, height = image.size
    rows = max(1, STRIP // (width * factor)) * factor
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(top + rows, height)))


def _in_strips(image: Image.Image, mode: str, convert: Convert, factor: int) -> Image.Image:
    width, height = (-(-side // factor) for side in image.size)
    canvas, top = Image.new(mode, (width, height)), 0
    for strip in _strips(image, factor):
        strip = convert(strip)
        strip = strip.reduce(factor) if factor > 1 else strip
        canvas.paste(strip, (0, top))
        top += strip.height
    return canvas
