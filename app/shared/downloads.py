"""Download buttons, and what a downloaded table belongs to."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import services
from app.shared import held, report, search_state


def button(
    what: str,
    suffix: str,
    file_name: str,
    data: bytes | Callable[[], bytes],
    meaning: str,
    key: str | None = None,
    icon: str | None = None,
) -> None:
    """A download button whose file is there whenever it is clicked.

    Args:
        what: What is in the file.
        suffix: Of the file; a key of `report.MIMES`.
        file_name: What the file is called.
        data: What is in it, or what makes it on a click, where that takes a while.
        meaning: Told on hover.
        key: Of the button.
        icon: As `st.download_button`.
    """
    mime = report.MIMES[suffix]
    if not isinstance(data, bytes):
        data = held.holding(data, file_name, mime)
    st.download_button(
        report.label(what, suffix), data, file_name=file_name, mime=mime, help=meaning,
        on_click="ignore", key=key, icon=icon,
    )  # fmt: skip
    held.hold()


def buttons(about: tuple[str, str], *files: tuple, digest: str = "") -> None:
    """Download buttons in the side bar.

    Args:
        about: The page and what it is about, for the files' names.
        files: What is in it, suffix, meaning, and bytes or maker of each.
        digest: Of the checkpoint, where it is not the one that runs.
    """
    with st.sidebar:
        st.html("<small>Download</small>")
        with st.container(horizontal=True, gap="small", key="downloads"):
            for what, suffix, meaning, data in files:
                name = report.file_name(*about, what, suffix, digest)
                if not isinstance(data, bytes):
                    data = report.in_session(data)
                button(what, suffix, name, data, meaning)


def provenance() -> dict[str, str]:
    """What a table belongs to."""
    info = services.info()
    return {
        "gallery": search_state.LINKED.gallery,
        "similarity": search_state.words(search_state.options(), info.similarity),
        "checkpoint": info.digest,
    }
