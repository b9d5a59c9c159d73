"""The least that has to be hidden for a right match to lose the first place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from aonet_core.analysis.occlusion.smallest_box import (
    GRID,
    LARGEST_SHARE,
    MOST_REFINEMENTS,
    SmallestBox,
    area,
    grid_boxes,
    smallest_box,
)
from aonet_core.analysis.occlusion.sweep import Look
from aonet_core.occlusion import Counterfactual, LandmarkRemoval, Progress, Windows
from aonet_core.retrieval import Embedding, Side, query_side


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


def _corners(box: np.ndarray | None) -> tuple[int, int, int, int] | None:
    if box is None:
        return None
    top, bottom, left, right = box.tolist()
    return top, bottom, left, right


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
    smallest = SmallestBox(None, None, 0)
    if margin > 0:
        most = len(grid_boxes(size)) + MOST_REFINEMENTS
        report = (lambda tried: progress(min(tried, most), most)) if progress else None
        smallest = smallest_box(lambda boxes: contest.outcome(embed(boxes))[0], size, report=report)
    winner = ""
    if smallest.box is not None:
        winner = contest.names[contest.outcome(embed(smallest.box[None]))[2][0]]
    falls = [removal for removal in removals if removal.falls] if margin > 0 else []
    landmark = min(falls, key=lambda removal: removal.margin).landmark if falls else None
    return Counterfactual(
        match=contest.names[match],
        rival=contest.names[rival],
        margin=float(margin),
        box=_corners(smallest.box),
        box_share=0.0 if smallest.box is None else float(area(smallest.box) / (size[0] * size[1])),
        box_winner=winner,
        box_margin=smallest.margin,
        grid=GRID,
        evaluations=smallest.evaluations,
        landmarks=removals,
        landmark=landmark,
        note=_note(margin, smallest.box, landmark),
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
            f"No rectangle of a {GRID[0]} x {GRID[1]} grid that hides up to "
            f"{100 * LARGEST_SHARE:.0f} % of the picture makes the right match fall."
        )
    if landmark is None:
        missing.append("No single landmark's removal makes the right match fall.")
    return " ".join(missing)
