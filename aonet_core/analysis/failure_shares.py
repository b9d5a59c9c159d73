"""How often each cause makes a query fail, and whether its blame stands the test of removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.evaluated import Evaluation
from aonet_core.analysis.failures import CAUSES, Diagnosis, diagnose
from aonet_core.analysis.fidelity import Interval, bootstrap


@dataclass(frozen=True)
class Removal:
    """What becomes of failures when one landmark's weight is set to 0.

    Attributes:
        count: Failures with a landmark to blame.
        blamed: Share of them that have a right match first without the blamed landmark.
        other: The same without another landmark drawn at random: the mean over all others.
        lead: `blamed` less `other`, with its interval over failures.
    """

    count: int
    blamed: float
    other: float
    lead: Interval


@dataclass(frozen=True)
class CauseShare:
    """A cause among the failures, which are all queries without a right match in first place.

    Attributes:
        cause: Key of `CAUSES`.
        count: Failures with this cause.
        share: Of all failures; NaN without any.
        interval: 95 % bootstrap interval of the share over failures; NaN for fewer than two.
        also: Failures whose rule for this cause holds, whatever their cause.
        removal: Of the blamed landmark; None where no failure with this cause blames one.
    """

    cause: str
    count: int
    share: float
    interval: tuple[float, float]
    also: int
    removal: Removal | None


def diagnose_all(evaluation: Evaluation, use_truth: bool = True) -> tuple[Diagnosis, ...]:
    """Apply the rules to every query, in order; see `diagnose`."""
    return tuple(diagnose(evaluation, row, use_truth) for row in range(len(evaluation)))


def cause_shares(
    evaluation: Evaluation, diagnoses: Sequence[Diagnosis] | None = None
) -> tuple[CauseShare, ...]:
    """Count causes among the failures, in order of precedence; absent causes count 0.

    Args:
        evaluation: Of the whole set.
        diagnoses: Of all its queries; made with the truth where it is known by default.
    """
    diagnoses = diagnose_all(evaluation) if diagnoses is None else diagnoses
    failed = [(row, each) for row, each in enumerate(diagnoses) if each.cause != "found"]
    shares = []
    for cause in CAUSES:
        if cause == "found":
            continue
        there = np.array([each.cause == cause for _, each in failed], dtype=bool)
        share = bootstrap(lambda one: float(one.mean()), there) if len(there) else None
        rules = [rule for _, each in failed for rule in each.rules if rule.cause == cause]
        blamed = [
            (row, each.landmark)
            for row, each in failed
            if each.cause == cause and each.landmark is not None
        ]
        shares.append(
            CauseShare(
                cause=cause,
                count=int(there.sum()),
                share=share.value if share else float("nan"),
                interval=(share.low, share.high) if share else (float("nan"),) * 2,
                also=sum(rule.holds for rule in rules),
                removal=removal(evaluation, blamed),
            )
        )
    return tuple(shares)


def removal(evaluation: Evaluation, blamed: Sequence[tuple[int, int]]) -> Removal | None:
    """Tell whether removing blamed landmarks brings right matches first, more than others do.

    Args:
        evaluation: Of the whole set.
        blamed: Query numbers and the landmark to blame in each.

    Returns:
        None where nothing is blamed, or the ranks without landmarks are not known.
    """
    blamed = [(row, k) for row, k in blamed if np.isfinite(evaluation.rank_without[row]).all()]
    if not blamed:
        return None
    first = np.array([evaluation.rank_without[row] == 1 for row, _ in blamed])  # (n, K)
    at = np.array([k for _, k in blamed])
    hit = np.take_along_axis(first, at[:, None], axis=1)[:, 0].astype(float)
    others = first.shape[1] - 1
    rest = (first.sum(axis=1) - hit) / others if others else np.full(len(hit), np.nan)
    lead = bootstrap(lambda a, b: float((a - b).mean()), hit, rest)
    return Removal(len(hit), float(hit.mean()), float(rest.mean()), lead)
