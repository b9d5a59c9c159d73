"""Failures: what was not found, and what fooled the network."""

from __future__ import annotations

from app import match_state
from app.components.failures import page as failures


def page() -> None:
    """Offer the choices, show what follows from them, remember them."""
    match_state.restore("failures")
    failures.show()
    match_state.remember("failures")
