"""About: how to read the page, what the checkpoint is, what happens to pictures."""

from __future__ import annotations

from app.components import card


def page() -> None:
    """Explain, then show the checkpoint's card."""
    card.reading_help()
    card.checkpoint()
