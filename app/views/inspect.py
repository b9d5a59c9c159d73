"""Inspect: the landmarks of one or two pictures."""

from __future__ import annotations

import streamlit as st

from app import services, state
from app.components import controls, panels


def page() -> None:
    """Ask the services, hand the result to the components, draw."""
    st.title("Inspect: where each landmark looks, and what the reference changes")
    state.restore()
    with st.sidebar:
        controls.picture_controls()
    controls.problems()
    shown = _look()
    if shown:
        with st.sidebar:
            controls.display_controls(len(shown[0].analysis.awareness))
        panels.comparison(shown, state.view())
    state.remember()


def _look() -> list[services.Panel]:
    """The chosen pictures as the network sees them; a sentence where something is missing."""
    found = []
    chosen = [st.session_state[slot] for slot in state.SLOTS if st.session_state[slot]]
    if not chosen:
        st.info("Upload a photo of a person, or choose a sample, to see its landmarks.")
    for key in chosen:
        try:
            with st.spinner("Looking at the picture; the first one waits for the network to load"):
                found.append(services.panel(key))
        except services.UserError as error:
            st.error(str(error))
    return found
