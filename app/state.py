"""What the page shows, kept in the address bar, so that a link reopens it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app import services

SLOTS = ("left", "right")
ALL_LANDMARKS = "all"
SCALES = {"shared": "what is shown", "fixed": "fixed, 0 to 0.10"}
FIXED_LIMIT = 0.10
DEFAULTS = {"landmark": ALL_LANDMARKS, "opacity": 70, "scale": "shared", "list": "occluded"}


@dataclass(frozen=True)
class View:
    """The choices of the Inspect page.

    Attributes:
        left, right: Keys of the two pictures; right may be "" for none.
        landmark: "all", or a landmark's number from 1 on.
        opacity: Of the maps over the photo, percent.
        scale: Key of `SCALES`.
    """

    left: str
    right: str
    landmark: str
    opacity: int
    scale: str


def restore() -> None:
    """Fill the session from the address bar on its first run, else from the default pair."""
    if "left" in st.session_state:
        return
    given = st.query_params
    pair = services.samples().default_pair() or ("", "")
    for slot, key in zip(SLOTS, pair, strict=True):
        # A link that names only a left picture wants no right one.
        st.session_state[slot] = given.get(slot, "" if "left" in given else key)
    for name, default in DEFAULTS.items():
        st.session_state[name] = type(default)(_valid(name, given.get(name, default), default))


def _valid(name: str, value: str, default: object) -> object:
    """A value from the address bar, or the default where it makes no sense."""
    allowed = {
        "opacity": {str(percent) for percent in range(0, 101)},
        "scale": set(SCALES),
        "list": {"occluded", "all"},
        "landmark": {ALL_LANDMARKS, *(str(number) for number in range(1, 33))},
    }
    return value if str(value) in allowed[name] else default


def remember() -> None:
    """Write the choices to the address bar."""
    chosen = {name: str(st.session_state[name] or "") for name in (*SLOTS, *DEFAULTS)}
    kept = {
        name: value
        for name, value in chosen.items()
        if value and value != str(DEFAULTS.get(name, ""))
    }
    st.query_params.from_dict(kept)


def view() -> View:
    """The choices as they stand."""
    state = st.session_state
    return View(
        left=state["left"] or "",
        right=state["right"] or "",
        landmark=state["landmark"] or ALL_LANDMARKS,
        opacity=state["opacity"],
        scale=state["scale"] or "shared",
    )


def choose_left() -> None:
    """After a new left picture, compare it with its twin where it has one."""
    sample = services.samples().samples.get(st.session_state["left"])
    if sample and sample.twin:
        st.session_state["right"] = sample.twin


def swap() -> None:
    """Exchange the two pictures."""
    left, right = st.session_state["left"], st.session_state["right"]
    if right:
        st.session_state["left"], st.session_state["right"] = right, left


def take_uploads() -> None:
    """Put new uploads on the page; what cannot be read leaves the page as it was."""
    known, problems, fresh = set(services.uploads()), [], []
    for file in st.session_state["files"] or ():
        try:
            key = services.add_upload(file.name, file.getvalue())
        except services.UserError as error:
            problems.append(str(error))
            continue
        if key not in known:
            fresh.append(key)
    st.session_state["problems"] = problems
    for slot, key in zip(SLOTS, fresh, strict=False):
        st.session_state[slot] = key
    if len(fresh) == 1:
        st.session_state["right"] = ""
