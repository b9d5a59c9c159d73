"""How often each cause makes a query fail, and whether its blame stands the test of removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.failures.rules import CAUSES, Diagnosis, diagnose
from aonet_core.analysis.fidelity import Interval, bootstrap
from aonet_core.results.evaluation import Evaluation


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
        removal: Of the landmark blamed by failures with this cause; None where none is.
        also_removal: The same for all failures whose rule for this cause holds.
    """

    cause: str
    count: int
    share: float
    interval: tuple[float, float]
    also: int
    removal: Removal | None
    also_removal: Removal | None


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
    return tuple(_share_of(cause, evaluation, failed) for cause in CAUSES if cause != "found")


def _share_of(
    cause: str, evaluation: Evaluation, failed: Sequence[tuple[int, Diagnosis]]
) -> CauseShare:
    """One cause among the failures, which are given with their query numbers."""
    caused = np.array([each.cause == cause for _, each in failed], dtype=bool)
    share = bootstrap(lambda one: float(one.mean()), caused) if len(caused) else None
    holding = [
        (row, rule.landmark, each.cause == cause)
        for row, each in failed
        for rule in each.rules
        if rule.cause == cause and rule.holds
    ]
    blamed = [(row, k, own) for row, k, own in holding if k is not None]
    return CauseShare(
        cause=cause,
        count=int(caused.sum()),
        share=share.value if share else float("nan"),
        interval=(share.low, share.high) if share else (float("nan"),) * 2,
        also=len(holding),
        removal=removal(evaluation, [(row, k) for row, k, own in blamed if own]),
        also_removal=removal(evaluation, [(row, k) for row, k, _ in blamed]),
    )


def removal(evaluation: Evaluation, blamed: Sequence[tuple[int, int]]) -> Removal | None:
    """Tell whether removing blamed landmarks brings right matches first, more than others do.

    Args:
        evaluation: Of the whole set.
        blamed: Query numbers and the landmark to blame in each.

    Returns:
        None where nothing is blamed, or the ranks without landmarks are not known.
    """
    blamed = [(row, k) for row, k in blamed if np.isfinite(evaluation.rank_without[row, k])]
    if not blamed:
        return None
    hits, rest = [], []
    for row, k in blamed:
        ranks = evaluation.rank_without[row]
        hits.append(ranks[k] == 1)
        others = ranks[np.isfinite(ranks) & (np.arange(len(ranks)) != k)]
        rest.append((others == 1).mean() if len(others) else np.nan)
    lead = bootstrap(lambda a, b: float((a - b).mean()), np.array(hits, float), np.array(rest))
    return Removal(len(hits), float(np.mean(hits)), float(np.mean(rest)), lead)
