"""The query set's evaluation, the failures that are listed of it, and the pair of one of them."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aonet_core.engine import (
    Evaluation,
    MatchOptions,
    ScoreHistogram,
)
from app import charts, services
from app.services import failures, galleries
from app.shared import network_choice, search_state, selection, work


def evaluate(
    gallery: str,
    options: MatchOptions,
    checkpoint: str = "",
    name: str = "evaluation",
    ask: Hashable = None,
) -> Evaluation | None:
    """The query set evaluated, as it was kept or worked out now; None while it is not there.

    Args:
        gallery: Name of the gallery.
        options: How alike two pictures are said to be.
        checkpoint: As of `failures.ask_of`.
        name: Of the work; another one for another evaluation on the same page.
        ask: Works that are asked for together by one click.

    Raises:
        UserError: There are no queries, or something is not there.
    """
    what = f" with {network_choice.titled(checkpoint)}" if checkpoint else ""
    needed = 0.0
    if not failures.ready(gallery, options, checkpoint):
        needed = looks_needed(gallery) + (galleries.size(gallery) if checkpoint else 0)
    return work.result(
        name,
        (gallery, galleries.gallery(gallery).revision, services.info().digest, options, checkpoint),
        f"Searching the gallery for every query{what}",
        lambda progress: failures.evaluation(gallery, options, checkpoint, progress),
        needed,
        shared=True,
        ask=ask,
    )


def looks_needed(gallery: str) -> int:
    """Looks of the network that an evaluation takes: every query and its twin."""
    return 2 * galleries.size(gallery, "query")


ACCEPTED = 0.01
"""Share of impostor pairs at or above the threshold that is drawn."""


def binned_similarities(histogram: ScoreHistogram) -> tuple[charts.Similarities, float | None]:
    """Similarities of all pairs in bins for drawing, and the threshold where it was measured."""
    thresholds = {row[0]: float(row[1]) for row in histogram.thresholds}
    return charts.Similarities(*histogram.coarse()), thresholds.get(ACCEPTED)


def filtered_queries(evaluation: Evaluation, diagnoses: tuple) -> np.ndarray:
    """The queries that the filter leaves, worst first."""
    causes, cause = cause_names(diagnoses), search_state.LINKED.cause
    mask = causes != "found" if cause == "" else causes == cause
    if occluder := search_state.LINKED.occluder:
        mask &= evaluation.occluder == occluder
    if search_state.LINKED.selected:
        mask &= np.isin(evaluation.names, list(selection.get(search_state.LINKED.gallery)))
    if text := (search_state.LINKED.find or "").strip().lower():
        gallery = search_state.LINKED.gallery
        names = map(str, evaluation.names)
        mask &= [text in f"{name} {failures.title_of(gallery, name)}".lower() for name in names]
    left = np.flatnonzero(mask)
    order = np.argsort(np.nan_to_num(evaluation.average_precision[left], nan=-1.0), kind="stable")
    return left[order]


def cause_names(diagnoses: tuple) -> np.ndarray:
    """Names of the causes, one a query."""
    return np.array([diagnosis.cause for diagnosis in diagnoses])


def open_pair(evaluation: Evaluation, row: int) -> None:
    """Go to the pair that tells most of a query."""
    gallery = search_state.LINKED.gallery
    key = failures.key_of(gallery, str(evaluation.names[row]))
    search_state.go("pair", query=key, edit="", match=failures.opponent(evaluation, row))
