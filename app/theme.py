"""Colours and style: neutral surfaces that follow light and dark, colour only for data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LANDMARK_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
    "#D55E00", "#8C6BB1", "#9A8F00", "#A6761D", "#7F7F7F",
)  # fmt: skip
"""One a landmark, the same on every page: Okabe and Ito's colour-blind-safe set, extended."""

LOGO = Path(__file__).with_name("logo.svg")
ICON = Path(__file__).with_name("icon.svg")
"""Of the page; a Material icon's name would make the browser fetch it from a network."""


@cache
def style() -> str:
    """The style sheet of all pages: what several views share, then each view's own."""
    folder = Path(__file__).parent
    files = (folder / "shared" / "style.css", *sorted(folder.glob("views/*/style.css")))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def landmark_colour(index: int) -> str:
    """Colour of landmark `index`, from 0 on."""
    return LANDMARK_COLOURS[index % len(LANDMARK_COLOURS)]


def faded(colour: str, alpha: float) -> str:
    """A `#rrggbb` colour with transparency, as CSS and Plotly read it."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
