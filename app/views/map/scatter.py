"""The map's widget: points drawn, moved and lassoed in the browser by `scatter.js`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from aonet_core.engine import Projection
from app.services import UserError, galleries, visitor
from app.shared import search_state, selection
from app.shared.markup import source
from app.views.map import content

KEY = "map_scatter"
KEPT = "map_selection"
MOST_SHOWN = 24
"""Pictures that are given at once to show on hover."""
_FOLDER = Path(__file__).parent


_mount = st.components.v2.component(
    "aonet_lens_scatter",
    html=source(_FOLDER, "scatter.html"),
    css=source(_FOLDER, "scatter.css"),
    js=source(_FOLDER, "points.js", "marks.js", "scatter.js"),
)


def scatter(found: Projection, given: dict, placed: list[dict]) -> np.ndarray:
    """Show the map; which points are selected, (N,) bool.

    Args:
        found: The map.
        given: From `content.content`, the same for the same map.
        placed: From `content.placed`.
    """
    kept = st.session_state.get(KEPT) or dict(visitor.belongings().choices.get(KEPT, {}))
    if kept.get("id") != given["id"]:
        kept = {"id": given["id"], "bits": ""}
    st.session_state[KEPT] = kept
    told = (st.session_state.get(KEY) or {}).get("selected")
    chosen = selection.get(found.gallery)
    if (kept.get("names") or frozenset()) != chosen:
        kept["names"] = chosen  # in another view
        push(content.bits(np.isin(found.names, list(chosen))[found.image]))
    elif told is None and kept.get("pushed") != kept["bits"]:
        # The widget starts anew, on the way back from another page: it gets what was selected.
        push(kept["bits"])
    result = _mount(
        key=KEY,
        data={
            **given,
            "placed": placed,
            "colour": st.session_state.setdefault("map_colour", search_state.LINKED.colour),
            "bits": kept.get("pushed", ""),
            "revision": st.session_state.get("map_revision", 0),
            "pictures": _pictures(found, given["id"]),
        },
        on_selected_change=lambda: None,
        on_pointed_change=lambda: None,
        on_colour_change=lambda: None,
    )
    if result.colour:
        search_state.put(colour=result.colour)
    revision = st.session_state.get("map_revision", 0)
    if result.selected and result.selected["id"] == given["id"]:
        if result.selected.get("revision") == revision and kept["bits"] != result.selected["bits"]:
            kept["bits"] = result.selected["bits"]
            rows = np.unique(found.image[content.chosen(kept["bits"], len(found))])
            selection.put(found.gallery, found.names[rows])
            kept["names"] = selection.get(found.gallery)
    visitor.belongings().choices[KEPT] = {name: kept.get(name) for name in ("id", "bits", "names")}
    return content.chosen(kept["bits"], len(found))


def _pictures(found: Projection, identifier: str) -> dict[str, str]:
    """The pictures that the widget asked for when one was pointed at, by row."""
    asked = (st.session_state.get(KEY) or {}).get("pointed") or {}
    if asked.get("id") != identifier:
        return {}
    shown = {}
    for row in asked["rows"][:MOST_SHOWN]:
        if 0 <= row < len(found.names):
            name = str(found.names[row])
            try:
                shown[str(row)] = galleries.thumbnail(found.gallery, found.revision, name)
            except UserError:
                shown[str(row)] = ""  # it is gone
    return shown


def push(bits: str) -> None:
    """Select points from outside the widget, which takes it over."""
    kept = st.session_state.setdefault(KEPT, {})
    kept["bits"] = kept["pushed"] = bits
    st.session_state["map_revision"] = st.session_state.get("map_revision", 0) + 1
