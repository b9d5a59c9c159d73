"""Download buttons of a tab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.services import Photo
from app.services.lab import Occluded
from app.shared import downloads
from app.shared.report import about, file_name, in_session
from app.views.lab import report

MEANINGS = {
    "png": "A figure for print, as PNG.",
    "csv": "The numbers, as CSV.",
    "html": "All that has been computed for this picture, as one HTML file that needs no network.",
}


def row(
    photo: Photo, *files: tuple[str, str, Callable[[], bytes]], occluded: Occluded | None = None
) -> None:
    """Buttons for files and the report, each made when it is asked for.

    Args:
        photo: What they are about.
        files: What is in it, suffix and maker of each.
        occluded: The picture before and after hiding, where it is at hand.
    """
    material = report.material(photo, occluded)
    with st.container(horizontal=True, gap="small"):
        for what, suffix, make in (*files, ("Report", "html", lambda: report.written(material))):
            name = file_name("lab", about(photo), what, suffix)
            downloads.button(
                what, suffix, name, in_session(make), MEANINGS[suffix], key=f"take {what}"
            )
