"""Do the rules of `failures` say what is true? Measured where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.failures.rules import LITTLE, SCORED_HIGH
from aonet_core.analysis.failures.shares import diagnose_all
from aonet_core.analysis.fidelity import (
    HIDDEN_BELOW,
    Interval,
    bootstrap,
    hidden_auroc,
    spearman,
)
from aonet_core.results.evaluation import Evaluation


@dataclass(frozen=True)
class Picked:
    """How well a judgement without truth picks what the truth picks.

    Attributes:
        picked: How many it picks.
        true: How many of them are so.
        all_true: How many there are.
        total: Among how many.
    """

    picked: int
    true: int
    all_true: int
    total: int


@dataclass(frozen=True)
class Checks:
    """Rules beside the truth; Q queries with truth and a valid match.

    Attributes:
        visible_edges: (B + 1,) of bins of the truly visible share of the landmarks.
        in_bin: (B,) queries in each.
        failed_in_bin: (B,) of them failed.
        little: Queries said to show too little by awareness alone.
        alarms: Landmarks of failures said to be false alarms without truth: high awareness and
            unfamiliar; true are those that are hidden. All: landmarks with high awareness.
        hidden_if_picked: Mean true hidden share of the body in failures that show too little by
            awareness alone, and in all other failures; NaN without any.
        same_cause: Failures with the same cause with and without truth.
        failures: How many there are.
        camera_chance: How many failures would be called camera shifts if the cameras of gallery
            pictures were drawn at random; NaN where cameras are unknown.
    """

    visible_edges: np.ndarray
    in_bin: np.ndarray
    failed_in_bin: np.ndarray
    little: Picked
    alarms: Picked
    hidden_if_picked: tuple[float, float]
    same_cause: int
    failures: int
    camera_chance: float


def check_rules(evaluation: Evaluation, gallery_camids: np.ndarray) -> Checks:
    """Compare the rules with the truth.

    Args:
        evaluation: Of queries with known visibility.
        gallery_camids: (G,) cameras of the gallery.

    Raises:
        ValueError: The truth of no query is known.
    """
    rows = np.flatnonzero(evaluation.valid & np.isfinite(evaluation.visibility).any(axis=1))
    if not len(rows):
        raise ValueError("the rules can be checked only where the truth of queries is known")
    visible = visible_share(evaluation)[rows]
    failed = evaluation.failed[rows]
    edges = np.array([0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0])
    place = np.digitize(visible, edges[1:-1])
    awareness_ratio = evaluation.awareness / np.maximum(evaluation.usual_awareness, 1e-12)
    believed = evaluation.awareness.sum(axis=1) / evaluation.usual_awareness.sum()
    little = believed[rows] < LITTLE
    fallen = rows[failed]
    high = (awareness_ratio[fallen] >= SCORED_HIGH) & np.isfinite(evaluation.visibility[fallen])
    strange = high & (evaluation.familiarity[fallen] < evaluation.unfamiliar_below)
    hidden = high & (evaluation.visibility[fallen] < HIDDEN_BELOW)
    causes = [diagnose_all(evaluation, use_truth) for use_truth in (True, False)]
    count = len(edges) - 1
    body = evaluation.hidden[fallen]
    return Checks(
        visible_edges=edges,
        in_bin=np.bincount(place, minlength=count),
        failed_in_bin=np.bincount(place[failed], minlength=count),
        little=_picked(little, visible < LITTLE),
        alarms=_picked(strange[high], hidden[high]),
        hidden_if_picked=(_mean(body[little[failed]]), _mean(body[~little[failed]])),
        same_cause=sum(causes[0][row].cause == causes[1][row].cause for row in fallen),
        failures=len(fallen),
        camera_chance=_camera_chance(evaluation, gallery_camids, fallen),
    )


def visible_share(evaluation: Evaluation) -> np.ndarray:
    """Truly visible share (Q,) of the landmarks, each weighted by its usual awareness."""
    known = np.isfinite(evaluation.visibility)
    weights = np.where(known, evaluation.usual_awareness, 0)
    visible = (np.nan_to_num(evaluation.visibility) * weights).sum(axis=1)
    total = weights.sum(axis=1)
    return np.divide(visible, total, out=np.full(len(total), np.nan), where=total > 0)


def awareness_rises_with_visibility(evaluation: Evaluation) -> Interval:
    """Spearman's correlation of the sum of awareness with the truly visible share."""
    return bootstrap(spearman, evaluation.awareness.sum(axis=1), visible_share(evaluation))


def told_apart(evaluation: Evaluation) -> dict[str, Interval]:
    """AUROC of telling hidden from visible landmarks, among those whose awareness is high.

    Returns:
        By "familiarity", and by "awareness" over its usual value; intervals over queries.
    """
    awareness_ratio = evaluation.awareness / np.maximum(evaluation.usual_awareness, 1e-12)
    visibility = np.where(awareness_ratio >= SCORED_HIGH, evaluation.visibility, np.nan)
    scores = {
        "familiarity": evaluation.familiarity / np.maximum(evaluation.unfamiliar_below, 1e-12),
        "awareness": awareness_ratio,
    }
    return {name: bootstrap(hidden_auroc, score, visibility) for name, score in scores.items()}


def mended(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    """What removing one landmark does to failures, by how the landmark is chosen.

    Returns:
        Share of failures with a right match first, and with one further ahead, without the landmark
        with the most negative "lead", the most negative "share" difference, "any" one drawn at
        random, and the "best" choice. Empty where no ranks without landmarks are known.
    """
    rows = np.flatnonzero(np.isfinite(evaluation.rank_without).all(axis=1))
    if not len(rows):
        return {}
    ranks = evaluation.rank_without[rows]
    choices = {
        "lead": evaluation.lead_by_landmark[rows].argmin(axis=1),
        "share": evaluation.margin_by_landmark[rows].argmin(axis=1),
        "best": ranks.argmin(axis=1),
    }
    without = {name: ranks[np.arange(len(rows)), at][:, None] for name, at in choices.items()}
    before = evaluation.first_rank[rows, None]
    return {
        name: (float((after == 1).mean()), float((after < before).mean()))
        for name, after in (without | {"any": ranks}).items()
    }


def _picked(said: np.ndarray, true: np.ndarray) -> Picked:
    return Picked(int(said.sum()), int((said & true).sum()), int(true.sum()), int(said.size))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _camera_chance(evaluation: Evaluation, camids: np.ndarray, rows: np.ndarray) -> float:
    """Sum over failures of the chance that all pictures ahead are by the query's own camera."""
    own = evaluation.camids[rows]
    if not (own > 0).all() or not (camids > 0).any():
        return float("nan")
    share = (camids[None, :] == own[:, None]).mean(axis=1)
    return float((share ** (evaluation.first_rank[rows] - 1)).sum())
