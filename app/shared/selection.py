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
    chosen, names = get(gallery), frozenset(map(str, names))
    put(gallery, chosen - names if names <= chosen else chosen | names)


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
    chosen = get(gallery)
    if label and chosen:
        known = tags(gallery)
        changed = known | {label: known.get(label, frozenset()) | chosen}
        _keep(TAGS, gallery, dict(list(changed.items())[-MOST_TAGS:]))


def untag(gallery: str, label: str) -> None:
    """Drop a tag; the pictures stay selected where they are."""
    known = tags(gallery)
    _keep(TAGS, gallery, {each: names for each, names in known.items() if each != label})


def _keep(kind: str, gallery: str, value: frozenset | dict) -> None:
    kept = dict(visitor.belongings().choices.get(kind, {}))
    kept.pop(gallery, None)
    if value:
        kept[gallery] = value
    visitor.belongings().choices[kind] = dict(list(kept.items())[-MAX_SELECTIONS:])
