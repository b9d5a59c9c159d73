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
    edit_from_token,
    edit_to_token,
)
from app import gone, services
from app.choices import Choice, one_of
from app.linked import Linked
from app.state import SCALES, View

TABS = ("Occlude", "Sweep", "Where does it hurt", "Counterfactual")
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


def _written(edit: Edit) -> str | None:
    """An edit as links hold it; None where nothing is hidden, or, which is told, it cannot be."""
    try:
        return None if edit == Edit() else edit_to_token(edit)
    except EditError as error:
        tell(str(error))
        return None


def _linked(token: str) -> Edit:
    """The edit of a link; a damaged one is told and leaves the picture whole."""
    try:
        return edit_from_token(token) if token else Edit()
    except EditError as error:
        tell(str(error))
        return Edit()


LINKED = Linked(
    "lab",
    {
        "picture": Choice(""),
        "other": Choice(None),
        "scale": Choice("fixed", one_of(SCALES)),
        "tab": Choice(TABS[0], one_of(TABS)),
        "edit": Choice(None, _linked, _written),
        "opacity": Choice(60),
    },
    {"lab": ("picture", "other", "scale", "tab", "edit")},
)


def restore() -> None:
    """Fill the choices; at first a picture of which a part is hidden."""
    anew = LINKED.restore()
    if not LINKED.get("picture"):
        first = _default_picture()
        LINKED.put(picture=first, edit=default_edit(first))
    gone.stand_in(LINKED, "picture", _default_picture)
    gone.stand_in(LINKED, "other", str)
    if LINKED.get("other") is None:
        LINKED.put(other=match_of(LINKED.get("picture")))
    edit = LINKED.get("edit") or Edit()
    if anew or "lab_pushed" not in st.session_state:
        put(edit)


def remember() -> None:
    """Write the choices to the address, and keep them for the way back and the next visit."""
    LINKED.remember()


def token() -> str:
    """The edit as links hold it; "" where there is none."""
    return _written(LINKED.get("edit") or Edit()) or ""


def view() -> View:
    """How to show the maps."""
    return View(opacity=st.session_state["lab_opacity"], scale=st.session_state["lab_scale"])


def tell(problem: str) -> None:
    """Keep a sentence to show on this run."""
    problems = st.session_state.setdefault("lab_problems", [])
    if problem not in problems:
        problems.append(problem)


def told() -> list[str]:
    """The sentences to show, once."""
    return st.session_state.pop("lab_problems", [])


def put(edit: Edit) -> None:
    """Replace the edit from outside the canvas, which takes it over."""
    LINKED.put(edit=edit)
    st.session_state[FILL] = edit.fill.kind
    st.session_state[SOURCE] = edit.fill.source
    st.session_state[SEED] = edit.seed
    push(written(edit))


def push(shapes: list[dict]) -> None:
    """Make the canvas take over shapes."""
    st.session_state["lab_pushed"] = shapes
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


def open_picture(key: str, edit: Edit | None = None, other: str | None = None) -> None:
    """Put a picture into the lab, with nothing hidden unless an edit is given."""
    LINKED.put(picture=key, other=match_of(key) if other is None else other)
    put(edit or Edit())


def choose(key: str) -> None:
    """Put a picture into the lab and hide the same places."""
    open_picture(key, st.session_state["lab_edit"])


def change_picture() -> None:
    """After a new picture: compare it with a match of its person, hide the same places."""
    choose(st.session_state["lab_picture"])


def hold_fill() -> None:
    """Give the fill's widgets their values back: Streamlit forgets those of widgets not shown."""
    edit = st.session_state["lab_edit"]
    for key, value in ((FILL, edit.fill.kind), (SOURCE, edit.fill.source), (SEED, edit.seed)):
        st.session_state.setdefault(key, value)


def match_of(key: str) -> str:
    """A gallery picture of the same person from another camera, "" where there is none."""
    samples = services.samples()
    sample = samples.samples.get(key)
    return next(iter(samples.right_matches(sample)), "") if sample else ""


def take_uploads() -> None:
    """Put a new upload on the page; what cannot be read leaves the page as it was."""
    fresh, problems = services.add_uploads(st.session_state["lab_files"])
    for problem in problems:
        tell(problem)
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
