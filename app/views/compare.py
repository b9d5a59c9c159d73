"""Compare: two networks on the same picture."""

from __future__ import annotations

from app import compare_state
from app.components.compare import page as compare


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    compare_state.restore()
    compare.show()
    compare_state.LINKED.remember()
