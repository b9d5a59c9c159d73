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


def scatter(projection: Projection, map_content: dict, placed: list[dict]) -> np.ndarray:
    """Show the map; which points are selected, (N,) bool.

    Args:
        projection: The map.
        map_content: From `content.content`, the same for the same map.
        placed: From `content.placed`.
    """
    remembered = st.session_state.get(KEPT) or dict(visitor.belongings().choices.get(KEPT, {}))
    if remembered.get("id") != map_content["id"]:
        remembered = {"id": map_content["id"], "bits": ""}
    st.session_state[KEPT] = remembered
    from_widget = (st.session_state.get(KEY) or {}).get("selected")
    selected = selection.get(projection.gallery)
    if (remembered.get("names") or frozenset()) != selected:
        remembered["names"] = selected  # in another view
        push(content.bits(np.isin(projection.names, list(selected))[projection.image]))
    elif from_widget is None and remembered.get("pushed") != remembered["bits"]:
        # The widget starts anew, on the way back from another page: it gets what was selected.
        push(remembered["bits"])
    result = _mount(
        key=KEY,
        data={
            **map_content,
            "placed": placed,
            "colour": st.session_state.setdefault("map_colour", search_state.LINKED.colour),
            "bits": remembered.get("pushed", ""),
            "revision": st.session_state.get("map_revision", 0),
            "pictures": _pictures(projection, map_content["id"]),
        },
        on_selected_change=lambda: None,
        on_pointed_change=lambda: None,
        on_colour_change=lambda: None,
    )
    if result.colour:
        search_state.put(colour=result.colour)
    revision = st.session_state.get("map_revision", 0)
    if result.selected and result.selected["id"] == map_content["id"]:
        if (
            result.selected.get("revision") == revision
            and remembered["bits"] != result.selected["bits"]
        ):
            remembered["bits"] = result.selected["bits"]
            rows = np.unique(projection.image[content.chosen(remembered["bits"], len(projection))])
            selection.put(projection.gallery, projection.names[rows])
            remembered["names"] = selection.get(projection.gallery)
    visitor.belongings().choices[KEPT] = {
        name: remembered.get(name) for name in ("id", "bits", "names")
    }
    return content.chosen(remembered["bits"], len(projection))


def _pictures(projection: Projection, identifier: str) -> dict[str, str]:
    """The pictures that the widget asked for when one was pointed at, by row."""
    pointed = (st.session_state.get(KEY) or {}).get("pointed") or {}
    if pointed.get("id") != identifier:
        return {}
    shown = {}
    for row in pointed["rows"][:MOST_SHOWN]:
        if 0 <= row < len(projection.names):
            name = str(projection.names[row])
            try:
                shown[str(row)] = galleries.thumbnail(projection.gallery, projection.revision, name)
            except UserError:
                shown[str(row)] = ""  # it is gone
    return shown


def push(bits: str) -> None:
    """Select points from outside the widget, which takes it over."""
    remembered = st.session_state.setdefault(KEPT, {})
    remembered["bits"] = remembered["pushed"] = bits
    st.session_state["map_revision"] = st.session_state.get("map_revision", 0) + 1
