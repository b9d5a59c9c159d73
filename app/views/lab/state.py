"""What the occlusion lab shows, kept in the address bar, so that a link reopens it."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from aonet_core.engine import (
    Circle,
    Crop,
    Edit,
    EditError,
    Fill,
    Polygon,
    Rectangle,
    Stamp,
    Stroke,
)
from app import services
from app.shared import lost_uploads
from app.shared.lab_link import LINKED, PUSHED, add_problem, match_of, open_picture
from app.shared.view import View

KINDS = {
    "rectangle": Rectangle,
    "circle": Circle,
    "polygon": Polygon,
    "stroke": Stroke,
    "stamp": Stamp,
    "crop": Crop,
}
"""Shapes by the name that the canvas gives them."""
FILL, SOURCE, SEED, TAB = "lab_fill", "lab_source", "lab_seed", "lab_tab"


def restore() -> None:
    """Fill the choices; at first a picture of which a part is hidden."""
    anew = LINKED.restore()
    if not LINKED.picture:
        first = _default_picture()
        LINKED.put(picture=first, edit=default_edit(first))
    lost_uploads.stand_in(LINKED, "picture", _default_picture)
    lost_uploads.stand_in(LINKED, "other", str)
    if LINKED.other is None:
        LINKED.put(other=match_of(LINKED.picture))
    if anew or PUSHED not in st.session_state:
        put(LINKED.edit)


def view() -> View:
    """How to show the maps."""
    return View(opacity=LINKED.opacity, scale=LINKED.scale)


def put(edit: Edit) -> None:
    """Replace the edit from outside the canvas, which takes it over."""
    LINKED.put(edit=edit)
    st.session_state[FILL] = edit.fill.kind
    st.session_state[SOURCE] = edit.fill.source
    st.session_state[SEED] = edit.seed
    push(written(edit))


def push(shapes: list[dict]) -> None:
    """Make the canvas take over shapes."""
    st.session_state[PUSHED] = shapes
    st.session_state["lab_revision"] = st.session_state.get("lab_revision", 0) + 1


def take(drawn: list[dict]) -> Edit:
    """Make an edit of what is on the canvas and of the chosen fill; keep it where it is one.

    Raises:
        UserError: It is none; the edit before stays.
    """
    try:
        shapes = [KINDS[shape["kind"]](**{k: v for k, v in shape.items() if k != "kind"})
                  for shape in drawn]  # fmt: skip
        crop = next((shape for shape in reversed(shapes) if isinstance(shape, Crop)), None)
        hiding = tuple(shape for shape in shapes if not isinstance(shape, Crop))
        edit = Edit(hiding, fill(), st.session_state[SEED], crop)
    except EditError as error:
        raise services.UserError(str(error)) from error
    except (KeyError, TypeError) as error:
        raise services.UserError(f"The canvas sent no shape: {error}.") from error
    LINKED.put(edit=edit)
    return edit


def fill() -> Fill:
    """The chosen fill.

    Raises:
        UserError: It needs a picture and none is chosen.
    """
    kind = st.session_state[FILL]
    try:
        return Fill(kind, st.session_state[SOURCE] if kind == "picture" else "")
    except EditError as error:
        raise services.UserError(str(error)) from error


def written(edit: Edit) -> list[dict]:
    """The shapes of an edit and its crop, as the canvas takes them."""
    names = {kind: name for name, kind in KINDS.items()}
    shapes = [*edit.shapes, *([edit.crop] if edit.crop else [])]
    return [{"kind": names[type(shape)], **asdict(shape)} for shape in shapes]


def choose(key: str) -> None:
    """Put a picture into the lab and hide the same places."""
    open_picture(key, LINKED.edit)


def change_picture() -> None:
    """After a new picture: compare it with a match of its person, hide the same places."""
    choose(LINKED.picture)


def hold_fill() -> None:
    """Give the fill's widgets their values back: Streamlit forgets those of widgets not shown."""
    edit = LINKED.edit
    for key, value in ((FILL, edit.fill.kind), (SOURCE, edit.fill.source), (SEED, edit.seed)):
        st.session_state.setdefault(key, value)


def take_uploads() -> None:
    """Put a new upload on the page; what cannot be read leaves the page as it was."""
    fresh, problems = services.add_uploads(st.session_state["lab_files"])
    for problem in problems:
        add_problem(problem)
    if fresh:
        open_picture(fresh[-1])


def _default_picture() -> str:
    """The twin of the pair that Inspect opens with: a whole person to hide parts of."""
    pair = services.samples().default_pair()
    return pair[1] if pair else ""


def default_edit(key: str) -> Edit:
    """What hides a part of the first picture, so that there is something to see."""
    try:
        width, height = services.photo(key).image.size
    except services.UserError:
        return Edit()
    box = Rectangle(0.12 * width, 0.1 * height, 0.76 * width, 0.36 * height)
    return Edit((box,), Fill("texture"), seed=3)
