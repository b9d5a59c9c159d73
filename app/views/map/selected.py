"""What is selected: its statistics, its pictures with each landmark's place, and ways on."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aonet_core.engine import Projection
from app.services import failures
from app.shared import search_state
from app.shared.markup import bar, dot, escape, helped
from app.views.map import cards, downloads

PAGE_SIZE = 12
EMPTY = (
    "<div class='query'><h2>Nothing selected</h2><p>Draw around points with the lasso or the box, "
    "click one, or click a name in the legend. Shift adds, Alt takes away, Escape lets go.</p>"
    "</div>"
)


def show(projection: Projection, picked: np.ndarray, names: list[str]) -> None:
    """Statistics, ways on, and a page of pictures.

    Args:
        projection: The map.
        picked: (N,) bool.
        names: Of the landmarks.
    """
    points = np.flatnonzero(picked)
    if not len(points):
        st.html(EMPTY)
        return
    points = nearest_first(projection, points)
    st.html(statistics(projection, points, names))
    with st.container(horizontal=True, vertical_alignment="center"):
        typical = (
            "Look for the picture nearest the selection's middle, in this gallery; a click on any "
            "picture looks for that one."
        )
        if st.button("Show in Retrieve", help=typical):
            _retrieve(projection, int(points[0]))
        downloads.names(projection, points, names)
    pages = -(-len(points) // PAGE_SIZE)
    page = 1
    if pages > 1:
        page = st.pagination(pages, key=f"map_page {len(points)} {points[0]} {points[-1]}")
    part = points[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    clicked = cards.show(projection, part, names)
    if clicked:
        _retrieve(projection, int(clicked))


def nearest_first(projection: Projection, points: np.ndarray) -> np.ndarray:
    """Points by their distance to the middle of all of them in the picture."""
    places = projection.coordinates[points]
    away = ((places - np.median(places, axis=0)) ** 2).sum(axis=1)
    return points[np.argsort(away, kind="stable")]


def _retrieve(projection: Projection, point: int) -> None:
    name = str(projection.names[projection.image[point]])
    key = failures.key_of(projection.gallery, name)
    search_state.go("retrieve", query=key, edit="", match="", page=1)


def statistics(projection: Projection, points: np.ndarray, names: list[str]) -> str:
    """Counts and means of selected points."""
    images = np.unique(projection.image[points])
    people = np.unique(projection.pids[images][projection.pids[images] > 0])
    cameras = np.unique(projection.camids[images][projection.camids[images] > 0])
    numbers = {
        "points": f"{len(points):,}",
        "pictures": f"{len(images):,}",
        "people": f"{len(people):,}" if len(people) else "–",
        "cameras": f"{len(cameras):,}" if len(cameras) else "–",
        "mean β": _mean(projection.of_points("awareness")[points]),
        "true visibility": _mean(projection.of_points("visibility")[points]),
        "person purity": _mean(projection.identity_purity[points]),
    }
    meanings = {
        "mean β": "Mean awareness of the selected points.",
        "true visibility": "Mean true visible share of the selected points for which it is known.",
        "person purity": "Mean over the measured ones of the selected points: the share of their "
        "nearest points of other pictures, in the original space, that show the same person.",
    }
    tiles = "".join(
        f"<div>{helped(name, meanings[name]) if name in meanings else name}<b>{value}</b></div>"
        for name, value in numbers.items()
    )
    return f"<div class='facts tiles'>{tiles}</div>{_landmarks(projection, points, names)}"


def _landmarks(projection: Projection, points: np.ndarray, names: list[str]) -> str:
    """How many points of each landmark, as bars of their share."""
    if projection.spec.kind != "landmarks":
        return ""
    counts = np.bincount(projection.landmark[points], minlength=len(names))
    lines = "".join(
        f"<div>{dot(k)}<span>{escape(name)}</span><b>{counts[k]:,}</b>"
        f"{bar(counts[k] / len(points), k)}</div>"
        for k, name in enumerate(names)
        if counts[k]
    )
    return f"<div class='query'><div class='lines'>{lines}</div></div>"


def _mean(values: np.ndarray) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite.mean():.2f}" if len(finite) else "–"
