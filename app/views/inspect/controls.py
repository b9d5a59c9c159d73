"""What to look at and how: the side bar."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import in_markdown
from app import services
from app.shared import lost_notice, sample_browser, uploads, view
from app.views.inspect import state


def pictures() -> None:
    """Choose samples or upload photos, and how they are shown; say what went wrong."""
    with st.sidebar:
        _choose()
        st.slider(
            "Map opacity, %",
            0,
            100,
            state.LINKED.opacity,
            key="opacity",
            step=5,
            help="How strongly the maps cover the photo, which is shown in grey below them.",
        )
        st.segmented_control(
            "Colour scale ends at",
            tuple(view.SCALES),
            format_func=lambda key: view.SCALES.get(key, key),
            key="scale",
            required=True,
            help="All tiles of both pictures share one scale, never one each. It ends at a fixed "
            "share, the same for every picture, beyond which responses are drawn alike; or at the "
            "largest one shown.",
        )
    lost_notice.notice(state.LINKED)
    for problem in (services.sample_problem(), *st.session_state.get("problems", ())):
        if problem:
            st.error(in_markdown(problem))


def landmark(count: int) -> None:
    """Choose all landmarks or one in large."""
    st.sidebar.segmented_control(
        "Landmark",
        (view.ALL_LANDMARKS, *(str(number) for number in range(1, count + 1))),
        key="landmark",
        required=True,
        help="All landmarks side by side, or one of them in large.",
    )


def _choose() -> None:
    uploads.photos("files", state.take_uploads, "The first two are put side by side.")
    titles = _titles()
    st.selectbox(
        "Left picture",
        list(titles),
        key="left",
        format_func=lambda key: titles.get(key, key),
        on_change=state.compare_with_twin,
        placeholder="no samples here: upload a photo",
        help="Synthetic test pedestrians (identity, camera, occluder) and your uploads. An "
        "occluded sample is put beside its twin, the same render without the occluder.",
    )
    st.selectbox(
        "Right picture",
        ["", *titles],
        key="right",
        format_func=lambda key: titles.get(key, "none"),
        help="The picture to compare with.",
    )
    st.toggle(
        "Pin the right picture",
        key="pin",
        help="It stays while you go through others on the left; else a sample brings its twin.",
    )
    left, right = st.columns(2)
    if left.button("Browse", width="stretch", help="Choose a sample by its picture."):
        sample_browser.browse(state.show)
    right.button("Swap", on_click=state.swap, width="stretch", help="Exchange left and right.")


def _titles() -> dict[str, str]:
    """Titles of all that can be chosen, by key: uploads, occluded queries, then the rest."""
    samples = services.samples().samples
    titles = {key: f"{photo.title} (upload)" for key, photo in services.uploads().items()}
    order = sorted(samples.values(), key=lambda sample: not (sample.occluder and sample.twin))
    titles |= {sample.name: sample.title for sample in order}
    # A link may name what is not here; it stays chosen, and the page says what is wrong.
    missing = [key for key in state.chosen() if key not in titles]
    return {key: key for key in missing} | titles
