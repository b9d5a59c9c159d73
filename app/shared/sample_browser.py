"""Choose a sample by its picture."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aonet_core.engine import Sample
from app import services
from app.services import galleries
from app.shared import clickable, selection
from app.shared.markup import escape
from app.shared.overlay import data_uri, fit

PAGE_SIZE = 18
SIDE = 160
"""Longest side of a thumbnail, in pixels."""
OCCLUDED, WHOLE, SELECTED = "all occluded", "nothing in front", "selected"


@st.dialog("Samples", width="large")
def browse(choose: Callable[[str], None]) -> None:
    """A page of thumbnails; a click chooses one.

    Args:
        choose: Called with the name of the sample.
    """
    samples = _filtered()
    pages = max(1, -(-len(samples) // PAGE_SIZE))
    page = st.pagination(pages, key=f"browse_page {pages}") if pages > 1 else 1
    if not samples:
        st.caption("There are no such samples here.")
        return
    shown = samples[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    tiles = "".join(map(_tile, shown))
    if clickable.show(f"<div class='browse'>{tiles}</div>", "browse_tiles", choose):
        st.rerun()


def _filtered() -> list[Sample]:
    """The samples that the dialog's fields leave."""
    samples = [s for s in services.samples().samples.values() if s.role != "twin"]
    occluders = sorted({s.occluder for s in samples if s.occluder})
    selected = selection.get(galleries.SAMPLE)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.segmented_control(
            "Kind",
            (OCCLUDED, *occluders, WHOLE, *((SELECTED,) if selected else ())),
            format_func=lambda name: name.replace("_", " "),
            default=OCCLUDED,
            required=True,
            key="wanted",
            label_visibility="collapsed",
        )
        text = st.text_input(
            "Find", key="browse_find", width=190, label_visibility="collapsed",
            placeholder="find by file name",
            help="Part of a file name, an identity, a camera or an occluder; among all samples.",
        )  # fmt: skip
    if text.strip():
        words = text.lower().split()
        return [s for s in samples if all(w in f"{s.name} {s.title}".lower() for w in words)]
    keep = {
        OCCLUDED: lambda sample: sample.role == "query" and sample.occluder,
        WHOLE: lambda sample: not sample.occluder,
        SELECTED: lambda sample: sample.name in selected,
    }.get(kind, lambda sample: sample.occluder == kind)
    return [sample for sample in samples if keep(sample)]


def _tile(sample: Sample) -> str:
    body = (
        f"<img src='{_thumbnail(sample.name)}' alt=''>"
        f"<small>{escape(sample.title.partition(' · ')[0])}<br>"
        f"{escape(sample.name.rpartition('/')[2])}</small>"
    )
    css = "tile selected" if sample.name in selection.get(galleries.SAMPLE) else "tile"
    what = f"{sample.title}: {sample.name}"
    return clickable.link(sample.name, "./", {"left": sample.name}, what, body, css)


@st.cache_data(max_entries=2000, show_spinner=False)
def _thumbnail(name: str) -> str:
    """A sample as a data URI; one that cannot be read is left empty."""
    try:
        return data_uri(fit(services.photo(name).image, SIDE))
    except services.UserError:
        return "data:,"
