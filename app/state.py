"""What the Inspect page shows, kept in the address bar, so that a link reopens it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app import services

SLOTS = ("left", "right")
ALL_LANDMARKS = "all"
SCALES = {"fixed": "0.30", "shared": "largest shown"}
FIXED_LIMIT = 0.30
DEFAULTS = {"landmark": ALL_LANDMARKS, "opacity": 60, "scale": "fixed"}
NAMES = (*SLOTS, *DEFAULTS)


@dataclass(frozen=True)
class View:
    """How the pictures are shown.

    Attributes:
        landmark: "all", or a landmark's number from 1 on.
        opacity: Of the maps over the photo, percent.
        scale: Key of `SCALES`.
    """

    landmark: str = ALL_LANDMARKS
    opacity: int = 60
    scale: str = "fixed"


def restore() -> None:
    """Fill the widgets from the address bar, else from the last visit, else from the defaults."""
    if "left" in st.session_state:
        return
    given = dict(st.query_params) or st.session_state.get("remembered", {})
    if "left" in given:
        pair = (given["left"], given.get("right", ""))
    else:
        pair = services.samples().default_pair() or ("", "")
    st.session_state.update(zip(SLOTS, pair, strict=True))
    for name, default in DEFAULTS.items():
        st.session_state[name] = type(default)(_valid(name, given.get(name), default))


def _valid(name: str, value: str | None, default: object) -> object:
    """A value from the address bar, or the default where it makes no sense."""
    allowed = {
        "opacity": {str(percent) for percent in range(0, 101)},
        "scale": set(SCALES),
        "landmark": {ALL_LANDMARKS, *(str(number) for number in range(1, 33))},
    }
    return value if value in allowed[name] else default


def remember() -> None:
    """Write the choices to the address bar, and keep them for the way back from another page."""
    chosen = {name: str(st.session_state.get(name) or "") for name in SLOTS}
    chosen |= {name: str(st.session_state.get(name, "")) for name in DEFAULTS}
    kept = {
        name: value
        for name, value in chosen.items()
        if value and value != str(DEFAULTS.get(name, ""))
    }
    st.session_state["remembered"] = kept
    st.query_params.from_dict(kept)


def chosen() -> list[str]:
    """Keys of the one or two pictures to show."""
    return [st.session_state[slot] for slot in SLOTS if st.session_state[slot]]


def view() -> View:
    """How to show them."""
    return View(**{name: st.session_state[name] for name in DEFAULTS})


def show(key: str) -> None:
    """Put a picture on the left and compare it with its twin where it has one."""
    st.session_state["left"] = key
    compare_with_twin()


def compare_with_twin() -> None:
    """After a new left picture, put its twin on the right where it has one."""
    sample = services.samples().samples.get(st.session_state["left"])
    if sample and sample.twin:
        st.session_state["right"] = sample.twin


def swap() -> None:
    """Exchange the two pictures."""
    left, right = (st.session_state[slot] for slot in SLOTS)
    if right:
        st.session_state["left"], st.session_state["right"] = right, left


def take_uploads() -> None:
    """Put new uploads on the page; what cannot be read leaves the page as it was."""
    fresh, st.session_state["problems"] = services.add_uploads(st.session_state["files"])
    if fresh:
        pair = (*fresh[:2], "") if len(fresh) == 1 else tuple(fresh[:2])
        st.session_state.update(zip(SLOTS, pair, strict=True))
