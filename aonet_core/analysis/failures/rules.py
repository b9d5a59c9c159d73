"""Why a query fails: causes as rules on the query's own numbers.

Every rule is a list of conditions that must all hold. The first cause in the order of `CAUSES`
whose rule holds is the query's cause; the verdicts of the others are told beside it. Where the
truth of a query is known (synthetic pedestrians), hidden means truly hidden; elsewhere it is judged
by awareness and by how familiar the gallery is with a landmark's features, and said so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.failures.evidence import Case, Condition, Rule, case_of
from aonet_core.analysis.fidelity import HIDDEN_BELOW
from aonet_core.results.evaluation import Evaluation

LITTLE = 0.5
"""A query shows too little where less than this share of what is usually seen is seen."""
SCORED_HIGH = 0.5
"""A landmark scores high from this share of its usual awareness on."""
DOMINANT = 0.5
"""What makes at least this share of all that speaks for the wrong match dominates."""


@dataclass(frozen=True)
class Cause:
    """A reason for failure.

    Attributes:
        title: For people.
        meaning: A sentence.
        rule: Applies it to a query.
    """

    title: str
    meaning: str
    rule: Callable[[Case], Rule]


def _no_match(case: Case) -> Rule:
    """The gallery holds no picture of the identity by another camera."""
    return Rule("no_match", (Condition("valid matches in the gallery", case.num_right, "<", 1),))


def _found(case: Case) -> Rule:
    """A right match is first."""
    return Rule("found", (Condition("rank of the first right match", case.first_rank, "=", 1),))


def _too_little_visible(case: Case) -> Rule:
    """Less than half of what is usually seen is seen.

    With truth: the true visibility of the landmarks, each weighted by its usual awareness.
    Without: the sum of awareness over its usual value.
    """
    share, what = case.awareness_ratio * case.usual, "sum of awareness over its usual value"
    usual = case.usual
    if case.with_truth:
        known = np.isfinite(case.visibility)
        share, usual = case.visibility[known] * usual[known], usual[known]
        what = "truly visible share of the landmarks"
    value = float(share.sum() / max(float(usual.sum()), 1e-12))
    return Rule("too_little_visible", (Condition(what, value, "<", LITTLE),))


def _false_alarm(case: Case) -> Rule:
    """Hidden landmarks that scored high make at least half of what speaks for the wrong match.

    Scored high: at least half of the usual awareness. Hidden, with truth: less than 30 % visible.
    Without: the landmark resembles nobody; its largest cosine to any gallery picture is below what
    95 % of gallery pictures reach among each other. Blamed is the one that counts most.
    """
    if case.with_truth:
        hidden, word, known = case.visibility < HIDDEN_BELOW, "occluded", True
    else:
        hidden, word = case.familiar < 1, "unfamiliar"
        known = bool(np.isfinite(case.familiar).any())
    alarms = np.where(hidden & (case.awareness_ratio >= SCORED_HIGH), case.against_share, 0.0)
    value = float(alarms.sum()) if known else float("nan")
    what = f"part of {word} landmarks with high awareness in what speaks for the wrong match"
    landmark = int(alarms.argmax()) if alarms.any() else None
    return Rule("false_alarm", (Condition(what, value, ">=", DOMINANT),), landmark)


def _look_alike(case: Case) -> Rule:
    """One landmark, seen, makes at least half of what speaks for the wrong match.

    It must also look more alike there: its cosine to the wrong match is above that to the right
    one, so that the lead does not come of weights alone. Seen, with truth: at least 30 % visible.
    Without: at least half of the usual awareness.
    """
    k = int(case.against_share.argmax())
    if case.with_truth:
        visible = Condition("its true visibility", float(case.visibility[k]), ">=", HIDDEN_BELOW)
    else:
        what = "its awareness over the usual one"
        visible = Condition(what, float(case.awareness_ratio[k]), ">=", SCORED_HIGH)
    conditions = (
        Condition(
            f"part of landmark {k + 1} in what speaks for the wrong match",
            float(case.against_share[k]), ">=", DOMINANT,
        ),
        Condition("its cosine to the wrong less to the right", float(case.cosine_lead[k]), ">", 0),
        visible,
    )  # fmt: skip
    return Rule("look_alike", conditions, k if case.against_share[k] else None)


def _camera_shift(case: Case) -> Rule:
    """All that is ahead of the right match comes from the query's own camera.

    Among pictures by other cameras, which share neither its light nor its background, the right
    match is first.
    """
    what = "rank of the first right match among other cameras' pictures"
    failed = Condition("its rank among all", case.first_rank, ">", 1)
    return Rule("camera_shift", (failed, Condition(what, case.other_camera_rank, "=", 1)))


def _unexplained(case: Case) -> Rule:
    """None of the rules above holds."""
    return Rule("unexplained", ())


CAUSES = {
    "no_match": Cause(
        "no valid match",
        "The gallery has no picture of this person by another camera, or nobody said who it is.",
        _no_match,
    ),
    "found": Cause("found", "A right match is first.", _found),
    "too_little_visible": Cause(
        "too little visible",
        "Less than half of what is usually seen of a person is seen.",
        _too_little_visible,
    ),
    "false_alarm": Cause(
        "false alarm",
        "Occluded landmarks scored high and make at least half of what speaks for the wrong match.",
        _false_alarm,
    ),
    "look_alike": Cause(
        "look-alike on a dominant landmark",
        "One landmark that is seen looks more like the wrong person and makes at least half of "
        "what speaks for the wrong match.",
        _look_alike,
    ),
    "camera_shift": Cause(
        "camera or light shift",
        "Only pictures by the query's own camera are ahead of the right match.",
        _camera_shift,
    ),
    "unexplained": Cause("unexplained", "None of the rules holds.", _unexplained),
}
"""Causes in order of precedence. All but "found" are failures."""
SETTLED = ("no_match", "found")
"""Causes that leave nothing to ask."""


@dataclass(frozen=True)
class Diagnosis:
    """Why a query failed.

    Attributes:
        name: Of the query.
        cause: Key of `CAUSES`.
        landmark: The one to blame, from 0 on; None where the cause blames none.
        rules: All rules in order of precedence, with the query's numbers; those after the cause's
            own may hold too. For a query without a match, or found, no others are applied.
        with_truth: Whether hidden means truly hidden.
    """

    name: str
    cause: str
    landmark: int | None
    rules: tuple[Rule, ...]
    with_truth: bool


def diagnose(evaluation: Evaluation, row: int, use_truth: bool = True) -> Diagnosis:
    """Apply the rules to a query.

    Args:
        evaluation: Of the whole set.
        row: Which query.
        use_truth: False to judge without the truth although it may be known.
    """
    case = case_of(evaluation, row, use_truth)
    rules = []
    for name, cause in CAUSES.items():
        rules.append(cause.rule(case))
        if name in SETTLED and rules[-1].holds:
            break
    rule = next(rule for rule in rules if rule.holds)
    name = str(evaluation.names[row])
    return Diagnosis(name, rule.cause, rule.landmark, tuple(rules), case.with_truth)
