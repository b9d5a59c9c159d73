"""The smallest rectangle whose hiding turns a margin negative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

Margins = Callable[[np.ndarray], np.ndarray]
"""Maps hidden boxes (S, 4) to margins (S,): best right similarity minus best wrong one."""
GRID = (8, 4)
"""Rows and columns whose rectangles are all tried, as far as they are small enough."""
LARGEST_SHARE = 0.6
"""Hiding more of the picture than this explains nothing."""
BATCH = 16
MOST_REFINEMENTS = 160
"""Rectangles tried off the grid."""
INWARDS = np.diag([1, -1, 1, -1])


@dataclass(frozen=True)
class SmallestBox:
    """The smallest rectangle found.

    Attributes:
        box: (4,) top, bottom, left, right, ends excluded; None where none does it.
        margin: With it hidden, negative; None where none does it.
        evaluations: Rectangles tried.
    """

    box: np.ndarray | None
    margin: float | None
    evaluations: int


def grid_boxes(size: tuple[int, int]) -> np.ndarray:
    """All rectangles on the grid that hide at most `LARGEST_SHARE`, from small to large.

    Args:
        size: Width and height of the picture in pixels.

    Returns:
        (S, 4) int64 top, bottom, left, right.
    """
    spans = []
    for edges in _edges(size):
        spans.append([(low, high) for low in edges for high in edges if low < high])
    boxes = np.array([(*down, *across) for down, across in product(*spans)])
    areas = area(boxes)
    order = np.argsort(areas, kind="stable")
    return boxes[order][areas[order] <= LARGEST_SHARE * size[0] * size[1]]


def area(boxes: np.ndarray) -> np.ndarray:
    """Pixels in boxes (…, 4): (…,)."""
    return (boxes[..., 1] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 2])


def smallest_box(
    margins: Margins,
    size: tuple[int, int],
    report: Callable[[int], None] | None = None,
) -> SmallestBox:
    """Search from coarse to fine.

    First every cell of a grid is hidden alone. What that costs, added up, says which larger
    rectangles are likely to do it; these come first, small ones before large ones, then all that
    are smaller than one that does it. The sides of the smallest move inwards, down to a pixel, as
    long as the margin stays negative. So no smaller rectangle on the grid does it; off the grid
    there may be one.

    Args:
        margins: Asked for many boxes at a time.
        size: Width and height of the picture.
        report: Told how many rectangles have been tried.
    """
    search = _Search(margins, report)
    boxes = grid_boxes(size)
    cells = _covered(boxes, size)  # (S, cells)
    single = cells.sum(axis=1) == 1
    whole = float(margins(np.zeros((1, 4), dtype=np.int64))[0])
    alone = np.zeros(cells.shape[1])
    alone[cells[single].argmax(axis=1)] = search.margins(boxes[single]) - whole
    likely = whole + cells @ alone  # (S,)
    left = ~single
    while True:
        if search.best is not None:
            left &= area(boxes) < area(search.best[0])
        rows = np.flatnonzero(left)
        if not len(rows):
            break
        # Boxes are sorted by area: among those that are expected to do it, small ones come first.
        expected = likely[rows] if search.best is not None else np.maximum(likely[rows], 0)
        rows = rows[np.argsort(expected, kind="stable")][:BATCH]
        search.margins(boxes[rows])
        left[rows] = False
    if search.best is not None:
        _refine(search, max(1, max(size[1] // GRID[0], size[0] // GRID[1]) // 2))
    box, margin = search.best or (None, None)
    return SmallestBox(box, margin, search.tried)


class _Search:
    """Asks for margins, counts, and keeps the smallest box that turned one negative."""

    def __init__(self, margins: Margins, report: Callable[[int], None] | None) -> None:
        self._margins, self._report = margins, report
        self.tried = 0
        self.best: tuple[np.ndarray, float] | None = None

    def margins(self, boxes: np.ndarray) -> np.ndarray:
        """Margins (S,) of boxes."""
        margins = self._margins(boxes)
        self.tried += len(boxes)
        if self._report:
            self._report(self.tried)
        for box, margin in zip(boxes, margins, strict=True):
            if margin < 0 and (self.best is None or area(box) < area(self.best[0])):
                self.best = box, float(margin)
        return margins


def _refine(search: _Search, step: int) -> None:
    """Move sides of the best box inwards by a step, by half of it and so on down to a pixel.

    A side that cannot move is not asked again before the step is halved; with the last step all
    are asked once more, so that in the end none can move by a pixel.
    """
    most = search.tried + MOST_REFINEMENTS
    sides = [0, 1, 2, 3]
    while sides and search.tried < most:
        sides = _moved(search, step, sides)
        if sides:
            continue
        if step > 1:
            step //= 2
            sides = [0, 1, 2, 3]
        else:
            sides = _moved(search, 1, [0, 1, 2, 3])


def _moved(search: _Search, step: int, sides: list[int]) -> list[int]:
    """Move as many of some sides as can move together; which of them could alone."""
    if search.best is None:
        return []
    box, _ = search.best
    alone: list[tuple[int, ...]] = [(side,) for side in sides]
    able = _tried(search, box, alone, step)
    if len(able) > 1:
        together = [c for count in range(len(able), 1, -1) for c in combinations(able, count)]
        _tried(search, box, together, step)
    return able


def _tried(search: _Search, box: np.ndarray, moves: list[tuple[int, ...]], step: int) -> list[int]:
    """Try moves of sides that leave something hidden; the first sides of those that do it."""
    boxes = np.array([box + step * INWARDS[list(move)].sum(axis=0) for move in moves])
    some = (boxes[:, 0] < boxes[:, 1]) & (boxes[:, 2] < boxes[:, 3])
    if not some.any():
        return []
    falls = search.margins(boxes[some]) < 0
    return [moves[row][0] for row in np.flatnonzero(some)[falls]]


def _edges(size: tuple[int, int]) -> list[np.ndarray]:
    """Where rows and columns of the grid meet, in pixels."""
    return [
        np.unique(np.rint(np.linspace(0, side, cells + 1)).astype(np.int64))
        for side, cells in zip(size[::-1], GRID, strict=True)
    ]


def _covered(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which cells of the grid boxes (S, 4) hide: (S, cells) float64, 0 or 1."""
    down, across = (edges[:-1] for edges in _edges(size))
    rows = (boxes[:, :1] <= down) & (down < boxes[:, 1:2])
    columns = (boxes[:, 2:3] <= across) & (across < boxes[:, 3:])
    return (rows[:, :, None] & columns[:, None, :]).reshape(len(boxes), -1).astype(np.float64)
