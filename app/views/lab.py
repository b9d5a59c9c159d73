"""Occlusion lab: hide parts of a picture and see what follows."""

from __future__ import annotations

from app import lab_state
from app.components.lab import controls, tabs


def page() -> None:
    """Offer the choices, show the open tab, remember both."""
    lab_state.restore()
    controls.pictures()
    controls.maps()
    tabs.show()
    lab_state.remember()
