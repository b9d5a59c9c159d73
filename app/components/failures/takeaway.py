"""What can be taken away from an evaluation."""

from __future__ import annotations

from aonet_core.engine import Evaluation, failure_table, rank_table, report_html, to_csv
from app import maps, match_state, services
from app.components.match import takeaway
from app.services import failures

MOST = 40
"""Failures in the report."""


def buttons(found: Evaluation) -> None:
    """The table of failures, all rank lists, and the report."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    gallery = match_state.get("gallery")
    takeaway.buttons(
        ("Failures", "csv", "All queries with their numbers and causes, as CSV.",
         lambda: to_csv(failure_table(found))),
        ("Ranks", "csv", "The first matches of every query with file names, as CSV.",
         lambda: to_csv(rank_table(found))),
        ("Report", "html", "Metrics, causes and failures as one HTML file that needs no network.",
         lambda: report_html(found, lambda kind, name: failures.picture(kind, gallery, name), names,
                             MOST).encode()),
    )  # fmt: skip
