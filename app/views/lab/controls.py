"""Which picture the lab works on, which it is compared with, how maps are drawn: the side bar."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import services
from app.shared import lab_link, sample_browser, uploads
from app.shared.view import SCALES
from app.views.lab import state


def pictures() -> None:
    """Choose the picture and the gallery picture."""
    with st.sidebar:
        uploads.photos("lab_files", state.take_uploads)
        samples = services.samples().samples
        own = {key: f"{photo.title} (upload)" for key, photo in services.uploads().items()}
        order = sorted(samples.values(), key=lambda sample: sample.role != "twin")
        _choose(
            "Picture",
            "lab_picture",
            own | {sample.name: sample.title for sample in order},
            "The picture to hide parts of. Twins are renders with nothing in front.",
            on_change=state.change_picture,
        )
        gallery = {s.name: s.title for s in samples.values() if s.role == "gallery"}
        _choose(
            "Gallery picture to compare with",
            "lab_other",
            {"": "none"} | own | gallery,
            "For a sample, another camera's picture of the same person, to begin with.",
        )
        if st.button("Browse samples", width="stretch", help="Choose a sample by its picture."):
            sample_browser.browse(state.choose)


def maps() -> None:
    """How the maps are drawn."""
    with st.sidebar:
        st.slider("Map opacity, %", 0, 100, lab_link.LINKED.opacity, key="lab_opacity", step=5)
        st.segmented_control(
            "Colour scale ends at",
            tuple(SCALES),
            format_func=lambda key: SCALES.get(key, key),
            key="lab_scale",
            required=True,
            help="All maps, before and after, share one scale. It ends at a fixed share, or at "
            "the largest one shown.",
        )


def _choose(
    label: str,
    key: str,
    titles: dict[str, str],
    meaning: str,
    on_change: Callable[[], None] | None = None,
) -> None:
    chosen = st.session_state[key]
    if chosen and chosen not in titles:
        # A link may name what is not here; it stays chosen, and the page says what is wrong.
        titles = {chosen: chosen} | titles
    st.selectbox(
        label,
        list(titles),
        key=key,
        format_func=lambda key: titles.get(key, key),
        help=meaning,
        placeholder="no samples here: upload a photo",
        on_change=on_change,
    )
