"""The field for photos of one's own, the same on every page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.services import visitor


def photos(key: str, take: Callable[[], None], more: str = "") -> None:
    """Offer to upload photos.

    Args:
        key: Of the field.
        take: Called when its files change.
        more: A sentence on what becomes of them on this page.
    """
    st.file_uploader(
        "Photos of your own",
        accept_multiple_files=True,
        key=key,
        on_change=take,
        help=f"JPEG, PNG, WebP, BMP or TIFF, cropped to one person each. {more} {kept()}",
    )


def kept() -> str:
    """What is done with pictures of one's own, in two sentences."""
    return (
        "They stay in the memory of the machine that runs this application, for your browser "
        f"alone, until {visitor.hours():g} hours after your last visit, or until you forget them. "
        "A link cannot hold them."
    )
