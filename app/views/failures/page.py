"""The whole query set: what was found, what was not and why, and what other options change."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aonet_core.engine import Evaluation, in_markdown
from app import services
from app.services import failures
from app.shared import messages, prepare, search_controls, search_state
from app.shared.evaluation import evaluate, looks_needed
from app.shared.search_state import SAMPLE
from app.views.failures import comparison, downloads, overview, table

TITLE = "What failed, and which landmark fooled it: choose a query to see the pair that decided"
TABS = search_state.TABS


def show() -> None:
    """The choices, the evaluation, and the open tab."""
    head = st.empty()
    head.html(_heading(""))
    search_controls.gallery()
    try:
        _content(head)
    except services.UserError as error:
        messages.show(error)


def _content(head: DeltaGenerator) -> None:
    prepare.network()
    gallery = search_state.LINKED.gallery
    ask = "failures", gallery
    if prepare.gallery(gallery, looks_needed(gallery), ask) is None:
        return
    if not failures.known(gallery):
        _nothing_known(gallery)
        return
    network = services.info()
    with st.sidebar:
        search_controls.similarity(network.num_landmarks, network.similarity)
    evaluation = evaluate(gallery, search_state.options(), ask=ask)
    if evaluation is None:
        return
    head.html(_heading(_status(evaluation)))
    for note in evaluation.notes:
        st.caption(in_markdown(note))
    tabs = st.tabs(TABS, key=search_state.PREFIX + "tab", on_change="rerun")
    for name, tab in zip(TABS, tabs, strict=True):
        if tab.open:
            with tab:
                if name == TABS[0]:
                    overview.show(evaluation)
                    table.table(evaluation)
                else:
                    comparison.show(evaluation)
    downloads.buttons(evaluation)


def _nothing_known(gallery: str) -> None:
    """A gallery of nobody in particular: no query can fail, but matches can be looked at."""
    st.info(
        f"Who is on the pictures of {in_markdown(gallery)} is not known, so no match can be called "
        "right or wrong. Make the gallery from a data set in a layout that is recognised, whose "
        "file names tell identity and camera, to see failures here."
    )
    with st.container(horizontal=True):
        if st.button("Look for matches in it"):
            search_state.go("retrieve")
        st.button(
            "Failures of the samples", on_click=search_state.put, kwargs={"gallery": SAMPLE}
        )  # fmt: skip


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Failures</h1><p>{TITLE}</p>{status}</div>"


def _status(evaluation: Evaluation) -> str:
    own = services.info().similarity
    return (
        f"<div class='status'>{len(evaluation):,} queries in {evaluation.gallery_size:,} pictures"
        f" · {search_state.words(search_state.options(), own)} · checkpoint "
        f"{evaluation.setting.digest[:8]}</div>"
    )
