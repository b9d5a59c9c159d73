"""Navigation: the pages there are, and nothing that computes."""

from __future__ import annotations

import streamlit as st

from app.components import engine_state, sign_in, visit
from app.theme import ICON, LOGO, STYLE
from app.views import atlas, compare, failures, inspect, lab, map, model, pair, retrieve


def main() -> None:
    """Set the page up and run the chosen view."""
    st.set_page_config(page_title="AONet Lens", layout="wide", page_icon=str(ICON))
    st.html(STYLE)
    st.logo(LOGO.read_text(encoding="utf-8"), size="large")
    if not sign_in.admitted():
        return
    pages = {
        "inspect": st.Page(inspect.page, title="Inspect", url_path="home", default=True),
        "lab": st.Page(lab.page, title="Occlusion lab", url_path="lab"),
        "retrieve": st.Page(retrieve.page, title="Retrieve", url_path="retrieve"),
        "pair": st.Page(pair.page, title="Pair", url_path="pair"),
        "failures": st.Page(failures.page, title="Failures", url_path="failures"),
        "map": st.Page(map.page, title="Map", url_path="map"),
        "atlas": st.Page(atlas.page, title="Atlas", url_path="atlas"),
        "compare": st.Page(compare.page, title="Compare", url_path="compare"),
        "model": st.Page(model.page, title="Model", url_path="model"),
    }
    # The first page is found under its name too.
    alias = st.Page(inspect.page, title="Inspect", url_path="inspect", visibility="hidden")
    # For those who send the visitor to another page.
    st.session_state["pages"] = pages
    chosen = st.navigation([*pages.values(), alias], position="top")
    visit.begin()
    with engine_state.watched():
        chosen.run()
    visit.end()
