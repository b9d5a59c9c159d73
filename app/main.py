"""Navigation."""

from __future__ import annotations

import streamlit as st

from app.theme import CSS


def main() -> None:
    """Set the page up and run the chosen view."""
    from app.views import inspect

    st.set_page_config(page_title="AONet Lens", layout="wide", page_icon=":material/visibility:")
    st.html(CSS)
    pages = [
        st.Page(inspect.page, title="Inspect", icon=":material/person_search:", url_path="inspect")
    ]
    st.navigation(pages).run()
