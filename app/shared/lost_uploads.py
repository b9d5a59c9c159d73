"""Pictures that a link or an earlier visit names and that are kept no more."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import services
from app.shared.links import Linked

PLACES, TITLES = "gone_places", "gone_titles"
"""Keys in the session's state: where each gone picture was, and what it was called."""


def stand_in(linked: Linked, name: str, instead: Callable[[], str]) -> None:
    """Where a choice is an upload that is gone, choose something else and remember the place.

    Args:
        linked: Whose choice.
        name: Of the choice.
        instead: Gives the key of a sample, "" for none.
    """
    key = linked.get(name)
    if isinstance(key, str) and key.startswith(services.UPLOAD) and key not in services.uploads():
        st.session_state.setdefault(PLACES, {})[key] = (linked, name)
        linked.put(**{name: instead()})


def asked() -> list[str]:
    """Keys of gone pictures whose names only the visitor's browser may know."""
    return [key for key in st.session_state.get(PLACES, {}) if key not in _titles()]


def name(titles: dict[str, str]) -> None:
    """Take what the visitor's browser says that pictures were called."""
    st.session_state[TITLES] = _titles() | {str(key): str(title) for key, title in titles.items()}


def of(linked: Linked) -> dict[str, str]:
    """What is gone from a group of pages: names of pictures, "" where unknown, by key."""
    places = st.session_state.get(PLACES, {})
    return {
        key: _titles().get(key, "") for key, (by, _) in places.items() if by.name == linked.name
    }


def back(key: str, uploaded: str) -> None:
    """Put a picture where a gone one was."""
    linked, name = st.session_state[PLACES].pop(key)
    linked.put(**{name: uploaded})


def dismiss(linked: Linked) -> None:
    """Say no more of what is gone from a group of pages."""
    places = st.session_state.get(PLACES, {})
    remaining = {key: place for key, place in places.items() if place[0].name != linked.name}
    st.session_state[PLACES] = remaining


def _titles() -> dict[str, str]:
    return st.session_state.get(TITLES, {})
