"""Inspect: the landmarks of one or two pictures."""

from __future__ import annotations

from app import state
from app.components import controls, panels


def page() -> None:
    """Offer the choices, draw what was chosen, remember it."""
    state.restore()
    controls.pictures()
    panels.comparison(state.chosen(), state.view())
    state.LINKED.remember()
