"""What can be drawn on a picture to hide a part of it.

Coordinates are image pixels: x to the right, y down; the pixel in row r and column c covers
[c, c + 1) x [r, r + 1), so its centre is (c + 1/2, r + 1/2). They are rounded to `GRID` of a pixel
when a shape is made: a shape that went through a link hides the same pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

GRID = 8
"""Steps in a pixel that coordinates are rounded to."""
FARTHEST = 1 << 15
"""No coordinate lies farther from the image's corner, in pixels: what is computed stays exact."""


class EditError(ValueError):
    """An edit that cannot be made or read; the message is fit to be shown."""


@dataclass(frozen=True)
class Rectangle:
    """An upright rectangle; its left and top edges belong to it, the right and bottom ones do not.

    Attributes:
        x, y: Its left top corner.
        width, height: Its extent, more than 0.
    """

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what is no rectangle."""
        _snap(self, "x", "y")
        _snap_extent(self, "width", "height")


@dataclass(frozen=True)
class Circle:
    """A disc with its edge.

    Attributes:
        x, y: Its centre.
        radius: More than 0.
    """

    x: float
    y: float
    radius: float

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what is no circle."""
        _snap(self, "x", "y")
        _snap_extent(self, "radius")


@dataclass(frozen=True)
class Polygon:
    """What lies inside a closed line, by the even-odd rule where it crosses itself.

    Attributes:
        points: Corners (x, y), at least three; the last is joined to the first.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what is no polygon."""
        _snap_points(self)
        if len(self.points) < 3:
            raise EditError(f"A polygon needs at least 3 corners, got {len(self.points)}.")


@dataclass(frozen=True)
class Stroke:
    """A brush stroke: everything within half its width of a line of points, with the edge.

    Attributes:
        points: (x, y) along the stroke, at least one, which makes a dot.
        width: Of the brush, more than 0.
    """

    points: tuple[tuple[float, float], ...]
    width: float

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what is no stroke."""
        _snap_points(self)
        _snap_extent(self, "width")
        if not self.points:
            raise EditError("A brush stroke needs at least 1 point, got none.")


@dataclass(frozen=True)
class Stamp:
    """A cut-out with alpha, scaled into an upright box; it hides where it is at least half opaque.

    Attributes:
        source: Name of the picture; "occluder:" and a name stands for a shipped one.
        x, y: Left top corner of the box, in whole pixels.
        width, height: Extent of the box in whole pixels, more than 0.
        flipped: Mirror it left to right.
    """

    source: str
    x: float
    y: float
    width: float
    height: float
    flipped: bool = False

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what cannot be placed."""
        check_source(self.source)
        _snap(self, "x", "y", grid=1)
        _snap_extent(self, "width", "height", grid=1)


@dataclass(frozen=True)
class Crop:
    """The part of the picture that is kept, as in "partial" images.

    Attributes:
        x, y: Left top corner in whole pixels.
        width, height: Extent in whole pixels, more than 0.
    """

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Round; raise `EditError` for what is no part."""
        _snap(self, "x", "y", grid=1)
        _snap_extent(self, "width", "height", grid=1)


Shape = Rectangle | Circle | Polygon | Stroke | Stamp


def check_source(source: str) -> None:
    """Raise `EditError` unless a picture's name is one."""
    if not isinstance(source, str) or not 0 < len(source) <= 200:
        raise EditError("A picture's name must have 1 to 200 characters.")


def _snapped(value: float, what: str, grid: int) -> float:
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise EditError(f"{what} must be a number, got {value!r}.") from None
    if not math.isfinite(value):
        raise EditError(f"{what} must be a finite number, got {value}.")
    if abs(value) > FARTHEST:
        raise EditError(f"{what} must lie within {FARTHEST} pixels, got {value:.0f}.")
    return math.floor(value * grid + 0.5) / grid


def _snap(shape: object, *names: str, grid: int = GRID) -> None:
    for name in names:
        what = f"{name} of a {type(shape).__name__.lower()}"
        object.__setattr__(shape, name, _snapped(getattr(shape, name), what, grid))


def _snap_extent(shape: object, *names: str, grid: int = GRID) -> None:
    """Round extents to at least one step; what is not positive is refused before."""
    _check_positive(shape, *names)
    _snap(shape, *names, grid=grid)
    for name in names:
        object.__setattr__(shape, name, max(getattr(shape, name), 1 / grid))


def _check_positive(shape: object, *names: str) -> None:
    for name in names:
        value = getattr(shape, name)
        if isinstance(value, int | float) and value <= 0:
            raise EditError(
                f"{name} of a {type(shape).__name__.lower()} must be more than 0, got {value}."
            )


def _snap_points(shape: Polygon | Stroke) -> None:
    what = f"a point of a {type(shape).__name__.lower()}"
    try:
        pairs = [(x, y) for x, y in shape.points]
    except (TypeError, ValueError):
        raise EditError(f"Points of a {type(shape).__name__.lower()} must be pairs.") from None
    snapped = [(_snapped(x, what, GRID), _snapped(y, what, GRID)) for x, y in pairs]
    # A hand that rests repeats its point.
    object.__setattr__(shape, "points", tuple(point for point, _ in groupby(snapped)))
