"""The occlusion lab's picture and what is hidden in it, which other pages open and take."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import (
    Edit,
    EditError,
    edit_from_token,
    edit_to_token,
)
from app import services
from app.shared.choices import PERCENT, Choice, one_of, text
from app.shared.links import Linked
from app.shared.view import SCALES

TABS = ("Occlude", "Sweep", "Where does it hurt", "Counterfactual")


def _written(edit: Edit) -> str | None:
    """An edit as links hold it; None where nothing is hidden, or, which is told, it cannot be."""
    try:
        return None if edit == Edit() else edit_to_token(edit)
    except EditError as error:
        add_problem(str(error))
        return None


def _linked(token: str) -> Edit:
    """The edit of a link; a damaged one is told and leaves the picture whole."""
    try:
        return edit_from_token(token) if token else Edit()
    except EditError as error:
        add_problem(str(error))
        return Edit()


PUSHED = "lab_pushed"
"""Key in the session's state: the shapes that the canvas was given last."""


class Lab(Linked):
    """What the lab can be asked."""

    picture = text()
    other = Choice[str | None](None, str)
    scale = Choice("fixed", one_of(SCALES))
    tab = Choice(TABS[0], one_of(TABS))
    edit = Choice(Edit(), _linked, _written)
    opacity = Choice(60, PERCENT)


LINKED = Lab("lab", {"lab": ("picture", "other", "scale", "tab", "edit")})


def token() -> str:
    """The edit as links hold it; "" where there is none."""
    return _written(LINKED.edit) or ""


def add_problem(problem: str) -> None:
    """Keep a sentence to show on this run."""
    problems = st.session_state.setdefault("lab_problems", [])
    if problem not in problems:
        problems.append(problem)


def take_problems() -> list[str]:
    """The sentences to show, once."""
    return st.session_state.pop("lab_problems", [])


def match_of(key: str) -> str:
    """A gallery picture of the same person from another camera, "" where there is none."""
    samples = services.samples()
    sample = samples.samples.get(key)
    return next(iter(samples.right_matches(sample)), "") if sample else ""


def open_picture(key: str, edit: Edit | None = None, other: str | None = None) -> None:
    """Put a picture into the lab, with nothing hidden unless an edit is given.

    Args:
        key: Of the picture.
        edit: What is hidden in it.
        other: The picture that it is compared with; a match of its person by default.
    """
    LINKED.put(picture=key, other=match_of(key) if other is None else other, edit=edit or Edit())
    st.session_state.pop(PUSHED, None)  # the lab hands the edit to its canvas
