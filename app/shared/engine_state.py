"""Says on every page when the engine does not answer, and notices when it does again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from aonet_core.engine import in_markdown
from app.services import connection

EVERY = 5.0
"""Seconds between two looks."""
AWAY = "engine_away"
"""Key in the session's state: whether the page says that the engine is away."""


@contextmanager
def watched() -> Iterator[None]:
    """Run a page below the place where the engine's state is told."""
    if not connection.address():
        yield
        return
    place = st.container()
    yield
    # After the page, which may have been the first to notice.
    with place:
        _state()


@st.fragment(run_every=EVERY)
def _state() -> None:
    problem = connection.problem()
    if problem:
        st.session_state[AWAY] = True
        _tell(problem)
    elif st.session_state.pop(AWAY, False):
        st.rerun()


def _tell(problem: str) -> None:
    if connection.denied():
        said = (
            f"**The engine expects another token.** {in_markdown(problem)} Whoever runs this front "
            "end must set AONET_ENGINE_TOKEN to the engine's."
        )
    else:
        said = (
            f"**The engine is away.** {in_markdown(problem)} Pictures, shapes and choices are "
            "kept, and so is everything that was worked out."
        )
    words, again = st.columns((7, 1), vertical_alignment="center")
    words.warning(
        f"{said} This page looks again every {EVERY:.0f} seconds.", icon=":material/cloud_off:"
    )
    again.button(
        "Try again",
        on_click=connection.look,
        icon=":material/refresh:",
        width="stretch",
    )
