"""How the similarities of the same person and of others lie, and where they part."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aonet_core.engine import MatchOptions
from app import charts, services
from app.charts import PLOT
from app.services import failures
from app.services import similarities as service
from app.services.retrieval import Query
from app.shared import messages, search_state
from app.shared.evaluation import binned_similarities, evaluate

FALSE_MATCHES = "0.01"
"""Accepted share of impostor pairs at or above the threshold, as the card has it."""
BINS = 60


def histogram(query: Query) -> None:
    """The query's similarities with the gallery; all queries' and their threshold where known."""
    gallery, options = search_state.LINKED.gallery, search_state.options()
    try:
        similarities = service.similarities(query, gallery, options)
        everyone = _everyone(gallery, options)
    except services.UserError as error:
        messages.show(error)
        return
    together = np.concatenate([similarities.genuine, similarities.impostor])
    if not len(together):
        return
    edges = np.histogram_bin_edges(together, BINS)
    counts = [
        np.histogram(part, edges)[0] for part in (similarities.genuine, similarities.impostor)
    ]
    bars = charts.Similarities(edges, *counts)
    lines, threshold = everyone or (None, _card_threshold())
    st.plotly_chart(
        charts.similarity_histogram(bars, threshold, query.pid > 0, lines),
        width="stretch",
        config=PLOT,
        alt="Histogram of the similarities of the same person and of others",
        key="match_scores",
    )


def _everyone(
    gallery: str, options: MatchOptions
) -> tuple[charts.Similarities, float | None] | None:
    """Similarities of all queries of the set, where they have been evaluated."""
    if not failures.ready(gallery, options):
        return None
    evaluation = evaluate(gallery, options)
    return binned_similarities(evaluation.scores) if evaluation and evaluation.scores else None


def _card_threshold() -> float | None:
    """The similarity that keeps false matches rare, from the checkpoint's card, if it applies."""
    options, info = search_state.options(), services.info()
    if options != MatchOptions(form=options.form) or options.form not in (None, info.similarity):
        return None
    measured = info.metrics.get("open_set", {}).get("at_false_match_rate", {})
    return measured.get(FALSE_MATCHES, {}).get("threshold")
