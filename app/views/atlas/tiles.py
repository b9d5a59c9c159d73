"""Pictures of a gallery with one landmark's map on them."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from aonet_core.engine import Atlas
from app import services
from app.services import galleries
from app.shared import clickable, gallery_links, selection
from app.shared.markup import escape
from app.shared.overlay import data_uri, fit, overlay
from app.shared.tiles import image_tag
from app.shared.view import FIXED_LIMIT
from app.theme import landmark_colour
from app.views.atlas import state

SIDE = 176
"""Longest side of a tile, in pixels."""
KINDS = {"whole": "nothing in front", "occluded": "occluded", "": ""}


def mean_tile(atlas: Atlas, k: int, limit: float, side: int = SIDE) -> str:
    """The mean map of landmark k over the mean picture."""
    picture = fit(Image.fromarray(atlas.mean_picture), side)
    opacity = state.LINKED.opacity / 100
    drawn = overlay(picture, atlas.mean_map[k], limit, opacity)
    return image_tag(drawn, f"mean map of landmark {k + 1}", landmark_colour(k))


def mean_limit(atlas: Atlas) -> float:
    """Upper end of the mean maps' colour scale: the largest value of all of them."""
    return max(float(atlas.mean_map.max()), 1e-6)


def ends(atlas: Atlas, k: int, count: int) -> tuple[list[str], list[str]]:
    """Pictures that excite landmark k most, and least, as links.

    Args:
        atlas: Of the gallery.
        k: Landmark.
        count: How many of each, at most.
    """
    most, least = (
        [_tile(atlas, k, int(row), maps[k][place]) for place, row in enumerate(rows[k][:count])]
        for rows, maps in ((atlas.most, atlas.most_maps), (atlas.least, atlas.least_maps))
    )
    return most, least


def _tile(atlas: Atlas, k: int, row: int, response: np.ndarray) -> str:
    name, awareness = str(atlas.names[row]), float(atlas.awareness[row, k])
    kind, opacity = KINDS[str(atlas.kinds[row])], state.LINKED.opacity / 100
    what = f"{name}{', ' * bool(kind)}{kind}: awareness of landmark {k + 1} is {awareness:.3f}"
    source = _drawn(atlas.checkpoint, atlas.gallery, name, k, opacity, response)
    body = (
        f"<img src='{source}' alt='' style='border-bottom:3px solid {landmark_colour(k)}'>"
        f"<small>{awareness:.2f}</small>"
    )
    page, address = target(atlas.gallery, name, k)
    css = "tile selected" if name in selection.get(atlas.gallery) else "tile"
    path = gallery_links.path(page)
    return clickable.link(f"{page} {name}", path, address, what, body, css)


@st.cache_data(max_entries=2000, show_spinner=False)
def _drawn(
    checkpoint: str, gallery: str, name: str, k: int, opacity: float, _response: np.ndarray
) -> str:
    """A tile as a data URI; a picture that is gone is grey."""
    try:
        picture = fit(galleries.photo(gallery, name).image, SIDE)
    except services.UserError:
        return data_uri(Image.new("RGB", (SIDE // 2, SIDE), "#8a929c"))
    return data_uri(overlay(picture, _response, FIXED_LIMIT, opacity))


def target(gallery: str, name: str, k: int) -> tuple[str, dict[str, str]]:
    """Page and address that show a picture further, in Inspect with landmark k in large."""
    page, address = gallery_links.target(gallery, name)
    return page, address | ({"landmark": str(k + 1)} if page == "inspect" else {})


def head(k: int, names: list[str]) -> str:
    """A landmark's number and name with its colour."""
    number, _, region = names[k].partition(" ")
    edge = f"border-color:{landmark_colour(k)}"
    return f"<div class='head' style='{edge}'><b>{number}</b> {escape(region) or '&nbsp;'}</div>"
