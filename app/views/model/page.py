"""The model's own page: what it is, how it came about, what it costs, what was measured."""

from __future__ import annotations

import streamlit as st

from app import services
from app.services import atlas as service
from app.shared import messages, prepare
from app.shared.choices import Choice, one_of
from app.shared.links import Linked
from app.views.model import checkpoint, cost, reading, results, similarity, training

TITLE = "What runs here, how it was trained, what it costs, and what was measured"


def _data() -> None:
    card = service.data_card()
    if not card:
        st.info("The samples come without a data card.")
        return
    with st.container(width=920):
        st.markdown(card)


CONTENT = {
    "Checkpoint": checkpoint.tab,
    "Training": training.tab,
    "Similarity": similarity.tab,
    "Cost": cost.tab,
    "Results": results.tab,
    "Data": _data,
    "Reading": reading.tab,
}
WITHOUT_NETWORK = {"Data", "Reading"}


class ModelChoices(Linked):
    """What the page can be asked."""

    tab = Choice("Checkpoint", one_of(CONTENT))


LINKED = ModelChoices("model")


def show() -> None:
    """The heading and the open tab."""
    st.html(f"<div class='heading'><h1>Model</h1><p>{TITLE}</p></div>")
    tabs = st.tabs(tuple(CONTENT), key=LINKED.key("tab"), on_change="rerun")
    for name, tab in zip(CONTENT, tabs, strict=True):
        if tab.open:
            with tab:
                _content(name)


def _content(name: str) -> None:
    try:
        if name not in WITHOUT_NETWORK:
            prepare.network()
        CONTENT[name]()
    except services.UserError as error:
        messages.show(error)
