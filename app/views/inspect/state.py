"""What the Inspect page shows, kept in the address bar, so that a link reopens it."""

from __future__ import annotations

import streamlit as st

from app import services
from app.shared import lost_uploads
from app.shared.choices import FLAG, PERCENT, Choice, one_of
from app.shared.links import Linked
from app.shared.view import ALL_LANDMARKS, SCALES, View

SLOTS = ("left", "right")
LINKED = Linked(
    "inspect",
    {
        "left": Choice(""),
        "right": Choice(""),
        "landmark": Choice(
            ALL_LANDMARKS, one_of((ALL_LANDMARKS, *(str(number) for number in range(1, 33))))
        ),
        "opacity": Choice(60, PERCENT),
        "scale": Choice("fixed", one_of(SCALES)),
        "pin": FLAG,
    },
    prefix="",
)


def restore() -> None:
    """Fill the choices; at first a sample and its twin."""
    LINKED.restore()
    if not LINKED.get("left"):
        pair = services.samples().default_pair() or ("", "")
        LINKED.put(**dict(zip(SLOTS, pair, strict=True)))
    lost_uploads.stand_in(LINKED, "left", lambda: (services.samples().default_pair() or ("",))[0])
    lost_uploads.stand_in(LINKED, "right", str)


def chosen() -> list[str]:
    """Keys of the one or two pictures to show."""
    return [LINKED.get(slot) for slot in SLOTS if LINKED.get(slot)]


def view() -> View:
    """How to show them."""
    return View(**{name: LINKED.get(name) for name in ("landmark", "opacity", "scale")})


def show(key: str) -> None:
    """Put a picture on the left and compare it with its twin where it has one."""
    st.session_state["left"] = key
    compare_with_twin()


def compare_with_twin() -> None:
    """After a new left picture, put its twin on the right where it has one and none is pinned."""
    if LINKED.get("pin"):
        return
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
        kept = st.session_state["right"] if LINKED.get("pin") else ""
        pair = (fresh[0], kept) if len(fresh) == 1 or kept else tuple(fresh[:2])
        st.session_state.update(zip(SLOTS, pair, strict=True))
