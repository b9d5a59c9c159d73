"""The lab's tabs: the one that is open runs, the others wait."""

from __future__ import annotations

import streamlit as st

from app import lab_state, services
from app.components import missing
from app.components.lab import counter, draw, hurt, sweep
from app.components.markup import plain

TITLE = "Hide a part and watch the network notice, landmark by landmark"
CONTENT = dict(zip(lab_state.TABS, (draw.tab, sweep.tab, hurt.tab, counter.tab), strict=True))


def show() -> None:
    """Draw the heading and the open tab."""
    st.html(f"<div class='heading'><h1>Occlusion lab</h1><p>{TITLE}</p></div>")
    missing.notice(lab_state.LINKED)
    tabs = st.tabs(lab_state.TABS, key=lab_state.TAB, on_change="rerun")
    if not st.session_state["lab_picture"]:
        st.info("Upload a photo of a person, or choose a sample, to hide parts of it.")
        return
    for name, tab in zip(lab_state.TABS, tabs, strict=True):
        if tab.open:
            with tab:
                _content(name)


def _content(name: str) -> None:
    try:
        if not services.ready():
            with st.spinner("Loading the network, once for all pictures…"):
                services.info()
        CONTENT[name]()
    except services.UserError as error:
        for problem in (*lab_state.told(), str(error)):
            st.error(plain(problem))
