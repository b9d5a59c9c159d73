"""Navigation: the pages there are, and nothing that computes."""

from __future__ import annotations

import streamlit as st

from app.theme import ICON, LOGO, STYLE
from app.views import about, inspect, lab


def main() -> None:
    """Set the page up and run the chosen view."""
    st.set_page_config(page_title="AONet Lens", layout="wide", page_icon=str(ICON))
    st.html(STYLE)
    st.logo(LOGO.read_text(encoding="utf-8"), size="large")
    pages = [
        st.Page(inspect.page, title="Inspect", url_path="inspect", default=True),
        st.Page(lab.page, title="Occlusion lab", url_path="lab"),
        st.Page(about.page, title="About", url_path="about"),
    ]
    st.navigation(pages, position="top").run()
