"""Why queries fail, as a page in Markdown: numbers and what they are, no conclusions."""

from __future__ import annotations

from collections import Counter

import numpy as np

from aonet_core.analysis.failures.checks import (
    Picked,
    awareness_rises_with_visibility,
    check_rules,
    mended,
    told_apart,
)
from aonet_core.analysis.failures.rules import CAUSES
from aonet_core.analysis.failures.shares import CauseShare, cause_shares, diagnose_all
from aonet_core.analysis.failures.tables import failure_table
from aonet_core.analysis.fidelity import Interval
from aonet_core.names import as_code, in_markdown
from aonet_core.reports.markdown import markdown_table
from aonet_core.results.evaluation import Evaluation

MOST_LISTED = 60
"""Failures that are listed at most."""
_NONE = "–"


def page(evaluations: dict[str, Evaluation], gallery_camids: np.ndarray, command: str) -> str:
    """Write the page.

    Args:
        evaluations: Of one query set by form of the match, the network's own form first.
        gallery_camids: (G,) cameras of the gallery.
        command: What made it.
    """
    own = next(iter(evaluations.values()))
    truth = bool(np.isfinite(own.visibility).any())
    parts = ["# Failures and their causes", _about(own, command)]
    parts += ["## Rules", _rules()]
    parts += ["## Causes", _legend(truth), *_causes(evaluations, truth)]
    if truth:
        parts += ["## Checked against the truth", *_checks(own, gallery_camids)]
    parts += ["## Which landmark to blame", _blame(evaluations)]
    parts += ["## Every failure", _listing(own)]
    return "\n\n".join(parts) + "\n"


def _about(own: Evaluation, command: str) -> str:
    setting = own.setting
    return (
        f"Written by {as_code(command)}: {len(own)} queries of {in_markdown(setting.queries)}, "
        f"{own.gallery_size} gallery pictures, checkpoint {in_markdown(setting.checkpoint)} "
        f"({setting.digest[:12]}…), form `{setting.form}`. Rank-1 {_share(own.cmc[0])}, mAP "
        f"{_share(own.mean_ap)}, mINP {_share(own.mean_inp)}; {int(own.failed.sum())} queries have "
        f"a right match that is not first. {in_markdown(' '.join(own.notes))}".rstrip()
    )


def _rules() -> str:
    """Every rule's own words, in order of precedence."""
    lines = []
    for number, cause in enumerate(CAUSES.values(), 1):
        words = " ".join((cause.rule.__doc__ or "").split())
        lines.append(f"{number}. **{cause.title}**: {words}")
    return "The first rule that holds gives the cause.\n\n" + "\n".join(lines)


def _legend(truth: bool) -> str:
    judged = (
        "Each form of the match twice: hidden judged by the truth, and by the network's own "
        "numbers as if no truth were known."
        if truth
        else "No truth is known of these queries: hidden is judged by the network's own numbers."
    )
    return (
        f"{judged} Share: of all queries that are not found, with its 95 % bootstrap interval. "
        "Holds: failures whose rule for the cause holds, whatever their cause. Blamed: share of "
        "them with a right match in first place when the weight of the blamed landmark is 0. "
        "Another: the same without another landmark drawn at random, the mean over all others. "
        "Difference: of the two, with its interval."
    )


def _causes(evaluations: dict[str, Evaluation], truth: bool):
    header = ("cause", "n", "share", "holds", "blamed", "another", "difference")
    for form, evaluation in evaluations.items():
        for use_truth in (True, False) if truth else (False,):
            shares = cause_shares(evaluation, diagnose_all(evaluation, use_truth))
            judged = "the truth" if use_truth else "the network's own numbers"
            yield f"### `{form}`, judged by {judged}: {sum(s.count for s in shares)} not found"
            yield markdown_table(header, map(_cells, shares))


def _cells(share: CauseShare) -> list[str]:
    interval = "" if np.isnan(share.interval[0]) else " [{:.2f}, {:.2f}]".format(*share.interval)
    cells = [CAUSES[share.cause].title, str(share.count)]
    cells += [_share(share.share) + interval, str(share.also)]
    removed = share.also_removal
    if removed is None:
        return [*cells, _NONE, _NONE, _NONE]
    lead = removed.lead
    return [
        *cells,
        f"{removed.blamed:.2f} of {removed.count}",
        _share(removed.other),
        _signed(lead.value)
        + ("" if np.isnan(lead.low) else f" [{_signed(lead.low)}, {_signed(lead.high)}]"),
    ]


def _blame(evaluations: dict[str, Evaluation]) -> str:
    """What removal does, by how the landmark is chosen."""
    header = ("form", "lowest lead", "lowest share difference", "any, at random", "best choice")
    rows = []
    for form, evaluation in evaluations.items():
        shares = mended(evaluation)
        cells = [
            "{:.2f} / {:.2f}".format(*shares[choice]) if shares else _NONE
            for choice in ("lead", "share", "any", "best")
        ]
        rows.append((f"`{form}`", *cells))
    words = (
        "Share of failures with a right match first, and with one further ahead than before, when "
        "the weight of one landmark is 0."
    )
    return f"{words}\n\n{markdown_table(header, rows)}"


def _checks(own: Evaluation, gallery_camids: np.ndarray):
    checks = check_rules(own, gallery_camids)
    edges = checks.visible_edges
    yield (
        "Queries by the truly visible share of their landmarks, each weighted by its usual "
        "awareness:"
    )
    yield markdown_table(
        ("visible", *(f"{a:.1f} to {b:.1f}" for a, b in zip(edges, edges[1:], strict=False))),
        (
            ("queries", *map(str, checks.in_bin)),
            ("not first", *map(str, checks.failed_in_bin)),
            ("share", *map(_share, checks.failed_in_bin / np.maximum(checks.in_bin, 1))),
        ),
    )
    rise = awareness_rises_with_visibility(own)
    picked, rest = checks.hidden_if_picked
    apart = {name: _interval(interval) for name, interval in told_apart(own).items()}
    lines = [
        "Too little visible, by awareness alone, among all queries: "
        f"{_picked(checks.little, 'truly show less than half')}. Spearman's correlation of the "
        f"sum of awareness with the visible share: {_interval(rise)}.",
        f"True hidden share of the body in failures that it picks: {_share(picked)}; in the "
        f"others: {_share(rest)}; in all queries: {_share(float(np.nanmean(own.hidden)))}.",
        "False alarms without truth, among the landmarks of failures with high awareness: "
        f"{_picked(checks.alarms, 'are truly hidden')}.",
        "AUROC of telling hidden from visible landmarks among all queries' landmarks with high "
        f"awareness: by familiarity {apart['familiarity']}, by awareness {apart['awareness']}.",
        f"Same cause with and without truth: {checks.same_cause} of {checks.failures} failures.",
        f"Camera shifts that chance alone would give, were the gallery's cameras random: "
        f"{checks.camera_chance:.1f}.",
        "Failures by occluder (queries with it): " + _occluders(own) + ".",
    ]
    yield "\n".join(f"- {line}" for line in lines)


def _interval(interval: Interval) -> str:
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def _picked(picked: Picked, words: str) -> str:
    return (
        f"{picked.picked} of {picked.total} are picked, and {picked.true} of these {words}; in "
        f"all, {picked.all_true} of {picked.total} {words}"
    )


def _occluders(own: Evaluation) -> str:
    failed, every = Counter(own.occluder[own.failed]), Counter(own.occluder)
    named = (
        (in_markdown(name.replace("_", " ")) or "none", failed[name], every[name]) for name in every
    )
    ordered = sorted(named, key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name} {count} ({total})" for name, count, total in ordered)


def _listing(own: Evaluation) -> str:
    table = failure_table(own)
    table = table[table["cause"] != "found"].sort_values("first_rank", ascending=False)
    rows = [
        (
            as_code(row.query),
            f"{row.first_rank:.0f}",
            _share(row.average_precision),
            f"{row.sum_awareness:.2f}",
            _share(row.hidden_share),
            CAUSES[row.cause].title,
            _NONE if np.isnan(row.blamed_landmark) else f"{row.blamed_landmark:.0f}",
            row.evidence or _NONE,
        )
        for row in table.head(MOST_LISTED).astype({"blamed_landmark": float}).itertuples()
    ]
    header = (
        "query", "first rank", "AP", "sum of β", "hidden", "cause", "blamed landmark", "evidence",
    )  # fmt: skip
    more = f"\n\n{len(table) - MOST_LISTED} more are left out." if len(table) > MOST_LISTED else ""
    return markdown_table(header, rows) + more


def _share(value: float) -> str:
    return _NONE if np.isnan(value) else f"{value:.2f}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
