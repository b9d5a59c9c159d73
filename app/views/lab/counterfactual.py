"""Counterfactual: the least that must be hidden for the right match to lose the first place."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Counterfactual, Edit, Fill, Rectangle
from app import services
from app.services import search
from app.shared import maps, work
from app.shared.lab_link import LINKED, TABS
from app.views.lab import attribution, downloads, exports, fills, state
from app.views.lab.parts.counterfactual import story

LOOKS = 150
"""Rectangles that are tried in most pictures, about."""


def tab() -> None:
    """Search, then show the rectangle, the landmark, and who wins instead."""
    photo = services.photo(LINKED.picture)
    if not attribution.gallery(LOOKS, "counterfactual"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Hide with", fills.PLAIN, index=fills.PLAIN.index("mean"),
            format_func=lambda key: fills.FILLS.get(key, key),
            key="lab_counter_fill", width=160,
        )  # fmt: skip
    counterfactual = work.result(
        "counterfactual",
        (photo.key, kind),
        "Trying rectangles",
        search.counterfactual(photo.key, Fill(kind)),
        LOOKS,
        ask="counterfactual",
    )
    if counterfactual is None:
        before = work.before("counterfactual", photo.key, Counterfactual)
        if before is None:
            return
        (_, kind), counterfactual = before
        st.caption(f"The search before, hiding with {fills.FILLS[kind]}:")
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    st.html(story(photo, counterfactual, names))
    with st.container(horizontal=True):
        if counterfactual.box:
            st.button(
                "Put this rectangle on the canvas",
                on_click=_put, args=(counterfactual.box, kind),
                help="Open it in the first tab, in place of what is drawn there.",
            )  # fmt: skip
        downloads.row(
            photo,
            ("Story", "png", lambda: exports.counterfactual_png(photo, counterfactual)),
            ("Removals", "csv", lambda: exports.counterfactual_csv(counterfactual, names)),
        )


def _put(box: tuple[int, int, int, int], kind: str) -> None:
    top, bottom, left, right = box
    shape = Rectangle(left, top, right - left, bottom - top)
    state.put(Edit((shape,), Fill(kind)))
    st.session_state[state.TAB] = TABS[0]
