"""Which part of the ranking is shown: the side bar of Retrieve."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import GalleryInfo
from app.shared import search_state
from app.shared.search_state import PREFIX


def shown(info: GalleryInfo) -> None:
    """Which part of the ranking is shown."""
    cameras = sorted({camid for camid in info.camids if camid})
    with st.sidebar:
        st.select_slider(
            "Best matches",
            search_state.TOPS,
            search_state.LINKED.top,
            key=PREFIX + "top",
            help="How many to show, in pages.",
        )
        with st.popover("Filter", width="stretch"):
            st.toggle(
                "Other cameras only",
                key=PREFIX + "elsewhere",
                disabled=not cameras,
                help="Leave out all pictures by the query's own camera.",
            )
            st.toggle(
                "Show junk",
                key=PREFIX + "junk",
                help="Pictures of the same person by the same camera do not count in the field's "
                "protocol; shown grey where they would have come.",
            )
            st.multiselect(
                "Cameras",
                cameras,
                key=PREFIX + "cameras",
                format_func=lambda camid: f"camera {camid}",
                placeholder="all" if cameras else "not known in this gallery",
                disabled=not cameras,
                help="Rank the pictures of these cameras alone.",
            )
            st.slider(
                "Similarity at least",
                -1.0,
                1.0,
                search_state.LINKED.least,
                key=PREFIX + "least",
                step=0.01,
                help="Cut the list where the similarity falls below.",
            )
