"""Download buttons, and what a downloaded table belongs to."""

from __future__ import annotations

import streamlit as st

from app import services
from app.shared import report, search_state


def buttons(about: tuple[str, str], *files: tuple) -> None:
    """Download buttons in the side bar.

    Args:
        about: The page and what it is about, for the files' names.
        files: What is in it, suffix, meaning and maker of each.
    """
    with st.sidebar:
        st.html("<small>Download</small>")
        with st.container(horizontal=True, gap="small", key="downloads"):
            for what, suffix, meaning, make in files:
                st.download_button(
                    report.label(what, suffix),
                    report.in_session(make),
                    file_name=report.file_name(*about, what, suffix),
                    mime=report.MIMES[suffix],
                    help=meaning,
                    on_click="ignore",
                )


def provenance() -> dict[str, str]:
    """What a table belongs to."""
    info = services.info()
    return {
        "gallery": search_state.get("gallery"),
        "similarity": search_state.words(search_state.options(), info.similarity),
        "checkpoint": info.digest,
    }
