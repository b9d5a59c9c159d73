"""A query and one match: maps, cosines and shares of every landmark, and what decides."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from aonet_core.engine import Evaluation
from app import maps, match_exports, match_state, services
from app.components import missing, picks, report, told, waiting
from app.components.failures import steps, why
from app.components.match import cards, controls, decide, side, takeaway
from app.match_state import PREFIX, SAMPLE
from app.services import failures, pairs, retrieval
from app.services.pairs import Seen
from app.services.retrieval import Query, Ranked, Wanted
from app.state import SCALES, View

TITLE = "Two pictures, landmark by landmark: what speaks for the match, and what against it"
NEARBY = 12
"""Ranks that are offered to go on with."""


def show() -> None:
    """The choices, the pair, what decides between right and wrong."""
    head = st.empty()
    head.html(side.heading(TITLE, ""))
    controls.gallery()
    controls.query()
    missing.notice(match_state.LINKED)
    try:
        _content(head)
    except services.UserError as error:
        told.tell(error)


def _content(head) -> None:
    waiting.network()
    chosen = match_state.get("gallery")
    if chosen != SAMPLE and waiting.gallery(chosen) is None:
        return
    if not match_state.begin():
        st.info("Upload a photo of a person, or choose a query, to look at a pair.")
        return
    info = waiting.gallery(chosen)
    if info is None:
        return
    network = services.info()
    query = retrieval.query(match_state.get("query"), match_state.get("edit"), chosen)
    # A pair is explained before any re-ranking: the ranking beside it is the one it stands in.
    options = replace(match_state.options(), rerank=False)
    ranked = retrieval.rank(query, chosen, options, Wanted(top=NEARBY))
    _choose(query, ranked, network.num_landmarks, network.similarity)
    seen = pairs.seen(query, match_state.get("match"), chosen, options)
    names = maps.landmark_names(network.metrics, network.num_landmarks)
    evaluation = _evaluation(query)
    if evaluation is not None:
        steps.buttons(evaluation, query.name)
    panels = [panel for panel in (query.panel, seen.match, seen.rival) if panel]
    limits = maps.limits(panels, View(scale=match_state.get("scale")))
    head.html(side.heading(TITLE, side.status(seen, options)))
    st.html(side.verdict(seen, names))
    st.html(
        f"<div class='panel pair'><div>{side.photos(seen, names)}{decide.bars(seen, names)}"
        f"{_why(evaluation, query, names)}</div>"
        f"<div>{side.strip(seen, limits, names)}</div></div>"
    )
    _removals(seen, names, info.revision)
    _ranks(ranked, names, info.revision)
    titles = ("query", "match", f"best {seen.sides[1]} match")
    shown = dict(zip(titles, panels, strict=False))
    link = report.here("pair")
    takeaway.buttons(
        ("pair", report.about(query.panel.photo, seen.match.photo)),
        ("Figure", "png", "Photos, maps and what each landmark adds to the lead; PNG for print.",
         lambda: match_exports.pair_png(shown, seen.pair.lead_by_landmark, names,
                                        limits.response)),
        ("Table", "csv", "Awareness, cosine and share of every landmark, as CSV.",
         lambda: match_exports.pair_csv(seen, names, takeaway.facts())),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: side.report(seen, limits, names, info.revision, link)),
    )  # fmt: skip


def _choose(query: Query, ranked: Ranked, count: int, own: str) -> None:
    """Which match; the first one where none is chosen yet."""
    titles = {
        entry.name: f"{entry.rank} {cards.SYMBOLS[entry.verdict]} {entry.title}"
        for entry in ranked.entries
    }
    chosen = match_state.get("match")
    if not chosen:
        match_state.put(match=ranked.entries[0].name)
    elif chosen not in titles:
        titles = {chosen: chosen} | titles
    with st.sidebar:
        st.selectbox(
            "Match",
            list(titles),
            key=PREFIX + "match",
            format_func=titles.get,
            help="The gallery picture to explain: one of the best, or the one that was clicked.",
        )
        controls.similarity(count, own)
        st.segmented_control(
            "Colour scale ends at",
            tuple(SCALES),
            format_func=SCALES.get,
            key=PREFIX + "scale",
            required=True,
            help="All maps share one scale. It ends at a fixed share, or at the largest one shown.",
        )
    if match_state.get("rerank"):
        st.caption("A pair is explained as it was before re-ranking.")


def _evaluation(query: Query) -> Evaluation | None:
    """What the page Failures found, where it is known already and tells of the query."""
    gallery, options = match_state.get("gallery"), match_state.options()
    if not query.name or match_state.get("edit") or not failures.ready(gallery, options):
        return None
    return waiting.evaluation(gallery, options)


def _why(found: Evaluation | None, query: Query, names: list[str]) -> str:
    cause = failures.diagnosis(found, query.name) if found else None
    return why.html(cause, names) if cause else ""


def _removals(seen: Seen, names: list[str], revision: int) -> None:
    picked = picks.show(decide.removals(seen, names, revision), "match_removals")
    if picked:
        match_state.go("pair", match=picked)


def _ranks(ranked: Ranked, names: list[str], revision: int) -> None:
    """The best matches, to go on with."""
    scale = cards.scale_of(ranked.entries)
    grid = cards.grid(ranked.entries, scale, names, revision, match_state.get("match"))
    picked = picks.show(f"<div class='nearby'><h2>Best matches</h2>{grid}</div>", "match_nearby")
    if picked:
        match_state.go("pair", match=picked)
