"""What Compare shows, kept in the address bar: a link reopens it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from aonet_core.engine import Edit, EditError, edit_from_token
from app import services
from app.services.compare import SL
from app.shared import lab_link, lost_uploads
from app.shared.choices import PERCENT, Choice, one_of, text
from app.shared.links import Linked
from app.shared.search_state import FORMS

SIDES = ("a", "b")
PATH = "path"
"""Stands for a checkpoint that is named by hand."""
MATCHES = FORMS | {SL: "SL features, without the reference"}


class CompareChoices(Linked):
    """What Compare can be asked."""

    picture = text()
    edit = text()
    a = text()
    match_a = Choice("", one_of(MATCHES))
    path_a = text()
    b = text()
    match_b = Choice(SL, one_of(MATCHES))
    path_b = text()
    opacity = Choice(60, PERCENT)


LINKED = CompareChoices("compare")


@dataclass(frozen=True)
class SideChoice:
    """One side's choices.

    Attributes:
        network: Name or path; "" for the one that runs here.
        match: Key of `MATCHES`.
    """

    network: str
    match: str


def restore() -> None:
    """Fill the choices; at first the picture that Inspect opens with."""
    LINKED.restore()
    if not LINKED.picture:
        LINKED.put(picture=_first())
    lost_uploads.stand_in(LINKED, "picture", _first)


def _first() -> str:
    return (services.samples().default_pair() or ("",))[0]


def edit() -> Edit | None:
    """What is hidden in the picture; None for nothing.

    Raises:
        UserError: The link's edit is damaged.
    """
    token = LINKED.edit
    try:
        return edit_from_token(token) if token else None
    except EditError as error:
        raise services.UserError(str(error)) from error


def choose(key: str) -> None:
    """Look at another picture, as it is."""
    LINKED.put(picture=key, edit="")


def from_lab() -> None:
    """Look at the lab's picture with what is hidden there."""
    LINKED.put(picture=lab_link.LINKED.picture, edit=lab_link.token())


def to_lab() -> None:
    """Open the picture in the lab, with what is hidden in it."""
    try:
        hidden = edit() or Edit()
    except services.UserError:
        hidden = Edit()  # told on this page
    lab_link.open_picture(LINKED.picture, hidden)
    st.switch_page(st.session_state["pages"]["lab"])


def take_uploads() -> None:
    """Look at a new upload; what cannot be read leaves the page as it was."""
    fresh, st.session_state["compare_problems"] = services.add_uploads(
        st.session_state["compare_files"]
    )
    if fresh:
        choose(fresh[-1])


def swap() -> None:
    """Exchange the two sides."""
    names = ("{}", "match_{}", "path_{}")
    values = {side: [LINKED.get(name.format(side)) for name in names] for side in SIDES}
    for side, other in (SIDES, SIDES[::-1]):
        LINKED.put(**dict(zip((n.format(side) for n in names), values[other], strict=True)))
