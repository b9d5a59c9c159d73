"""How the scores of the same person and of others lie, and where they part."""

from __future__ import annotations

import streamlit as st

from app import charts, match_state, services
from app.components.markup import plain
from app.services import retrieval
from app.services.retrieval import Query

FALSE_MATCHES = "0.01"
"""Accepted share of impostor pairs at or above the threshold, as the card has it."""


def histogram(query: Query) -> None:
    """The query's scores with the gallery, and the threshold of the checkpoint's card."""
    options = match_state.options()
    try:
        found = retrieval.scores(query, match_state.get("gallery"), options)
    except services.UserError as error:
        st.error(plain(str(error)))
        return
    st.plotly_chart(
        charts.score_histogram(found.genuine, found.impostor, threshold(), query.pid > 0),
        width="stretch",
        config={"displayModeBar": False, "showSendToCloud": False},
        alt="Histogram of the scores of the same person and of others",
        key="match_scores",
    )


def threshold() -> float | None:
    """Lowest score that keeps false matches rare; None where it was not measured."""
    options, info = match_state.options(), services.info()
    own = options.form in (None, info.similarity) and not options.only
    if not own or options.features != "retrieval" or options.rerank:
        return None
    measured = info.metrics.get("open_set", {}).get("at_false_match_rate", {})
    return measured.get(FALSE_MATCHES, {}).get("threshold")
