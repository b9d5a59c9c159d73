"""What Retrieve, Pair, Failures and Map are asked, kept in the address bar: a link reopens it."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import (
    PROJECTION_KINDS,
    PROJECTION_METRICS,
    Edit,
    EditError,
    MatchOptions,
    edit_from_token,
)
from app import services
from app.services import galleries
from app.shared import lab_link, lost_uploads
from app.shared.choices import Choice, count, flag, one_of, several, share, text, within
from app.shared.links import Linked
from app.shared.view import SCALES

SAMPLE = "sample"
TOPS = (5, 10, 20, 50, 100, 200)
FORMS = {
    "": "its own",
    "eq8": "Eq. 8 as printed",
    "normalised": "Eq. 8, normalised",
    "unweighted": "without β",
    "query_weighted": "the query's β alone",
}
"""Forms of the match, in words."""
TABS = ("Failures", "Compare")
"""Of the page Failures."""


class Search(Linked):
    """All that can be chosen.

    `only` holds the landmarks that count, from 1 on, and nothing where all do.
    """

    query = text()
    edit = text()
    gallery = text(SAMPLE)
    form = Choice("", one_of(FORMS))
    sl = flag()
    only = several()
    rerank = flag()
    page = Choice(1, count)
    top = Choice(20, one_of(TOPS))
    cameras = several()
    least = Choice(-1.0, share, "{:.2f}".format)
    junk = flag()
    elsewhere = flag()
    match = text()
    scale = Choice("fixed", one_of(SCALES))
    tab = Choice(TABS[0], one_of(TABS))
    cause = text()
    occluder = text()
    selected = flag()
    find = text()
    against = text()
    form2 = Choice("", one_of(FORMS))
    sl2 = flag()
    only2 = several()
    kind = Choice("landmarks", one_of(PROJECTION_KINDS))
    dimensions = Choice(2, one_of((2, 3)))
    neighbours = Choice(15, within(2, 200, int))
    distance = Choice(0.1, within(0, 0.99, float), "{:.2f}".format)
    metric = Choice("cosine", one_of(PROJECTION_METRICS))
    seed = Choice(0, within(0, 2**31 - 1, int))
    components = Choice(50, within(0, 1000, int))
    queries = flag(True)
    colour = text("landmark")
    placed = text()
    mask = text()


OPTIONS = ("gallery", "form", "sl", "only", "rerank")
PAGES = {
    "retrieve": ("query", "edit", *OPTIONS, "top", "page", "cameras", "least", "junk", "elsewhere"),
    "pair": ("query", "edit", "match", *OPTIONS, "scale"),
    "failures": (
        *OPTIONS,
        "tab",
        "cause",
        "occluder",
        "selected",
        "find",
        "against",
        "form2",
        "sl2",
        "only2",
    ),
    "map": (
        "gallery",
        "kind",
        "dimensions",
        "neighbours",
        "distance",
        "metric",
        "seed",
        "components",
        "queries",
        "colour",
        "placed",
        "mask",
    ),  # fmt: skip
}
"""What each page's address names."""


LINKED = Search("match", PAGES)
PREFIX = LINKED.key("")
"""Of the keys in the session's state."""
get, put, later, link, remember = (
    LINKED.get, LINKED.put, LINKED.later, LINKED.link, LINKED.remember,
)  # fmt: skip


def restore(page: str) -> None:
    """Fill the choices; at first the query that Inspect opens with."""
    LINKED.restore(page)
    if not LINKED.query:
        put(query=_first())
    lost_uploads.stand_in(LINKED, "query", _first)
    lost_uploads.stand_in(LINKED, "placed", str)


def begin() -> bool:
    """Whether there is a query; where there is none but the gallery has one, begin with it."""
    if not LINKED.query and (first := _first()):
        later(query=first)
        st.rerun()
    return bool(LINKED.query)


def _first() -> str:
    """A query to begin with; of an own gallery once the network is there, which knows it."""
    gallery = LINKED.gallery
    return galleries.first_query(gallery) if gallery == SAMPLE or services.ready() else ""


def look_for(key: str, edit: str = "") -> None:
    """Make a picture the query and forget what belonged to the one before; as `put`."""
    put(query=key, edit=edit, match="", page=1)


def go(page: str, /, **values: object) -> None:
    """Open a page with some choices made; the rest of this run is dropped.

    The address names them from the first moment on: a reload on the way loses nothing.
    """
    later(**values)
    st.switch_page(st.session_state["pages"][page], query_params=link(page, **values))


def to_lab() -> None:
    """Open the query in the occlusion lab, with what is hidden there so far."""
    token = LINKED.edit
    try:
        edit = edit_from_token(token) if token else Edit()
    except EditError:
        edit = Edit()  # told on this page
    lab_link.open_picture(LINKED.query, edit)
    st.switch_page(st.session_state["pages"]["lab"])


def options(suffix: str = "") -> MatchOptions:
    """How alike two pictures are said to be.

    Args:
        suffix: "2" for what is compared with on Failures.
    """
    return MatchOptions(
        form=(LINKED.form2 if suffix else LINKED.form) or None,
        only=tuple(number - 1 for number in counting(suffix)),
        features="sl" if get("sl" + suffix) else "retrieval",
        rerank=not suffix and LINKED.rerank,
    )


def counting(suffix: str = "") -> tuple[int, ...]:
    """The landmarks that count, from 1 on; none where all do."""
    return LINKED.only2 if suffix else LINKED.only


def words(match_options: MatchOptions, own: str) -> str:
    """Options in a few words.

    Args:
        match_options: The options.
        own: Form that the checkpoint was chosen with.
    """
    parts = [FORMS[match_options.form or own]]
    if match_options.features == "sl":
        parts = ["SL features, without β"]
    if match_options.only:
        parts.append("landmarks " + ", ".join(str(k + 1) for k in match_options.only) + " only")
    if match_options.rerank:
        parts.append("re-ranked")
    return ", ".join(parts)
