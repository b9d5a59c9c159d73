"""Hides parts of a picture, and knows to the pixel which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from aonet_core.occlusion.fills import Fill, Pictures, fill_pixels, find_picture
from aonet_core.occlusion.raster import rasterise
from aonet_core.occlusion.shapes import Crop, EditError, Polygon, Shape, Stamp, Stroke
from aonet_core.occlusion.shipped import SHIPPED, shipped_picture
from aonet_core.pictures import extremes, to_rgb

MOST_SHAPES = 100
MOST_POINTS = 8000
SMALLEST_CROP = 8
OPAQUE = 128
"""A stamp hides a pixel where its alpha is at least this."""


@dataclass(frozen=True)
class Edit:
    """Everything done to a picture; the same edit of the same picture gives the same pixels.

    Attributes:
        shapes: What hides, in the order of drawing.
        fill: What the shapes are filled with; stamps bring their own pixels.
        seed: Of noise and texture.
        crop: The part that is kept, None for all.
    """

    shapes: tuple[Shape, ...] = ()
    fill: Fill = field(default_factory=Fill)
    seed: int = 0
    crop: Crop | None = None

    def __post_init__(self) -> None:
        """Raise `EditError` for too much of anything."""
        object.__setattr__(self, "shapes", tuple(self.shapes))
        points = sum(len(s.points) for s in self.shapes if isinstance(s, Polygon | Stroke))
        for what, count, most in (
            ("shapes", len(self.shapes), MOST_SHAPES),
            ("points in its polygons and strokes", points, MOST_POINTS),
        ):
            if count > most:
                raise EditError(f"An edit can hold at most {most} {what}, got {count}.")
        if not isinstance(self.seed, int) or not 0 <= self.seed < 1 << 32:
            raise EditError(f"A seed must be a whole number from 0 to 4294967295, got {self.seed}.")


@dataclass(frozen=True)
class Edited:
    """A picture with parts hidden.

    Attributes:
        image: What is left to see, RGB; smaller than the picture where it was cropped.
        mask: (h, w) bool in the pixels of the picture before: covered or cropped away.
        notes: What the user should know, one sentence each.
    """

    image: Image.Image
    mask: np.ndarray
    notes: tuple[str, ...]

    @property
    def hidden(self) -> float:
        """Share of the picture's pixels that are hidden."""
        return float(self.mask.mean())


def apply_edit(image: Image.Image, edit: Edit, pictures: Pictures | None = None) -> Edited:
    """Hide and crop.

    Args:
        image: A picture of any size and mode.
        edit: What to do.
        pictures: Pictures that stamps and fill name; shipped occluders need not be there.

    Raises:
        EditError: A picture is not there, a cut-out has no alpha, or nothing is left by the crop.
    """
    image = to_rgb(image)
    pixels = np.array(image)
    mask = np.zeros(pixels.shape[:2], dtype=bool)
    drawn = any(not isinstance(shape, Stamp) for shape in edit.shapes)
    filled = fill_pixels(image, edit.fill, edit.seed, pictures) if drawn else pixels
    notes = []
    for number, shape in enumerate(edit.shapes, start=1):
        if isinstance(shape, Stamp):
            covered = _stamp(shape, pixels, pictures)
        else:
            covered = rasterise([shape], *pixels.shape[:2])
            pixels[covered] = filled[covered]
        if not covered.any():
            notes.append(_hides_nothing(number, shape, image.size))
        mask |= covered
    if edit.shapes and mask.all():
        notes.append("The whole picture is hidden: whatever the network still sees is the filling.")
    if edit.crop:
        inside = _crop_slices(edit.crop, image.size)
        outside = np.ones_like(mask)
        outside[inside] = False
        mask |= outside
        pixels = pixels[inside]
    return Edited(Image.fromarray(pixels), mask, tuple(notes))


def _hides_nothing(number: int, shape: Shape, size: tuple[int, int]) -> str:
    return (
        f"Shape {number}, a {type(shape).__name__.lower()}, hides nothing: no centre of the "
        f"{size[0]} x {size[1]} pixels lies in it."
    )


def _stamp(stamp: Stamp, pixels: np.ndarray, pictures: Pictures | None) -> np.ndarray:
    """Blend a cut-out over `pixels` (h, w, 3) in place; which pixels it hides, (h, w) bool."""
    source = stamp.source
    cutout = shipped_picture(source) if source.startswith(SHIPPED) else None
    cutout = check_alpha(cutout or find_picture(source, pictures), source)
    if stamp.flipped:
        cutout = cutout.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    height, width = covered_size = pixels.shape[:2]
    covered = np.zeros(covered_size, dtype=bool)
    rows, top, bottom = _visible(stamp.y, stamp.height, height, cutout.height)
    columns, left, right = _visible(stamp.x, stamp.width, width, cutout.width)
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    if min(shape) <= 0:
        return covered
    # Only what lies in the picture is resampled, however large the whole box.
    part = cutout.resize(shape[::-1], Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    colour, alpha = np.split(np.asarray(part, dtype=np.float32), [3], axis=2)
    under = pixels[rows, columns]
    pixels[rows, columns] = np.rint(under + (colour - under) * (alpha / 255))
    covered[rows, columns] = alpha[:, :, 0] >= OPAQUE
    return covered


def _visible(start: float, extent: float, count: int, source: int) -> tuple[slice, float, float]:
    """A picture's pixels that a box covers along an axis, and the source's part over them."""
    low, high = max(0, int(start)), min(count, int(start + extent))
    scale = source / extent
    return slice(low, high), (low - start) * scale, min(source, (high - start) * scale)


def check_alpha(cutout: Image.Image, name: str) -> Image.Image:
    """Return a cut-out as RGBA.

    Raises:
        EditError: It has no transparency, or nothing in it is opaque.
    """
    alpha = cutout.mode in ("RGBA", "LA", "PA") or "transparency" in cutout.info
    if not alpha:
        raise EditError(
            f"{name} has no transparency: a cut-out must be a PNG or WebP with an alpha channel."
        )
    cutout = cutout.convert("RGBA")
    least, most = extremes(cutout.getchannel("A"))
    if least == 255:
        raise EditError(f"{name} is opaque everywhere: expected a cut-out with transparent parts.")
    if most < OPAQUE:
        raise EditError(f"{name} is transparent everywhere: expected a part that hides something.")
    return cutout


def _crop_slices(crop: Crop, size: tuple[int, int]) -> tuple[slice, slice]:
    width, height = size
    left, right = max(0, int(crop.x)), min(width, int(crop.x + crop.width))
    top, bottom = max(0, int(crop.y)), min(height, int(crop.y + crop.height))
    smallest = min(SMALLEST_CROP, *size)
    if right - left < smallest or bottom - top < smallest:
        raise EditError(
            f"A crop must keep at least {smallest} x {smallest} of the {width} x {height} pixels, "
            f"got {max(0, right - left)} x {max(0, bottom - top)}."
        )
    return slice(top, bottom), slice(left, right)


def sources(edit: Edit) -> Iterator[str]:
    """Names of the pictures that an edit needs, without shipped occluders."""
    if edit.fill.kind == "picture":
        yield edit.fill.source
    for shape in edit.shapes:
        if isinstance(shape, Stamp) and not shape.source.startswith(SHIPPED):
            yield shape.source
