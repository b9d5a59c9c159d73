"""Pictures that are selected or tagged, the same in every view, kept for the visitor by gallery."""

from __future__ import annotations

from collections.abc import Iterable

from app.services import visitor

KEPT, TAGS = "selection", "tags"
MAX_SELECTIONS = 8
"""Galleries whose selections are kept; that chosen from longest ago goes first."""
MOST_TAGS, LONGEST_TAG = 30, 40
"""Tags of a gallery, and letters of a tag, that are kept."""


def get(gallery: str) -> frozenset[str]:
    """Names of the selected pictures of a gallery and its queries; empty for none."""
    return visitor.belongings().choices.get(KEPT, {}).get(gallery, frozenset())


def put(gallery: str, names: Iterable[str] = ()) -> None:
    """Select pictures of a gallery instead of those that were; by default none."""
    _keep(KEPT, gallery, frozenset(map(str, names)))


def toggle(gallery: str, names: Iterable[str]) -> None:
    """Add pictures to the selection; where all of them are in it, take them out."""
    selected, names = get(gallery), frozenset(map(str, names))
    put(gallery, selected - names if names <= selected else selected | names)


def tags(gallery: str) -> dict[str, frozenset[str]]:
    """Names of tagged pictures of a gallery by tag, the oldest tag first."""
    return visitor.belongings().choices.get(TAGS, {}).get(gallery, {})


def tag(gallery: str, label: str) -> None:
    """Tag the selected pictures; a tag that there is already gets them added.

    Args:
        gallery: Whose pictures.
        label: Any text; "" changes nothing.
    """
    label = " ".join(label.split())[:LONGEST_TAG]
    selected = get(gallery)
    if label and selected:
        by_label = tags(gallery)
        changed = by_label | {label: by_label.get(label, frozenset()) | selected}
        _keep(TAGS, gallery, dict(list(changed.items())[-MOST_TAGS:]))


def untag(gallery: str, label: str) -> None:
    """Drop a tag; the pictures stay selected where they are."""
    by_label = tags(gallery)
    _keep(TAGS, gallery, {each: names for each, names in by_label.items() if each != label})


def _keep(kind: str, gallery: str, value: frozenset | dict) -> None:
    by_gallery = dict(visitor.belongings().choices.get(kind, {}))
    by_gallery.pop(gallery, None)
    if value:
        by_gallery[gallery] = value
    visitor.belongings().choices[kind] = dict(list(by_gallery.items())[-MAX_SELECTIONS:])
