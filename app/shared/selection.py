"""Pictures that are selected, the same in every view, kept for the visitor by gallery."""

from __future__ import annotations

from collections.abc import Iterable

from app.services import visitor

KEPT = "selection"
MOST = 8
"""Galleries whose selections are kept; that chosen from longest ago goes first."""


def get(gallery: str) -> frozenset[str]:
    """Names of the selected pictures of a gallery and its queries; empty for none."""
    return visitor.shelf().choices.get(KEPT, {}).get(gallery, frozenset())


def put(gallery: str, names: Iterable[str] = ()) -> None:
    """Select pictures of a gallery instead of those that were; by default none."""
    kept = dict(visitor.shelf().choices.get(KEPT, {}))
    kept.pop(gallery, None)
    if chosen := frozenset(map(str, names)):
        kept[gallery] = chosen
    visitor.shelf().choices[KEPT] = dict(list(kept.items())[-MOST:])
