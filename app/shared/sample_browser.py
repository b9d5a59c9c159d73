"""Choose a sample by its picture."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import services

COLUMNS, ROWS = 9, 2


@st.dialog("Samples", width="large")
def browse(choose: Callable[[str], None]) -> None:
    """A page of thumbnails; a click chooses one.

    Args:
        choose: Called with the name of the sample.
    """
    samples = [s for s in services.samples().samples.values() if s.role != "twin"]
    occluders = sorted({s.occluder for s in samples if s.occluder})
    wanted = st.segmented_control(
        "Occluder",
        ("all occluded", *occluders, "nothing in front"),
        format_func=lambda name: name.replace("_", " "),
        default="all occluded",
        required=True,
        key="wanted",
        label_visibility="collapsed",
    )
    keep = {
        "all occluded": lambda sample: sample.role == "query" and sample.occluder,
        "nothing in front": lambda sample: not sample.occluder,
    }.get(wanted, lambda sample: sample.occluder == wanted)
    found = [sample for sample in samples if keep(sample)]
    size = COLUMNS * ROWS
    page = st.pagination(max(1, -(-len(found) // size)), key=f"page {wanted}")
    shown = found[(page - 1) * size : page * size]
    for start in range(0, len(shown), COLUMNS):
        for cell, sample in zip(st.columns(COLUMNS), shown[start:], strict=False):
            cell.image(str(sample.path), width="stretch", alt=sample.title)
            if cell.button(
                f"{sample.pid:04d}",
                key=f"pick {sample.name}",
                help=sample.title,
                on_click=choose,
                args=(sample.name,),
                width="stretch",
            ):
                st.rerun()
    if not found:
        st.caption("There are no such samples here.")
