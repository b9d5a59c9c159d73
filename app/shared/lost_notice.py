"""Says which pictures are kept no more, and takes them again."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import in_markdown
from app import services
from app.shared import lost_uploads
from app.shared.links import Linked

FILES = "gone_files"


def notice(linked: Linked) -> None:
    """A line with what is gone from a group of pages, and a field to upload it again."""
    missing = lost_uploads.of(linked)
    if not missing:
        return
    names = [f"**{in_markdown(title)}**" for title in missing.values() if title]
    if len(names) < len(missing):
        names.append("a picture that was uploaded in another browser or long ago")
    said = ", ".join(names)
    with st.container(border=True):
        words, close = st.columns((9, 1), vertical_alignment="center")
        words.markdown(
            f"Not kept any more: {said}. A sample stands in its place; uploaded again, it comes "
            "back to where it was."
        )
        close.button("Dismiss", on_click=lost_uploads.dismiss, args=(linked,), key="gone_dismiss")
        st.file_uploader(
            "Upload again", accept_multiple_files=True, key=FILES, on_change=_take, args=(linked,)
        )
        for problem in st.session_state.pop("gone_problems", ()):
            st.error(in_markdown(problem))


def _take(linked: Linked) -> None:
    """Put back what was gone; another picture takes the first place that is free."""
    files = st.session_state[FILES]
    fresh, st.session_state["gone_problems"] = services.add_uploads(files)
    for key in fresh:
        missing = lost_uploads.of(linked)
        if missing:
            lost_uploads.back(key if key in missing else next(iter(missing)), key)
