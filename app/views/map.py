"""Map: the space of embeddings, laid out flat."""

from __future__ import annotations

from app import match_state
from app.components.embedding_map import page as embedding_map


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    match_state.restore("map")
    embedding_map.show()
    match_state.remember("map")
