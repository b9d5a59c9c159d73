"""The whole query set: what was found, what was not and why, and what other options change."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Evaluation
from app import match_state, services
from app.components import told, waiting
from app.components.failures import compare, overview, queries, takeaway
from app.components.markup import plain
from app.components.match import controls
from app.match_state import SAMPLE
from app.services import failures

TITLE = "From it failed to this landmark fooled it: choose a query to see the pair that decided"
TABS = match_state.TABS


def show() -> None:
    """The choices, the evaluation, and the open tab."""
    head = st.empty()
    head.html(_heading(""))
    controls.gallery()
    try:
        _content(head)
    except services.UserError as error:
        told.tell(error)


def _content(head) -> None:
    waiting.network()
    chosen = match_state.get("gallery")
    ask = "failures", chosen
    if waiting.gallery(chosen, waiting.evaluation_looks(chosen), ask) is None:
        return
    if not failures.known(chosen):
        _nothing_known(chosen)
        return
    network = services.info()
    with st.sidebar:
        controls.similarity(network.num_landmarks, network.similarity)
    found = waiting.evaluation(chosen, match_state.options(), ask=ask)
    if found is None:
        return
    head.html(_heading(_status(found)))
    for note in found.notes:
        st.caption(plain(note))
    tabs = st.tabs(TABS, key=match_state.PREFIX + "tab", on_change="rerun")
    for name, tab in zip(TABS, tabs, strict=True):
        if tab.open:
            with tab:
                if name == TABS[0]:
                    overview.show(found)
                    queries.table(found)
                else:
                    compare.show(found)
    takeaway.buttons(found)


def _nothing_known(chosen: str) -> None:
    """A gallery of nobody in particular: no query can fail, but matches can be looked at."""
    st.info(
        f"Who is on the pictures of {plain(chosen)} is not known, so no match can be called right "
        "or wrong. Make the gallery from a data set in a layout that is recognised, whose file "
        "names tell identity and camera, to see failures here."
    )
    with st.container(horizontal=True):
        if st.button("Look for matches in it"):
            match_state.go("retrieve")
        st.button(
            "Failures of the samples", on_click=match_state.put, kwargs={"gallery": SAMPLE}
        )  # fmt: skip


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Failures</h1><p>{TITLE}</p>{status}</div>"


def _status(found: Evaluation) -> str:
    own = services.info().similarity
    return (
        f"<div class='status'>{len(found):,} queries in {found.gallery_size:,} pictures · "
        f"{match_state.words(match_state.options(), own)} · checkpoint "
        f"{found.setting.digest[:8]}</div>"
    )
