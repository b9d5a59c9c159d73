"""The drawing widget: shapes over a photo, sent as numbers; `canvas.js` is its browser side."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import streamlit as st
from PIL import Image

from aonet_core.engine import Fill
from app import lab_state, services
from app.components.markup import source
from app.overlay import data_uri
from app.services import Photo, lab, visitor

KEY = "lab_canvas"
LARGEST = 1024
"""Longest side of the photo as it is shown, in pixels; shapes keep the photo's own."""
STAMP = 240
HEIGHT = "min(58vh, 600px)"
"""Of the photo on the page, in CSS."""
_FOLDER = Path(__file__).parent


_mount = st.components.v2.component(
    "aonet_lens_canvas",
    html=source(_FOLDER, "canvas.html"),
    css=source(_FOLDER, "canvas.css"),
    js=source(_FOLDER, "shapes.js", "view.js", "undo.js", "canvas.js"),
)


def canvas(photo: Photo) -> list[dict]:
    """Offer a photo to draw on; the shapes on it, as `lab_state.take` reads them."""
    drawn = (st.session_state.get(KEY) or {}).get("drawn")
    edit = st.session_state["lab_edit"]
    if drawn is None and st.session_state["lab_pushed"] != lab_state.written(edit):
        # The canvas starts anew, on the way back from another tab: it must get what was drawn.
        lab_state.push(lab_state.written(edit))
    pushed, revision = st.session_state["lab_pushed"], st.session_state["lab_revision"]
    named = [shape["source"] for shape in pushed if shape["kind"] == "stamp"]
    result = _mount(
        key=KEY,
        data={
            "key": photo.key,
            "seconds": round(3600 * visitor.hours()),
            "size": photo.image.size,
            "height": HEIGHT,
            "photo": photo_uri(photo),
            "filled": _filled(photo),
            "stamps": _stamps([*st.session_state.get("lab_people", ()), *named]),
            "shapes": pushed,
            "revision": revision,
        },
        on_drawn_change=lambda: None,
    )
    # What was drawn before the shapes were replaced from outside is out of date.
    if result.drawn and result.drawn.get("revision") == revision:
        return result.drawn["shapes"]
    return pushed


def photo_uri(photo: Photo) -> str:
    """The photo as the page shows it."""
    return _photo_uri(photo.key, photo.image)


@st.cache_data(max_entries=24, show_spinner=False)
def _photo_uri(key: str, _image: Image.Image) -> str:
    return _uri(_image)


def _uri(image: Image.Image) -> str:
    image = image.copy()
    image.thumbnail((LARGEST, LARGEST))
    return data_uri(image, quality=92)


def _filled(photo: Photo) -> str:
    """The whole photo filled, to show through the shapes; "" where it cannot be made."""
    try:
        return filled_uri(photo, lab_state.fill(), st.session_state[lab_state.SEED])
    except services.UserError:
        return ""  # told where the edit is applied


def filled_uri(photo: Photo, fill: Fill, seed: int) -> str:
    """The photo with every pixel filled, as the page shows it.

    Raises:
        UserError: The filling's picture is not here.
    """
    return _filled_uri(photo.key, fill, seed, photo.image)


@st.cache_data(max_entries=24, show_spinner=False)
def _filled_uri(key: str, fill: Fill, seed: int, _image: Image.Image) -> str:
    return _uri(lab.filled(_image, fill, seed))


def _stamps(named: list[str]) -> list[dict]:
    return [
        {"source": source, "title": title, **_stamp_uri(source, image)}
        for source, (title, image) in lab.stamps(named).items()
    ]


@st.cache_data(max_entries=64, show_spinner=False)
def _stamp_uri(source: str, _image: Image.Image) -> dict:
    image = _image.copy()
    image.thumbnail((STAMP, STAMP))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80)
    uri = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
    return {"uri": uri, "ratio": _image.height / _image.width}
