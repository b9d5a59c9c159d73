"""From shapes to the exact mask of the pixels they hide.

A pixel is hidden exactly where its centre lies in a shape. Pillow's `ImageDraw` follows another
rule, which moves edges by up to a pixel and draws rectangles one pixel too large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from aonet_core.occlusion.shapes import GRID, Circle, Polygon, Rectangle, Shape, Stroke

HALF = GRID // 2
"""From a pixel's corner to its centre, in steps of the grid."""


def rasterise(shapes: Sequence[Shape], height: int, width: int) -> np.ndarray:
    """Mark the pixels that shapes hide; what lies outside of the picture hides nothing.

    Args:
        shapes: Any but stamps, whose extent is in their picture.
        height: h.
        width: w.

    Returns:
        (h, w) bool.
    """
    mask = np.zeros((height, width), dtype=bool)
    for shape in shapes:
        _FILL[type(shape)](shape, mask)
    return mask


Edge = TypeVar("Edge", int, np.ndarray)


def _first_centre(edge: Edge) -> Edge:
    """The first pixel whose centre lies at or beyond an edge, which is in steps of the grid."""
    return -((HALF - edge) // GRID)


def _centres(low: float, high: float, count: int) -> tuple[slice, np.ndarray]:
    """Pixels of `count` whose centres lie in [low, high] pixels; their centres in grid steps."""
    start = max(0, _first_centre(_steps(low)))
    stop = min(count, _first_centre(_steps(high) + 1))
    return slice(start, max(start, stop)), np.arange(start, max(start, stop)) * GRID + HALF


def _steps(value: float) -> int:
    return int(value * GRID)


def _rectangle(shape: Rectangle, mask: np.ndarray) -> None:
    edges = (shape.y, shape.y + shape.height, shape.x, shape.x + shape.width)
    top, bottom, left, right = (max(0, _first_centre(_steps(edge))) for edge in edges)
    mask[top:bottom, left:right] = True


def _circle(shape: Circle, mask: np.ndarray) -> None:
    _near(mask, (shape.x, shape.y), (shape.x, shape.y), 2 * shape.radius)


def _stroke(shape: Stroke, mask: np.ndarray) -> None:
    for start, end in pairwise(shape.points) if len(shape.points) > 1 else [shape.points * 2]:
        _near(mask, start, end, shape.width)


def _near(
    mask: np.ndarray, start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    """Mark the pixels whose centres lie within half a width of a segment."""
    half = width / 2
    (x1, y1), (x2, y2) = sorted((start, end))
    rows, y = _centres(min(y1, y2) - half, max(y1, y2) + half, mask.shape[0])
    columns, x = _centres(x1 - half, x2 + half, mask.shape[1])
    # Twice the coordinates: half a width is then whole, and floating point exact but for products
    # of four coordinates in huge pictures.
    right, down = (2.0 * x - 2 * _steps(x1))[None, :], (2.0 * y - 2 * _steps(y1))[:, None]
    across, along = 2.0 * (_steps(x2) - _steps(x1)), 2.0 * (_steps(y2) - _steps(y1))
    length, reach = across**2 + along**2, float(_steps(width)) ** 2
    inside = right**2 + down**2 <= reach
    if length:
        projected = right * across + down * along
        beside = (right * along - down * across) ** 2 <= reach * length
        inside |= beside & (projected >= 0) & (projected <= length)
        inside |= (right - across) ** 2 + (down - along) ** 2 <= reach
    mask[rows, columns] |= inside


def _polygon(shape: Polygon, mask: np.ndarray) -> None:
    """Flip, for every edge and row, all pixels at or right of the crossing: even-odd, in integers.

    An edge spans the rows from its upper end, included, to its lower end, excluded, so that a row
    through a corner is crossed once.
    """
    height, width = mask.shape
    flips = np.zeros((height, width + 1), dtype=bool)
    corners = [(_steps(x), _steps(y)) for x, y in shape.points]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        (y1, x1), (y2, x2) = sorted((start[::-1], end[::-1]))
        rows = np.arange(max(0, _first_centre(y1)), min(height, _first_centre(y2)))
        if not len(rows):
            continue
        # The crossing is x1 + (y - y1) (x2 - x1) / (y2 - y1); rounding it up to whole steps
        # changes no pixel, since centres lie on whole steps.
        crossing = x1 - ((rows * GRID + HALF - y1) * (x1 - x2)) // (y2 - y1)
        flips[rows, np.clip(_first_centre(crossing), 0, width)] ^= True
    mask |= np.logical_xor.accumulate(flips, axis=1)[:, :width]


_FILL: dict[type, Callable[[Any, np.ndarray], None]] = {
    Rectangle: _rectangle,
    Circle: _circle,
    Polygon: _polygon,
    Stroke: _stroke,
}
