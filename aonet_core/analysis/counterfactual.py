"""The least that has to be hidden for a right match to lose the first place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch

from aonet_core.analysis.sweep import Look
from aonet_core.occlusion import Counterfactual, LandmarkRemoval, Progress, Windows
from aonet_core.retrieval import Embedding, Side, query_side

Margins = Callable[[np.ndarray], np.ndarray]
"""Maps hidden boxes (S, 4) to margins (S,): best right similarity minus best wrong one."""
GRID = (8, 4)
"""Rows and columns whose rectangles are all tried, as far as they are small enough."""
LARGEST_SHARE = 0.6
"""Hiding more of the picture than this explains nothing."""
BATCH = 16
MOST_REFINEMENTS = 160
"""Rectangles tried after the grid."""


@dataclass(frozen=True)
class Found:
    """The smallest rectangle found.

    Attributes:
        box: (4,) top, bottom, left, right, ends excluded; None where none does it.
        margin: With it hidden, negative; None where none does it.
        evaluations: Rectangles tried.
    """

    box: np.ndarray | None
    margin: float | None
    evaluations: int


def grid_boxes(size: tuple[int, int], grid: tuple[int, int] = GRID) -> np.ndarray:
    """All rectangles on a grid that hide at most `LARGEST_SHARE`, from small to large.

    Args:
        size: Width and height of the picture in pixels.
        grid: Rows and columns.

    Returns:
        (S, 4) int64 top, bottom, left, right.
    """
    spans = []
    for side, cells in zip(size[::-1], grid, strict=True):
        edges = np.unique(np.rint(np.linspace(0, side, cells + 1)).astype(np.int64))
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
    grid: tuple[int, int] = GRID,
    told: Callable[[int], None] | None = None,
) -> Found:
    """Search from coarse to fine.

    All rectangles on a grid are tried from small to large until hiding one turns the margin
    negative. Then its sides move inwards, by half a cell, a quarter and so on down to a pixel, as
    long as the margin stays negative. No smaller rectangle on the grid does it; off the grid there
    may be one.

    Args:
        margins: Asked for many boxes at a time.
        size: Width and height of the picture.
        grid: Rows and columns.
        told: Told how many rectangles have been tried.
    """
    search = _Search(margins, told)
    candidates = grid_boxes(size, grid)
    best = None
    for start in range(0, len(candidates), BATCH):
        best = search.smallest(candidates[start : start + BATCH])
        if best is not None:
            break
    if best is None:
        return Found(None, None, search.tried)
    most = search.tried + MOST_REFINEMENTS
    step = max(1, max(size[1] // grid[0], size[0] // grid[1]) // 2)
    while search.tried < most:
        smaller = search.smallest(_shrunk(best[0], step))
        if smaller is not None:
            best = smaller
        elif step == 1:
            break
        else:
            step = max(1, step // 2)
    return Found(*best, search.tried)


class _Search:
    """Asks for margins and counts."""

    def __init__(self, margins: Margins, told: Callable[[int], None] | None) -> None:
        self._margins, self._told = margins, told
        self.tried = 0

    def smallest(self, boxes: np.ndarray) -> tuple[np.ndarray, float] | None:
        """The smallest of boxes that turns the margin negative, and its margin."""
        if not len(boxes):
            return None
        margins = self._margins(boxes)
        self.tried += len(boxes)
        if self._told:
            self._told(self.tried)
        falls = np.flatnonzero(margins < 0)
        if not len(falls):
            return None
        best = falls[np.argmin(area(boxes[falls]))]
        return boxes[best], float(margins[best])


def _shrunk(box: np.ndarray, step: int) -> np.ndarray:
    """Boxes (S, 4) with one to four sides moved inwards, without empty ones."""
    inwards = np.array([choice for choice in product((0, 1), repeat=4) if any(choice)])
    boxes = box + inwards * np.array([step, -step, step, -step])
    return boxes[(boxes[:, 0] < boxes[:, 1]) & (boxes[:, 2] < boxes[:, 3])]


@dataclass(frozen=True)
class Contest:
    """A gallery in which right and wrong matches compete.

    Attributes:
        gallery: The pictures that are ranked, weighted for the match.
        names: Of them.
        right: (G,) bool, which of them count as right.
        form: Form of the match.
    """

    gallery: Side
    names: Sequence[str]
    right: torch.Tensor
    form: str

    def outcome(
        self, query: Embedding, without: Sequence[int] = ()
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Margins (Q,), and positions of the best right and the best wrong match (Q,)."""
        similarity = query_side(query, self.form).without(without).compare(self.gallery)
        best = [
            similarity.masked_fill(~among, -torch.inf).max(dim=1)
            for among in (self.right, ~self.right)
        ]
        margin = best[0].values - best[1].values
        return margin.numpy(), best[0].indices.numpy(), best[1].indices.numpy()


def explain_first_place(
    look: Look,
    windows: Windows,
    size: tuple[int, int],
    contest: Contest,
    progress: Progress | None = None,
) -> Counterfactual:
    """Find what has to be hidden, or which landmark removed, for the right match to fall.

    Args:
        look: The network.
        windows: The query picture, with what hides.
        size: Its width and height.
        contest: The gallery, with at least one right and one wrong picture.
        progress: Told of rectangles tried, and how many there may be at most.
    """
    began = time.perf_counter()

    def embed(boxes: np.ndarray) -> Embedding:
        output = look(windows.hide(boxes))
        return Embedding(output.retrieval_features.float().cpu(), output.weight.float().cpu())

    query = embed(np.zeros((1, 4), dtype=np.int64))
    (margin,), (match,), (rival,) = contest.outcome(query)
    removals = _removals(contest, query)
    found = Found(None, None, 0)
    if margin > 0:
        most = len(grid_boxes(size)) + MOST_REFINEMENTS
        told = (lambda tried: progress(min(tried, most), most)) if progress else None
        found = smallest_box(lambda boxes: contest.outcome(embed(boxes))[0], size, told=told)
    winner = ""
    if found.box is not None:
        winner = contest.names[contest.outcome(embed(found.box[None]))[2][0]]
    falls = [removal for removal in removals if removal.falls] if margin > 0 else []
    landmark = min(falls, key=lambda removal: removal.margin).landmark if falls else None
    return Counterfactual(
        match=contest.names[match],
        rival=contest.names[rival],
        margin=float(margin),
        box=None if found.box is None else tuple(int(side) for side in found.box),
        box_share=0.0 if found.box is None else float(area(found.box) / (size[0] * size[1])),
        box_winner=winner,
        box_margin=found.margin,
        grid=GRID,
        evaluations=found.evaluations,
        landmarks=removals,
        landmark=landmark,
        note=_note(margin, found.box, landmark),
        milliseconds=1000 * (time.perf_counter() - began),
    )


def _removals(contest: Contest, query: Embedding) -> tuple[LandmarkRemoval, ...]:
    removals = []
    for landmark in range(query.features.shape[1]):
        (margin,), _, (rival,) = contest.outcome(query, without=[landmark])
        removals.append(
            LandmarkRemoval(landmark, bool(margin < 0), contest.names[rival], float(margin))
        )
    return tuple(removals)


def _note(margin: float, box: np.ndarray | None, landmark: int | None) -> str:
    """What was not found, in a sentence."""
    if margin <= 0:
        return "No right match is first to begin with, so none can fall from there."
    missing = []
    if box is None:
        missing.append(
            f"No rectangle of a {GRID[0]} x {GRID[1]} grid that hides up to {LARGEST_SHARE:.0%} of "
            "the picture makes the right match fall."
        )
    if landmark is None:
        missing.append("No single landmark's removal makes the right match fall.")
    return " ".join(missing)
