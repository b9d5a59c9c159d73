"""What the atlas shows, kept in the address bar: a link reopens it."""

from __future__ import annotations

from app.shared.choices import PERCENT, Choice, text
from app.shared.links import Linked
from app.shared.view import ALL_LANDMARKS, shown_alone


class AtlasChoices(Linked):
    """What the atlas can be asked."""

    gallery = text("sample")
    landmark = shown_alone()
    opacity = Choice(45, PERCENT)


LINKED = AtlasChoices("atlas")


def landmark(count: int) -> int | None:
    """Number from 0 on of the one that is shown alone; None for all.

    Args:
        count: K. A link may name one that the network has not: then all are shown.
    """
    chosen = LINKED.landmark
    if chosen == ALL_LANDMARKS or int(chosen) > count:
        # Before the widget is drawn, which knows nothing of the others.
        LINKED.put(landmark=ALL_LANDMARKS)
        return None
    return int(chosen) - 1
