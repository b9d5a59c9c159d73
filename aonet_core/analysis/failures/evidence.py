"""The numbers of a query beside thresholds, as the rules of `failures` look at them."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np

from aonet_core.results.evaluation import Evaluation

_SIGNS = {"<": operator.lt, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


@dataclass(frozen=True)
class Condition:
    """A number of the query beside a threshold.

    Attributes:
        what: The number in words.
        value: The query's; NaN where it is not known, in which case the condition does not hold.
        sign: One of < > >= =.
        threshold: What it is compared with.
    """

    what: str
    value: float
    sign: str
    threshold: float

    @property
    def holds(self) -> bool:
        """Whether the number is known and satisfies the comparison."""
        return bool(_SIGNS[self.sign](self.value, self.threshold))

    @property
    def text(self) -> str:
        """The condition with its numbers, and whether it holds."""
        value = "not known" if np.isnan(self.value) else f"{self.value:.3g}"
        verdict = "holds" if self.holds else "does not hold"
        return f"{self.what}: {value} {self.sign} {self.threshold:.3g} {verdict}"


@dataclass(frozen=True)
class Rule:
    """A cause's rule applied to a query.

    Attributes:
        cause: Key of `CAUSES`.
        conditions: All must hold.
        landmark: The one to blame, from 0 on; None where the rule blames none.
    """

    cause: str
    conditions: tuple[Condition, ...]
    landmark: int | None = None

    @property
    def holds(self) -> bool:
        """Whether all conditions hold."""
        return all(condition.holds for condition in self.conditions)


@dataclass(frozen=True)
class Case:
    """The numbers of one query that the rules look at.

    Attributes:
        num_right: Valid matches in the gallery.
        first_rank: Rank of the first right match; NaN without one.
        other_camera_rank: The same among pictures by other cameras than the query's own.
        awareness_ratio: (K,) awareness over its usual value.
        usual: (K,) usual awareness.
        visibility: (K,) true visible share; NaN where unknown.
        familiar: (K,) largest cosine to any gallery picture, over what 95 % of gallery pictures
            reach among each other; NaN where unknown.
        against: (K,) what each landmark adds to the lead of the wrong match, never negative.
        cosine_lead: (K,) cosine to the wrong match less that to the right one.
    """

    num_right: int
    first_rank: float
    other_camera_rank: float
    awareness_ratio: np.ndarray
    usual: np.ndarray
    visibility: np.ndarray
    familiar: np.ndarray
    against: np.ndarray
    cosine_lead: np.ndarray

    @property
    def with_truth(self) -> bool:
        """Whether the true visibility of any landmark is known."""
        return bool(np.isfinite(self.visibility).any())

    @property
    def against_share(self) -> np.ndarray:
        """(K,) of all that speaks for the wrong match; 0 where nothing does."""
        return np.nan_to_num(self.against / max(float(np.nansum(self.against)), 1e-12))


def case_of(evaluation: Evaluation, row: int, use_truth: bool = True) -> Case:
    """Collect the numbers of a query that the rules look at."""
    right, wrong = evaluation.right, evaluation.wrong
    usual = evaluation.usual_awareness
    unknown = np.full(len(usual), np.nan)
    return Case(
        num_right=int(evaluation.num_right[row]),
        first_rank=float(evaluation.first_rank[row]),
        other_camera_rank=float(evaluation.other_camera_rank[row]),
        awareness_ratio=evaluation.awareness[row] / np.maximum(usual, 1e-12),
        usual=usual,
        visibility=evaluation.visibility[row] if use_truth else unknown,
        familiar=evaluation.familiarity[row] / np.maximum(evaluation.unfamiliar_below, 1e-12),
        against=np.maximum(-evaluation.lead_by_landmark[row], 0),
        cosine_lead=wrong.cosine[row] - right.cosine[row],
    )
