"""Long work: announced, shown as it goes on, stopped on request, and kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from aonet_core.engine import Progress
from app import services
from app.services import visitor

SHOWN = "work_shown"
"""Key in the session's state: of each kind of work, the key of the result that was shown last."""
Result = TypeVar("Result")


def result(
    name: str, key: Hashable, label: str, work: Callable[[Progress], Result]
) -> Result | None:
    """What `work` returns for `key`: as kept, or worked out now; None once it was stopped.

    Args:
        name: What kind of work it is.
        key: All that the result depends on, besides the checkpoint.
        label: Shown while it goes on.
        work: Does it; whatever its progress callback raises must end it.
    """
    found = _kept(name, key)
    if found is None:
        found = _made(name, key, label, work)
    if found is not None:
        st.session_state.setdefault(SHOWN, {})[name] = key
    return found


def before(name: str) -> tuple[Hashable, Result] | None:
    """The key and the result of a kind of work that were shown last, to go on showing them."""
    key = st.session_state.get(SHOWN, {}).get(name)
    found = None if key is None else _kept(name, key)
    return None if found is None else (key, found)


def _kept(name: str, key: Hashable) -> object | None:
    return visitor.shelf().results.get((services.info().digest, name, key))


def _made(
    name: str, key: Hashable, label: str, work: Callable[[Progress], Result]
) -> Result | None:
    if st.session_state.get("lab_stopped") == (name, key):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(f"Stopped: {label[0].lower()}{label[1:]}.")
            st.button("Run", key=f"run {name}", on_click=_remember_stop, args=(None,))
        return None
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{label}…")
        st.button(
            "Cancel", key=f"stop {name} {label}", on_click=_remember_stop, args=((name, key),)
        )

    def progress(done: int, total: int) -> None:
        # A click on the button raises here, at the first call to Streamlit.
        bar.progress(min(1.0, done / max(1, total)), f"{label}: {done} of {total}")

    try:
        found = work(progress)
    except Exception:
        place.empty()
        raise
    visitor.put("results", (services.info().digest, name, key), found)
    place.empty()
    return found


def _remember_stop(stopped: tuple | None) -> None:
    st.session_state["lab_stopped"] = stopped


def kept(first: Hashable) -> dict[tuple, object]:
    """Results whose key begins with `first`, by the name of their kind and the rest of the key."""
    digest, found = services.info().digest, dict(visitor.shelf().results)
    return {
        (name, *key[1:]): value
        for (made_by, name, key), value in found.items()
        if made_by == digest and isinstance(key, tuple) and key[0] == first
    }
