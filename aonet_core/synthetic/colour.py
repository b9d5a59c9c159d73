"""Colours as the renderer adds them up."""

from __future__ import annotations

from collections.abc import Iterable

Colour = tuple[float, float, float]
"""Red, green and blue light."""


def colour_of(parts: Iterable[float]) -> Colour:
    """A colour of its three parts."""
    red, green, blue = parts
    return red, green, blue
