"""Navigation: the pages there are, and nothing that computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.shared import (
    engine_state,
    lab_link,
    network_choice,
    search_state,
    selection_panel,
    sign_in,
    tour,
    visit,
)
from app.shared.search_state import SAMPLE
from app.theme import ICON, LOGO, style
from app.views.atlas import page as atlas
from app.views.atlas import state as atlas_state
from app.views.compare import page as compare
from app.views.compare import state as compare_state
from app.views.failures import page as failures
from app.views.inspect import page as inspect
from app.views.inspect import state as inspect_state
from app.views.lab import page as lab
from app.views.lab import state as lab_state
from app.views.map import page as embedding_map
from app.views.model import page as model
from app.views.pair import page as pair
from app.views.retrieve import page as retrieve


@dataclass(frozen=True)
class View:
    """A page of the application.

    Attributes:
        title: What it is called.
        show: Draws it.
        restore: Fills its choices, from the last run or the address.
        leave: Keeps them, for the next run and in the address.
        pictures: The gallery that it shows, and keys of the pictures that it shows in large.
    """

    title: str
    show: Callable[[], None]
    restore: Callable[[], object]
    leave: Callable[[], None]
    pictures: Callable[[], tuple[str, list[str]]] | None = None

    def run(self) -> None:
        """Fill the choices, draw what follows from them, keep them."""
        self.restore()
        self.show()
        self.leave()
        if self.pictures:
            selection_panel.show(*self.pictures())


def _searching(title: str, name: str, show: Callable[[], None], one: bool = False) -> View:
    """One of the pages that share a query, a gallery and how alike is measured.

    Args:
        title: What it is called.
        name: Its path.
        show: Draws it.
        one: Whether it shows the query in large.
    """

    def pictures() -> tuple[str, list[str]]:
        search = search_state.LINKED
        return search.gallery, [search.query] if one else []

    return View(
        title,
        show,
        lambda: search_state.restore(name),
        lambda: search_state.LINKED.leave(name),
        pictures,
    )


VIEWS = {
    "inspect": View(
        "Inspect",
        inspect.show,
        inspect_state.restore,
        inspect_state.LINKED.leave,
        lambda: (SAMPLE, inspect_state.chosen()[:1]),
    ),
    "lab": View(
        "Occlusion lab",
        lab.show,
        lab_state.restore,
        lab_link.LINKED.leave,
        lambda: (SAMPLE, [lab_link.LINKED.picture]),
    ),
    "retrieve": _searching("Retrieve", "retrieve", retrieve.show, one=True),
    "pair": _searching("Pair", "pair", pair.show, one=True),
    "failures": _searching("Failures", "failures", failures.show),
    "map": _searching("Map", "map", embedding_map.show),
    "atlas": View(
        "Atlas",
        atlas.show,
        atlas_state.LINKED.restore,
        atlas_state.LINKED.leave,
        lambda: (atlas_state.LINKED.gallery, []),
    ),
    "compare": View(
        "Compare",
        compare.show,
        compare_state.restore,
        compare_state.LINKED.leave,
        lambda: (SAMPLE, [compare_state.LINKED.picture]),
    ),
    "model": View("Model", model.show, model.LINKED.restore, model.LINKED.leave),
}
"""All pages by their paths, in the order of the navigation; the first one opens at the root."""
HOME = "home"
"""Path of the first page, which is found under its own name too."""


def main() -> None:
    """Set the page up and run the chosen view."""
    st.set_page_config(page_title="AONet Lens", layout="wide", page_icon=str(ICON))
    st.html(f"<style>{style()}</style>")
    st.logo(LOGO.read_text(encoding="utf-8"), size="large")
    if not sign_in.admitted():
        return
    first, *_ = VIEWS
    pages = {
        name: st.Page(
            view.run,
            title=view.title,
            url_path=HOME if name == first else name,
            default=name == first,
        )
        for name, view in VIEWS.items()
    }
    alias = st.Page(VIEWS[first].run, title=VIEWS[first].title, url_path=first, visibility="hidden")
    # For those who send the visitor to another page.
    st.session_state["pages"] = pages
    current = st.navigation([*pages.values(), alias], position="top")
    with st.container(horizontal=True, gap="small", key="narrow_pages"):
        # Streamlit folds the navigation away in narrow windows: there these links stand in for it.
        for page in pages.values():
            st.page_link(page)
    visit.begin()
    name = next((name for name, page in pages.items() if page == current), first)
    tour.show(name, first)
    if name != "compare":  # chooses a network for each of its sides
        network_choice.show()
    with engine_state.watched():
        current.run()
    visit.end()
