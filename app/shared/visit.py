"""The visitor's browser: a step of history a deliberate change, a key of its own, forgetting."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import services
from app.services import visitor
from app.shared import held, lost_uploads, uploads
from app.shared.links import MINOR
from app.shared.markup import source

KEY = "visit"
FORGOTTEN = "visit_forgotten"
_mount = st.components.v2.component(
    "aonet_lens_visit",
    html="<i class='visit' hidden></i>",
    js=source(Path(__file__).parent, "visit.js"),
)


def begin() -> None:
    """Give the browser what it keeps, before anything of a page is drawn."""
    browser = _mount(
        key=KEY,
        data={
            "minor": MINOR,
            "cookie": visitor.COOKIE,
            "secret": visitor.secret(),
            "seconds": round(3600 * visitor.hours()),
            "titles": {key: photo.title for key, photo in services.uploads().items()},
            "asked": lost_uploads.asked(),
            "forget": st.session_state.pop(FORGOTTEN, False),
        },
        on_secret_change=lambda: None,
        on_titles_change=lambda: None,
    )
    if browser.secret and visitor.SECRET.fullmatch(browser.secret):
        # Another tab was first to give this browser a key.
        st.session_state[visitor.KEY] = browser.secret
    if browser.titles:
        lost_uploads.name(browser.titles)


def end() -> None:
    """Offer to forget what is kept, where there is anything."""
    belongings = visitor.belongings()
    if not (belongings.uploads or belongings.cutouts):
        return
    many = len(belongings.uploads) + len(belongings.cutouts)
    st.sidebar.button(
        "Forget my pictures",
        on_click=_forget,
        icon=":material/delete:",
        width="stretch",
        help=f"{many} pictures of yours are kept. {uploads.kept()} This forgets them now, with "
        "your drawings, results and choices.",
    )


def _forget() -> None:
    held.drop()
    visitor.forget()
    st.query_params.clear()
    st.session_state[FORGOTTEN] = True
