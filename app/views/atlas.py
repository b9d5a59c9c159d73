"""Atlas: the landmarks over a whole gallery."""

from __future__ import annotations

from app.atlas_state import LINKED
from app.components.atlas import page as atlas


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    LINKED.restore()
    atlas.show()
    LINKED.remember()
