"""HTML in which something can be clicked: Python is told, and nothing is lost by leaving."""

from __future__ import annotations

from collections.abc import Callable
from html import escape as exactly
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from app.shared.markup import escape

_mount = st.components.v2.component(
    "aonet_lens_picks",
    html="<div class='picks'></div>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(html: str, key: str, act: Callable[[str], object] | None = None) -> str | None:
    """Show HTML, and return what was clicked since the last run: the `data-pick` of a `link`.

    Args:
        html: With links.
        key: Of the widget.
        act: Called with it before the run that follows, where widgets can still be given values.
    """

    def clicked() -> None:
        picked = st.session_state[key].picked
        if act and picked:
            act(picked)

    return _mount(key=key, data={"html": html}, on_picked_change=clicked).picked


def link(pick: str, page: str, address: dict[str, str], what: str, body: str, css: str) -> str:
    """A part that can be picked; in another tab it opens a page.

    Args:
        pick: What Python is told.
        page: The page's path.
        address: What its address says.
        what: Told on hover and to who cannot see.
        body: HTML inside.
        css: Class names.
    """
    target = escape(f"{page}?{urlencode(address)}")
    label = escape(what)
    return (
        f"<a class='{css}' href='{target}' data-pick='{exactly(pick)}' "
        f"data-told='{label}'>{body}<span class='unseen'> {label}</span></a>"
    )
