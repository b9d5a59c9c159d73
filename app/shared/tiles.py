"""A picture and its landmarks' maps as aligned columns, with their numbers below."""

from __future__ import annotations

from PIL import Image

from app.shared.maps import (
    HIDDEN_BELOW,
    VISIBLE_ABOVE,
    Limits,
    Row,
)
from app.shared.markup import escape, helped
from app.shared.overlay import data_uri, gradient, overlay
from app.shared.wording import MEANING
from app.theme import landmark_colour


def truth_mark(visible: float | None) -> str:
    """A landmark that is occluded in truth, or partly so; "" where it is seen or nobody knows."""
    if visible is None or visible > VISIBLE_ABOVE:
        return ""
    word = "occluded" if visible < HIDDEN_BELOW else "partly"
    sign = "■" if visible < HIDDEN_BELOW else "◧"
    return f" <mark>{sign} {helped(word)}</mark>"


NO_MARK = "<mark class='none'>&nbsp;</mark>"
"""Keeps the maps of a picture with marks in line with those of one without."""


def tile_tag(
    tile: Image.Image,
    row: Row,
    k: int,
    limits: Limits,
    opacity: float,
    names: list[str],
    which: str = "",
) -> str:
    """A map of landmark k over its photo; `which` tells it from its like for who cannot see."""
    drawn = overlay(tile, row.maps[k], limits.of(row), opacity, row.signed)
    return image_tag(drawn, f"landmark {names[k]}, {row.title}{which}", landmark_colour(k))


def image_tag(picture: Image.Image, alt: str, colour: str | None = None) -> str:
    """A picture in the page itself, with an edge in a landmark's colour."""
    edge = f" style='border-bottom:3px solid {colour}'" if colour else ""
    return f"<img src='{data_uri(picture)}' alt='{escape(alt)}'{edge}>"


def scale_ends(row: Row, limits: Limits) -> tuple[str, str, str]:
    """Lower end, middle and upper end of a row's scale."""
    end = limits.of(row)
    return (f"−{end:.3f}", "0", f"+{end:.3f}") if row.signed else ("0", "", f"{end:.3f}")


def scale_tag(row: Row, limits: Limits) -> str:
    """The colour scale of a row of maps, upright, where the photo's column is free."""
    low, middle, high = scale_ends(row, limits)
    kind = "difference scale" if row.signed else "response scale"
    name = helped("with − without" if row.signed else "share per pixel", MEANING[kind])
    return (
        f"<div class='scale'><em>{name}</em>"
        f"<i style='background:{gradient(row.signed, 0)}'></i>"
        f"<span><span>{high}</span><span>{middle}</span><span>{low}</span></span></div>"
    )
