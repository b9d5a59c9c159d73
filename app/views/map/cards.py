"""Selected points as pictures: the landmark's place cut out, the whole beside it."""

from __future__ import annotations

import base64
from functools import lru_cache

import numpy as np
import streamlit as st

from aonet_core.engine import Projection, image_size
from app.services import UserError, failures, galleries, projections
from app.shared import clickable, search_state
from app.shared.markup import dot, escape

CROP = 2.2
"""How much larger the place of a landmark is shown than the whole picture's width allows."""


def show(projection: Projection, points: np.ndarray, names: list[str]) -> str | None:
    """Cards of points; the number of the one that was clicked.

    The pictures come at once, the cut-out places as soon as the network has looked at them.
    """
    pictures = list(dict.fromkeys(projection.names[projection.image[points]].tolist()))
    holder, places = st.empty(), {}
    if projection.spec.kind == "landmarks":
        places = projections.peaks(projection, pictures, look=False)
        if len(places) < len(pictures):
            holder.html(grid(projection, points, names, places))
            try:
                places = projections.peaks(projection, pictures, look=True)
            except UserError:
                pass  # a picture is gone: they are shown without their places
    with holder:
        return clickable.show(grid(projection, points, names, places), "map_cards")


def grid(projection: Projection, points: np.ndarray, names: list[str], places: dict) -> str:
    """Cards of points, each a link to Retrieve.

    Args:
        projection: The map.
        points: Which.
        names: Of the landmarks.
        places: Where landmarks peak, by the picture's name, as far as that is known.
    """
    cards = "".join(_card(projection, int(point), places, names) for point in points)
    return f"<div class='cards points'>{cards}</div>"


def _card(projection: Projection, point: int, places: dict, names: list[str]) -> str:
    row, k = int(projection.image[point]), int(projection.landmark[point])
    name = str(projection.names[row])
    try:
        uri = galleries.thumbnail(projection.gallery, projection.revision, name)
        whole = f"<img src='{uri}' alt=''>"
    except UserError:
        whole = uri = ""
    cut = ""
    if k >= 0:
        cut = _cut(uri, places[name][k]) if name in places and uri else "<i class='cut'></i>"
    who = f"{projection.pids[row]:04d}" if projection.pids[row] > 0 else ""
    camera = f"c{projection.camids[row]}" if projection.camids[row] > 0 else ""
    title = " ".join(filter(None, (who, camera))) or name.rpartition("/")[2]
    beta = float(projection.awareness[row, k] if k >= 0 else projection.awareness[row].mean())
    landmark = f"{dot(k)}{escape(names[k])}" if k >= 0 else "whole"
    body = (
        f"<span class='top'><b>{landmark}</b></span><span class='both'>{cut}{whole}</span>"
        f"<span class='foot'><b>β {beta:.2f}</b><small>{escape(title)}</small></span>"
    )
    address = search_state.link("retrieve", query=failures.key_of(projection.gallery, name))
    what = f"Show in Retrieve: {name}"
    return clickable.link(str(point), "retrieve", address, what, body, "card point")


def _cut(uri: str, place: np.ndarray) -> str:
    """A square around a place of the picture, by style alone."""
    width, height = _size(uri)
    sizes = CROP, CROP * height / width
    at = " ".join(f"{100 * _shift(float(v), size):.1f}%" for v, size in zip(place, sizes,
                  strict=True))  # fmt: skip
    style = f"background:url({uri}) {at} / {100 * CROP:.0f}% auto no-repeat"
    return f"<i class='cut' style='{style}'></i>"


@lru_cache(maxsize=2000)
def _size(uri: str) -> tuple[int, int]:
    return image_size(base64.b64decode(uri.partition(",")[2]))


def _shift(place: float, size: float) -> float:
    """Where a background of `size` times its box must lie to show a place in the middle.

    Percentages of a background's position count what hangs over its box.
    """
    over = size - 1
    return 0.5 if over <= 0 else min(1.0, max(0.0, (place * size - 0.5) / over))
