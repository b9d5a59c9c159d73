"""Long work: announced, shown as it goes on, stopped on request, and kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from aonet_core.engine import Progress

MOST_KEPT = 16
"""Results that a session keeps; the oldest goes first."""
Result = TypeVar("Result")


def result(
    name: str, key: Hashable, label: str, work: Callable[[Progress], Result]
) -> Result | None:
    """What `work` returns for `key`: as kept, or worked out now; None once it was stopped.

    Args:
        name: What kind of work it is.
        key: All that the result depends on.
        label: Shown while it goes on.
        work: Does it; whatever its progress callback raises must end it.
    """
    kept = st.session_state.setdefault("lab_kept", {})
    if (name, key) in kept:
        return kept[name, key]
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
    kept[name, key] = found
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
    place.empty()
    return found


def _remember_stop(stopped: tuple | None) -> None:
    st.session_state["lab_stopped"] = stopped


def kept(first: Hashable) -> dict[tuple, object]:
    """Results whose key begins with `first`, by the name of their kind and the rest of the key."""
    found = st.session_state.get("lab_kept", {})
    return {(name, *key[1:]): value for (name, key), value in found.items() if key[0] == first}
