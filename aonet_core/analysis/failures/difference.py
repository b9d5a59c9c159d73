"""Two evaluations of one query set side by side: what was won and what was lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.failures.shares import diagnose_all
from aonet_core.analysis.fidelity import Interval, bootstrap
from aonet_core.results.evaluation import Evaluation

OUTCOMES = ("won", "lost", "same")


@dataclass(frozen=True)
class Contrast:
    """Query by query, from one evaluation to another; Q queries valid in both.

    Attributes:
        names: (Q,) str, of the queries.
        before: (Q,) average precision in the first evaluation.
        after: (Q,) in the second.
        rank_before: (Q,) first rank of a right match.
        rank_after: (Q,) the same in the second.
        outcome: (Q,) str, one of `OUTCOMES`: whether the average precision rose or fell.
        cause_before: (Q,) str, keys of `CAUSES`.
        cause_after: (Q,) str.
        mean_ap: Rise of mAP, with its interval over queries, resampled in pairs.
        rank1: Rise of the share of queries with a right match first.
        skipped: Queries without a valid match in either.
    """

    names: np.ndarray
    before: np.ndarray
    after: np.ndarray
    rank_before: np.ndarray
    rank_after: np.ndarray
    outcome: np.ndarray
    cause_before: np.ndarray
    cause_after: np.ndarray
    mean_ap: Interval
    rank1: Interval
    skipped: int

    @property
    def difference(self) -> np.ndarray:
        """(Q,) rise of the average precision."""
        return self.after - self.before

    def count(self, outcome: str) -> int:
        """How many queries were won, lost or stayed the same."""
        return int((self.outcome == outcome).sum())


def contrast(before: Evaluation, after: Evaluation) -> Contrast:
    """Compare two checkpoints, or two options of the match, query by query.

    Args:
        before: The first.
        after: The second, of the same queries; they may be in another order.

    Raises:
        ValueError: The queries are not the same, or none is valid in both.
    """
    if sorted(before.names) != sorted(after.names):
        only = len(set(before.names) ^ set(after.names))
        raise ValueError(
            "a comparison needs the same queries on both sides, got "
            f"{len(before)} and {len(after)}, {only} of them on one side alone"
        )
    place = {name: row for row, name in enumerate(after.names)}
    order = np.array([place[name] for name in before.names])
    both = before.valid & after.valid[order]
    if not both.any():
        raise ValueError(f"none of {len(before)} queries has a valid match on both sides")
    left, right = np.flatnonzero(both), order[both]
    a, b = before.average_precision[left], after.average_precision[right]
    first = [side.first_rank[rows] for side, rows in ((before, left), (after, right))]
    causes = [np.array([each.cause for each in diagnose_all(side)]) for side in (before, after)]
    rise = (first[1] == 1).astype(float) - (first[0] == 1)
    return Contrast(
        names=before.names[left],
        before=a,
        after=b,
        rank_before=first[0],
        rank_after=first[1],
        outcome=np.select([b > a, b < a], OUTCOMES[:2], OUTCOMES[2]),
        cause_before=causes[0][left],
        cause_after=causes[1][right],
        mean_ap=bootstrap(lambda values: float(values.mean()), b - a),
        rank1=bootstrap(lambda values: float(values.mean()), rise),
        skipped=int((~both).sum()),
    )
