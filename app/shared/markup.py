"""Small pieces of HTML that several components use."""

from __future__ import annotations

import html
from pathlib import Path

from aonet_core.engine import readable
from app.shared.wording import MEANING
from app.theme import landmark_colour

SCROLLS = "tabindex='0' role='group' aria-label='maps'"
"""Attributes of what may be wider than a small window: so the keyboard reaches and scrolls it."""
BLANKS = dict.fromkeys(map(ord, "\n\r\t"), " ")
"""What is a blank in HTML."""


def source(folder: Path, *names: str) -> str:
    """The text of a widget's files, one after the other."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def escape(text: str) -> str:
    """Text in HTML, as the value of an attribute too: a file's name may hold anything."""
    return html.escape(readable(text.translate(BLANKS)), quote=True)


def helped(text: str, meaning: str | None = None) -> str:
    """Text with a dotted line and its meaning on hover."""
    title = escape(meaning or MEANING[text])
    return f"<span class='helped' title='{title}'>{escape(text)}</span>"


def dot(landmark: int) -> str:
    """The landmark's colour as a dot."""
    return f"<span class='dot' style='background:{landmark_colour(landmark)}'></span>"


def bar(value: float, landmark: int) -> str:
    """A value in [0, 1] as a bar in the landmark's colour."""
    fill = f"width:{100 * value:.1f}%;background:{landmark_colour(landmark)}"
    return f"<div class='bar'><i style='{fill}'></i></div>"


def signed(value: float, digits: int = 3, plus: bool = True) -> str:
    """A number with a true minus sign, and with a plus sign unless it is not wanted; 0 has none."""
    text = f"{value:{'+' if plus else ''}.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("+-")


def percent(share: float, digits: int = 0) -> str:
    """A share as all pages write it: "94.0 %", "–" where there is none."""
    return "–" if share != share else f"{100 * share:.{digits}f}\u00a0%"
