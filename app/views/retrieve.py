"""Retrieve: who is most alike, and which landmarks say so."""

from __future__ import annotations

from app import match_state
from app.components.match import ranks


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    match_state.restore("retrieve")
    ranks.show()
    match_state.remember("retrieve")
