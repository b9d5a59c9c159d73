"""The sweep's player: frames, maps and curves, all in the browser; `player.js` plays them."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import streamlit as st

from aonet_core.engine import Sweep
from app.shared.markup import source
from app.shared.overlay import table
from app.theme import landmark_colour

_FOLDER = Path(__file__).parent
CSS, JS = source(_FOLDER, "player.css"), source(_FOLDER, "player.js")
_MOUNT = """
export default function ({ data, parentElement }) {
  mountPlayer(parentElement.querySelector(".player"), data);
}
"""
_mount = st.components.v2.component(
    "aonet_lens_player", html="<div class='player'></div>", css=CSS, js=JS + _MOUNT
)


def player(content: dict) -> None:
    """Show a sweep; nothing that is done in it reruns the page."""
    _mount(key="lab_player", data=content)


def standalone(content: dict) -> str:
    """The same as HTML that needs nothing but itself."""
    data = json.dumps(content).replace("<", "\\u003c")
    return (
        f"<style>{CSS}</style><div class='player'></div><script>(() => {{{JS}\n"
        f"mountPlayer(document.currentScript.previousElementSibling, {data});}})()</script>"
    )


def content(
    sweep: Sweep,
    maps: np.ndarray,
    size: tuple[int, int],
    pictures: tuple[str, str],
    names: list[str],
    limit: float,
    opacity: float,
    axis: str,
) -> dict:
    """What the player is given.

    Args:
        sweep: Without its maps.
        maps: (S, K, H, W) of it.
        size: Width and height of the photo.
        pictures: The photo and the wholly filled photo, as data URIs.
        names: Of the landmarks.
        limit: Upper end of the maps' colour scale.
        opacity: Of the maps, in [0, 1].
        axis: What a position is.
    """
    steps = np.clip(maps / limit * 255 + 0.5, 0, 255).astype(np.uint8)  # (S, K, H, W)
    other = sweep.other_similarity
    return {
        "id": f"{zlib.crc32(steps.tobytes())} {pictures[1][-32:]} {opacity}",
        "size": size,
        "photo": pictures[0],
        "filled": pictures[1],
        "boxes": sweep.boxes.tolist(),
        "position": sweep.position.tolist(),
        "axis": axis,
        "names": names,
        "colours": [landmark_colour(k) for k in range(len(names))],
        "awareness": _rounded(sweep.awareness),
        "hidden": _rounded(np.nan_to_num(sweep.hidden)),
        "clean": _rounded(sweep.clean_awareness),
        "self": _rounded(sweep.self_similarity),
        "other": None if other is None else _rounded(other),
        "maps": base64.b64encode(steps.tobytes()).decode(),
        "mapSize": maps.shape[2:],
        "scale": base64.b64encode(table(False).tobytes()).decode(),
        "opacity": opacity,
    }


def _rounded(values: np.ndarray) -> list:
    return np.round(values, 4).tolist()
