"""A failure told in one block: the query, who came first, who should have, and why."""

from __future__ import annotations

from aonet_core.engine import Diagnosis, Evaluation
from app.services import failures, galleries
from app.shared import failure_cause, search_state
from app.shared.lead import lead_bars
from app.shared.markup import escape


def block(evaluation: Evaluation, row: int, diagnosis: Diagnosis, names: list[str]) -> str:
    """The three pictures, what each landmark adds to the lead, and the cause.

    Args:
        evaluation: The evaluation.
        row: Which query.
        diagnosis: Of the query.
        names: Of the landmarks.
    """
    gallery = search_state.LINKED.gallery
    figures = [_figure("query", "", gallery, str(evaluation.names[row]), "")]
    for title, kind, side in (
        ("best wrong match ✗", "wrong", evaluation.wrong),
        ("best right match ✓", "right", evaluation.right),
    ):
        if name := str(side.names[row]):
            numbers = f"rank {side.rank[row]:.0f}, similarity {side.similarity[row]:.3f}"
            figures.append(_figure(title, kind, gallery, name, numbers))
    bars = ""
    if evaluation.right.names[row] and evaluation.wrong.names[row]:
        bars = lead_bars(evaluation.lead_by_landmark[row], float(evaluation.margin[row]), names)
    return (
        f"<div class='story'><div class='photos'>{''.join(figures)}</div>"
        f"<div>{failure_cause.html(diagnosis, names)}{bars}</div></div>"
    )


def _figure(title: str, kind: str, gallery: str, name: str, numbers: str) -> str:
    picture = galleries.thumbnail(gallery, galleries.gallery(gallery).revision, name)
    said = escape(failures.title_of(gallery, name))
    return (
        f"<figure class='framed {kind}'><figcaption>{title}</figcaption>"
        f"<img src='{picture}' alt='{said}'><small>{said}<br>{numbers}</small></figure>"
    )
