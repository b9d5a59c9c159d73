"""Where a gallery's picture is shown further: Inspect for samples, Retrieve for all others."""

from __future__ import annotations

import streamlit as st

from app.services import galleries


def target(gallery: str, name: str) -> tuple[str, dict[str, str]]:
    """Page and address that show a picture further.

    Args:
        gallery: Whose picture.
        name: Of the picture.
    """
    if gallery == galleries.SAMPLE:
        return "inspect", {"left": name}
    return "retrieve", {"gallery": gallery, "query": galleries.MEMBER + name}


def path(page: str) -> str:
    """The address of a page, without what it shows: the first page has no path of its own."""
    return "./" if page == "inspect" else page


def go(page: str, address: dict[str, str]) -> None:
    """Open a page; the rest of this run is dropped."""
    st.switch_page(st.session_state["pages"][page], query_params=address)
