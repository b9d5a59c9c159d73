"""Pair: two pictures, landmark by landmark."""

from __future__ import annotations

from app import match_state
from app.components.match import pair


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    match_state.restore("pair")
    pair.show()
    match_state.remember("pair")
