"""HTML in which something can be clicked: Python is told, and nothing is lost by leaving."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

_mount = st.components.v2.component(
    "aonet_lens_picks",
    html="<div class='picks'></div>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(html: str, key: str) -> str | None:
    """Show HTML, and return what was clicked since the last run: the `data-pick` of a `link`."""
    return _mount(key=key, data={"html": html}, on_picked_change=lambda: None).picked


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
    target = escape(f"{page}?{urlencode(address)}", quote=True)
    told = escape(what, quote=True)
    return (
        f"<a class='{css}' href='{target}' data-pick='{escape(pick, quote=True)}' title='{told}' "
        f"aria-label='{told}'>{body}</a>"
    )
