"""The drawing widget: shapes over a photo, sent as numbers; `canvas.js` is its browser side."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import streamlit as st
from PIL import Image

from app import services
from app.services import Photo, lab, visitor
from app.shared.lab_link import LINKED, PUSHED
from app.shared.markup import source
from app.views.lab import state
from app.views.lab.parts.photos import filled_uri, photo_uri

KEY = "lab_canvas"
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
    """Offer a photo to draw on; the shapes on it, as `state.take` reads them."""
    drawn = (st.session_state.get(KEY) or {}).get("drawn")
    edit = LINKED.edit
    if drawn is None and st.session_state[PUSHED] != state.written(edit):
        # The canvas starts anew, on the way back from another tab: it must get what was drawn.
        state.push(state.written(edit))
    pushed, revision = st.session_state[PUSHED], st.session_state["lab_revision"]
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


def _filled(photo: Photo) -> str:
    """The whole photo filled, to show through the shapes; "" where it cannot be made."""
    try:
        return filled_uri(photo, state.fill(), st.session_state[state.SEED])
    except services.UserError:
        return ""  # told where the edit is applied


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
