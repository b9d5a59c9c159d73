"""The cause of one query's failure: its rule with the query's numbers, and the other rules'."""

from __future__ import annotations

from aonet_core.engine import CAUSES, Diagnosis, Rule
from app.shared.markup import dot, escape, helped

MARKS = {True: "<span class='right'>✓</span>", False: "<span class='wrong'>✗</span>"}


def html(diagnosis: Diagnosis, names: list[str]) -> str:
    """The cause in a line, then every rule that was tried.

    Args:
        diagnosis: Of the query.
        names: Of the landmarks.
    """
    cause = CAUSES[diagnosis.cause]
    blamed = ""
    if diagnosis.landmark is not None:
        blamed = f", blamed is {dot(diagnosis.landmark)}<b>{escape(names[diagnosis.landmark])}</b>"
    judged = "judged by the truth" if diagnosis.with_truth else "judged by awareness"
    own = next(rule for rule in diagnosis.rules if rule.cause == diagnosis.cause)
    others = "".join(_rule(rule) for rule in diagnosis.rules if rule is not own and rule.conditions)
    return (
        f"<div class='why'>Cause: <b>{helped(cause.title, cause.meaning)}</b>{blamed} "
        f"<small>({judged})</small>{_conditions(own)}"
        f"<details><summary>the other rules</summary><ul>{others}</ul></details></div>"
    )


def _rule(rule: Rule) -> str:
    cause = CAUSES[rule.cause]
    return f"<li>{MARKS[rule.holds]} {helped(cause.title, cause.meaning)}{_conditions(rule)}</li>"


def _conditions(rule: Rule) -> str:
    """Every condition with its number beside the threshold."""
    lines = "".join(
        f"<li>{MARKS[condition.holds]} {escape(condition.text.replace('>=', '≥'))}</li>"
        for condition in rule.conditions
    )
    return f"<ul>{lines}</ul>" if lines else ""
