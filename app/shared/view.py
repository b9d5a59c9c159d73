"""How pictures and maps are shown, on every page."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.choices import Choice, one_of

ALL_LANDMARKS = "all"
SCALES = {"fixed": "0.30", "shared": "largest shown"}
FIXED_LIMIT = 0.30


@dataclass(frozen=True)
class View:
    """How the pictures are shown.

    Attributes:
        landmark: "all", or a landmark's number from 1 on.
        opacity: Of the maps over the photo, percent.
        scale: Key of `SCALES`.
    """

    landmark: str = ALL_LANDMARKS
    opacity: int = 60
    scale: str = "fixed"


def shown_alone() -> Choice[str]:
    """A choice of the landmark that is shown alone, or all."""
    return Choice(ALL_LANDMARKS, one_of((ALL_LANDMARKS, *map(str, range(1, 33)))))
