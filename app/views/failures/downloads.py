"""Download buttons of an evaluation: tables and the report."""

from __future__ import annotations

import numpy as np

from aonet_core.engine import Evaluation, diagnose, failure_table, rank_table, to_csv
from app import services
from app.shared import downloads, maps, report, search_state
from app.shared.markup import escape
from app.views.failures import overview, story

MAX_STORIES = 60
"""Failures told in the report."""


def buttons(evaluation: Evaluation) -> None:
    """The table of failures, all rank lists, and the report."""
    gallery, link = search_state.LINKED.gallery, report.here("failures")
    downloads.buttons(
        ("failures", gallery),
        ("Table", "csv", "All queries with their numbers and causes, as CSV.",
         lambda: to_csv(failure_table(evaluation))),
        ("Ranks", "csv", "The first matches of every query with file names, as CSV.",
         lambda: to_csv(rank_table(evaluation))),
        ("Report", "html", "Metrics, causes and failures as one HTML file that needs no network.",
         lambda: report.write("Failures", gallery, link, lambda: _sections(evaluation))),
    )  # fmt: skip


def _sections(evaluation: Evaluation) -> list[tuple[str, str]]:
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    failed = np.flatnonzero(evaluation.failed)
    worst = failed[np.argsort(evaluation.average_precision[failed], kind="stable")]
    stories = "".join(
        story.block(evaluation, row, diagnose(evaluation, row), names)
        for row in worst[:MAX_STORIES]
    )
    if len(worst) > MAX_STORIES:
        stories += f"<p>and {len(worst) - MAX_STORIES} more, in the table of failures.</p>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in evaluation.notes)
    return [
        ("Metrics", overview.tiles(evaluation) + notes),
        ("Causes", overview.cause_list(evaluation) + overview.rules()),
        ("Failures, worst first", stories or "<p>No query failed.</p>"),
    ]
