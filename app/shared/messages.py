"""Says what a page cannot show: what went wrong, or only that there is nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from aonet_core.engine import in_markdown
from app.services import Empty, UserError

Given = ParamSpec("Given")


def show(error: UserError) -> None:
    """One sentence; red is for what went wrong."""
    tell = st.info if isinstance(error, Empty) else st.error
    tell(in_markdown(str(error)))


def fragment(draw: Callable[Given, object]) -> Callable[Given, None]:
    """A part of a page that reruns alone, and tells itself what went wrong: no page catches it."""

    @wraps(draw)
    def draw_or_tell(*args: Given.args, **more: Given.kwargs) -> None:
        try:
            draw(*args, **more)
        except UserError as error:
            show(error)

    return st.fragment(draw_or_tell)
