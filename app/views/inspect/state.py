"""What the Inspect page shows, kept in the address bar, so that a link reopens it."""

from __future__ import annotations

import streamlit as st

from app import services
from app.shared import lost_uploads
from app.shared.choices import PERCENT, Choice, flag, one_of, text
from app.shared.links import Linked
from app.shared.view import SCALES, View, shown_alone

SLOTS = ("left", "right")


class InspectChoices(Linked):
    """What Inspect can be asked."""

    left = text()
    right = text()
    landmark = shown_alone()
    opacity = Choice(60, PERCENT)
    scale = Choice("fixed", one_of(SCALES))
    pin = flag()


LINKED = InspectChoices("inspect", prefix="")


def restore() -> None:
    """Fill the choices; at first a sample and its twin."""
    LINKED.restore()
    if not LINKED.left:
        pair = services.samples().default_pair() or ("", "")
        LINKED.put(**dict(zip(SLOTS, pair, strict=True)))
    lost_uploads.stand_in(LINKED, "left", lambda: (services.samples().default_pair() or ("",))[0])
    lost_uploads.stand_in(LINKED, "right", str)


def chosen() -> list[str]:
    """Keys of the one or two pictures to show."""
    return [key for key in (LINKED.left, LINKED.right) if key]


def view() -> View:
    """How to show them."""
    return View(LINKED.landmark, LINKED.opacity, LINKED.scale)


def show(key: str) -> None:
    """Put a picture on the left and compare it with its twin where it has one."""
    LINKED.put(left=key)
    compare_with_twin()


def compare_with_twin() -> None:
    """After a new left picture, put its twin on the right where it has one and none is pinned."""
    if LINKED.pin:
        return
    sample = services.samples().samples.get(LINKED.left)
    if sample and sample.twin:
        LINKED.put(right=sample.twin)


def swap() -> None:
    """Exchange the two pictures."""
    if LINKED.right:
        LINKED.put(left=LINKED.right, right=LINKED.left)


def take_uploads() -> None:
    """Put new uploads on the page; what cannot be read leaves the page as it was."""
    fresh, st.session_state["problems"] = services.add_uploads(st.session_state["files"])
    if fresh:
        pinned = LINKED.right if LINKED.pin else ""
        pair = (fresh[0], pinned) if len(fresh) == 1 or pinned else tuple(fresh[:2])
        LINKED.put(**dict(zip(SLOTS, pair, strict=True)))
