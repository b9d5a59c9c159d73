"""How pictures and maps are shown, on every page."""

from __future__ import annotations

from dataclasses import dataclass

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
