"""The lab's tabs: the one that is open runs, the others wait."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import in_markdown
from app import services
from app.shared import lab_link, lost_notice, messages
from app.shared.lab_link import LINKED, TABS
from app.views.lab import attribution, controls, counterfactual, occlude, state, sweep

TITLE = "Hide a part and watch the network notice, landmark by landmark"
CONTENT = dict(
    zip(TABS, (occlude.tab, sweep.tab, attribution.tab, counterfactual.tab), strict=True)
)


def show() -> None:
    """The choices, the heading and the open tab."""
    controls.pictures()
    controls.maps()
    st.html(f"<div class='heading'><h1>Occlusion lab</h1><p>{TITLE}</p></div>")
    lost_notice.notice(LINKED)
    tabs = st.tabs(TABS, key=state.TAB, on_change="rerun")
    if not LINKED.picture:
        st.info("Upload a photo of a person, or choose a sample, to hide parts of it.")
        return
    for name, tab in zip(TABS, tabs, strict=True):
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
        messages.show(error)
    for problem in lab_link.take_problems():
        st.error(in_markdown(problem))
