"""What to look at and how."""

from __future__ import annotations

import streamlit as st

from app import services, state


def picture_controls() -> None:
    """Choose samples or upload photos, in the side bar."""
    st.file_uploader(
        "Upload photos",
        accept_multiple_files=True,
        type=None,
        key="files",
        on_change=state.take_uploads,
        help="JPEG, PNG, WebP, BMP or TIFF of one person each. They stay in this session's memory.",
    )
    st.segmented_control(
        "Samples",
        ("occluded", "all"),
        format_func={"occluded": "occluded queries", "all": "all samples"}.get,
        key="list",
        required=True,
        help="Synthetic pedestrians of the test split; no identity among them was trained on.",
    )
    options = _options()
    st.selectbox(
        "Left picture",
        options,
        key="left",
        format_func=_title,
        on_change=state.choose_left,
        placeholder="choose a picture",
    )
    st.selectbox(
        "Right picture",
        ["", *options],
        key="right",
        format_func=_title,
        help="To compare with: an occluded sample is put beside its twin, the same render without "
        "the occluder.",
    )
    st.button("Swap left and right", on_click=state.swap, width="stretch")


def display_controls(count: int) -> None:
    """Choose landmark, opacity and scale, in the side bar."""
    st.segmented_control(
        "Landmark",
        (state.ALL_LANDMARKS, *(str(number) for number in range(1, count + 1))),
        key="landmark",
        required=True,
        help="Show all landmarks, or one in large.",
    )
    st.slider("Map opacity, %", 0, 100, key="opacity", step=5)
    st.segmented_control(
        "Colour scale",
        tuple(state.SCALES),
        format_func=state.SCALES.get,
        key="scale",
        required=True,
        help="All tiles share one scale, never one each: it ends at the largest value shown, or at "
        "a fixed value, to compare between pictures.",
    )


def problems() -> None:
    """Say what was wrong with the last upload; what was shown stays."""
    for problem in st.session_state.get("problems", ()):
        st.error(problem)


def _options() -> list[str]:
    """Keys to choose from: uploads, the listed samples, and whatever is shown now."""
    listed = st.session_state["list"]
    keys = [*services.uploads()]
    keys += [
        name
        for name, sample in services.samples().samples.items()
        if listed == "all" or (sample.role == "query" and sample.occluder)
    ]
    shown = [st.session_state[slot] for slot in state.SLOTS]
    return [key for key in shown if key and key not in keys] + keys


def _title(key: str) -> str:
    if not key:
        return "none"
    if key in services.uploads():
        return f"{services.uploads()[key].title} (upload)"
    sample = services.samples().samples.get(key)
    return sample.title if sample else key
