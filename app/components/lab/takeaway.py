"""What can be taken away from a tab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.components.report import MIMES
from app.services import Photo

MEANINGS = {
    "png": "A figure for print, as PNG.",
    "csv": "The numbers, as CSV.",
    "html": "All that has been computed for this picture, as one HTML file that needs no network.",
}


def row(photo: Photo, *files: tuple[str, str, Callable[[], bytes]]) -> None:
    """Buttons for files, each made when it is asked for, and the report.

    Args:
        photo: What they are about.
        files: Label, suffix and maker of each.
    """
    from app.components.lab import report

    with st.container(horizontal=True, gap="small"):
        for label, suffix, make in (*files, ("Report", "html", lambda: report.report(photo))):
            st.download_button(
                label,
                make,
                file_name=f"occlusion-lab-{label.lower()}.{suffix}",
                mime=MIMES[suffix],
                help=MEANINGS[suffix],
                on_click="ignore",
                key=f"take {label}",
            )
