"""The ranking of one query: its best matches as cards, the query beside them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from aonet_core.engine import GalleryInfo, in_markdown
from app import services
from app.services import retrieval
from app.services.retrieval import Query, Ranked, RankFilter
from app.shared import (
    cards,
    clickable,
    lost_notice,
    maps,
    messages,
    prepare,
    search_controls,
    search_state,
    selection,
)
from app.shared.markup import bar, dot, escape, helped
from app.shared.overlay import fit
from app.shared.search_state import PREFIX, SAMPLE
from app.shared.tiles import image_tag
from app.views.retrieve import controls, downloads, similarities

TITLE = (
    "Who is most alike, and which landmarks say so: the bar beside a match sums to its similarity"
)
PAGE_SIZE = 24


@dataclass(frozen=True)
class Search:
    """A query's ranking and what is needed to draw it."""

    query: Query
    info: GalleryInfo
    ranked: Ranked
    names: list[str]


def show() -> None:
    """The choices, the ranking, and what goes with it; what went wrong in a sentence."""
    head = st.empty()
    head.html(_heading(""))
    search_controls.gallery()
    search_controls.query()
    lost_notice.notice(search_state.LINKED)
    problems = [services.sample_problem(), *st.session_state.get("match_problems", ())]
    for problem in filter(None, problems):
        st.error(in_markdown(problem))
    try:
        search = _find()
    except services.UserError as error:
        messages.show(error)
        return
    if search is None:
        return
    head.html(_heading(_status(search)))
    for note in search.query.panel.photo.notes:
        st.caption(in_markdown(note))
    with st.container(horizontal=True, gap="medium", key="ranking"):
        with st.container(width=190, key="ranking_query"):
            st.html(_query(search))
        with st.container():
            _cards(search)
    similarities.histogram(search.query)
    downloads.ranking(search.query, search.ranked, search.names, lambda: _sections(search))


def _sections(search: Search) -> list[tuple[str, str]]:
    """The page for the report: all matches at once."""
    entries = search.ranked.entries
    grid = cards.grid(entries, cards.scale_of(entries), search.names, search.info.revision)
    legend = cards.legend(search.names, search.query.pid > 0)
    return [("Query", _query(search)), ("Matches", _status(search) + legend + grid)]


def _find() -> Search | None:
    """The ranking as it is asked for; None while something is missing that has been said."""
    prepare.network()
    gallery = search_state.LINKED.gallery
    if gallery != SAMPLE and prepare.gallery(gallery) is None:
        return None
    if not search_state.begin():
        st.info("Upload a photo of a person, or choose a query, to look for matches.")
        return None
    info = prepare.gallery(gallery)
    if info is None:
        return None
    network = services.info()
    with st.sidebar:
        search_controls.similarity(network.num_landmarks, network.similarity)
    controls.shown(info)
    query = retrieval.query(search_state.LINKED.query, search_state.LINKED.edit, gallery)
    ranked = retrieval.rank(query, gallery, search_state.options(), rank_filter())
    names = maps.landmark_names(network.metrics, network.num_landmarks)
    return Search(query, info, ranked, names)


def rank_filter() -> RankFilter:
    """Which part of the ranking is asked for."""
    return RankFilter(
        top=search_state.LINKED.top,
        cameras=search_state.LINKED.cameras,
        other_cameras_only=search_state.LINKED.elsewhere,
        min_similarity=search_state.LINKED.least,
        junk=search_state.LINKED.junk,
    )


def _cards(search: Search) -> None:
    entries = search.ranked.entries
    if not entries:
        st.info(f"No match reaches a similarity of {search_state.LINKED.least:.2f}.")
        return
    pages = -(-len(entries) // PAGE_SIZE)
    page = min(search_state.LINKED.page, pages)
    search_state.put(page=page)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(cards.legend(search.names, search.query.pid > 0))
        _selected(search)
        if pages > 1:
            page = st.pagination(pages, key=PREFIX + "page")
    part = entries[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    scale = cards.scale_of(entries)
    picked = clickable.show(
        cards.grid(part, scale, search.names, search.info.revision), "match_grid"
    )
    if picked:
        search_state.go("pair", match=picked)


def _selected(search: Search) -> None:
    """Tell how many matches are selected, the rest being dimmed, and let go of them."""
    if count := cards.selected(search.ranked.entries):
        st.caption(f"{count} of these are selected; the others stand back.")
        gallery = search_state.LINKED.gallery
        st.button("Clear selection", on_click=selection.put, args=(gallery,))


def _query(search: Search) -> str:
    """The query with its landmarks' awareness."""
    panel = search.query.panel
    lines = "".join(
        f"<div>{dot(k)}<span>{escape(name)}</span><b>{panel.analysis.awareness[k]:.2f}</b>"
        f"{bar(float(panel.analysis.awareness[k]), k)}</div>"
        for k, name in enumerate(search.names)
    )
    picture = image_tag(fit(panel.photo.image, 420), panel.photo.title)
    return (
        f"<div class='query'><h2>Query</h2>{picture}<p>{escape(panel.photo.title)}</p>"
        f"<h3>{helped('awareness β')}</h3><div class='lines'>{lines}</div></div>"
    )


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Retrieve</h1><p>{TITLE}</p>{status}</div>"


def _status(search: Search) -> str:
    """How many were ranked, how, and what came of it, in one line."""
    ranked, options = search.ranked, search_state.options()
    of = f"{ranked.total:,} of {len(search.info.names):,} pictures"
    method = "re-ranked" if options.rerank else "exact"
    parts = [
        helped(f"{method}, {of}", "Every picture that is not left out is compared with the query; "
               "nothing is approximated. Left out are junk and what the filter excludes."),
        escape(search_state.words(options, services.info().similarity)),
    ]  # fmt: skip
    if ranked.right is not None:
        first = next((e.rank for e in ranked.entries if e.verdict == "right"), None)
        where = f"first right match at rank {first}" if first else "no right match shown"
        parts.append(f"{ranked.right} right matches, {where}" if ranked.right else
                     "no valid match in the gallery")  # fmt: skip
    parts.append(helped(f"{ranked.milliseconds:.0f} ms", "Time the engine took to rank."))
    return f"<div class='status'>{' · '.join(parts)}</div>"
