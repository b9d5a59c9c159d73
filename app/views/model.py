"""Model: the checkpoint's card, its training, its cost, and what was measured."""

from __future__ import annotations

from app.components.model import page as model


def page() -> None:
    """Show the open tab, remember it."""
    model.LINKED.restore()
    model.show()
    model.LINKED.remember()
