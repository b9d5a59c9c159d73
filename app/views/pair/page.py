"""A query and one match: maps, cosines and shares of every landmark, and what decides."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aonet_core.engine import Evaluation
from app import services
from app.services import failures, pairs, retrieval
from app.services.pairs import ExplainedPair
from app.services.retrieval import Query, Ranked, RankFilter
from app.shared import (
    cards,
    clickable,
    downloads,
    failure_cause,
    lost_notice,
    maps,
    messages,
    prepare,
    report,
    search_controls,
    search_state,
)
from app.shared.evaluation import evaluate
from app.shared.markup import SCROLLS
from app.shared.search_state import PREFIX, SAMPLE
from app.shared.view import SCALES, View
from app.views.pair import decision, exports, parts, steps

TITLE = "Two pictures, landmark by landmark: what speaks for the match, and what against it"
NEARBY = 12
"""Ranks that are offered to go on with."""


def show() -> None:
    """The choices, the pair, what decides between right and wrong."""
    head = st.empty()
    head.html(parts.heading(TITLE, ""))
    search_controls.gallery()
    search_controls.query()
    lost_notice.notice(search_state.LINKED)
    try:
        _content(head)
    except services.UserError as error:
        messages.show(error)


def _content(head: DeltaGenerator) -> None:
    prepare.network()
    gallery = search_state.LINKED.gallery
    if gallery != SAMPLE and prepare.gallery(gallery) is None:
        return
    if not search_state.begin():
        st.info("Upload a photo of a person, or choose a query, to look at a pair.")
        return
    info = prepare.gallery(gallery)
    if info is None:
        return
    network = services.info()
    query = retrieval.query(search_state.LINKED.query, search_state.LINKED.edit, gallery)
    # A pair is explained before any re-ranking: the ranking beside it is the one it stands in.
    options = replace(search_state.options(), rerank=False)
    ranked = retrieval.rank(query, gallery, options, RankFilter(top=NEARBY))
    _choose(query, ranked, network.num_landmarks, network.similarity)
    explained = pairs.explain(query, search_state.LINKED.match, gallery, options)
    names = maps.landmark_names(network.metrics, network.num_landmarks)
    evaluation = _evaluation(query)
    if evaluation is not None:
        steps.buttons(evaluation, query.name)
    panels = [panel for panel in (query.panel, explained.match, explained.rival) if panel]
    limits = maps.limits(panels, View(scale=search_state.LINKED.scale))
    head.html(parts.heading(TITLE, parts.status(explained, options)))
    st.html(parts.verdict(explained, names))
    st.html(
        f"<div class='panel pair'><div>{parts.photos(explained, names)}"
        f"{decision.bars(explained, names)}{_why(evaluation, query, names)}</div>"
        f"<div {SCROLLS}>{parts.strip(explained, limits, names)}</div></div>"
    )
    _removals(explained, names, info.revision)
    _ranks(ranked, names, info.revision)
    titles = ("query", "match", f"best {explained.sides[1]} match")
    shown = dict(zip(titles, panels, strict=False))
    link = report.here("pair")
    downloads.buttons(
        ("pair", report.about(query.panel.photo, explained.match.photo)),
        ("Figure", "png", "Photos, maps and what each landmark adds to the lead; PNG for print.",
         lambda: exports.pair_png(shown, explained.pair.lead_by_landmark, names,
                                        limits.response)),
        ("Table", "csv", "Awareness, cosine and share of every landmark, as CSV.",
         lambda: exports.pair_csv(explained, names, downloads.provenance())),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: parts.report(explained, limits, names, info.revision, link)),
    )  # fmt: skip


def _choose(query: Query, ranked: Ranked, count: int, own: str) -> None:
    """Which match; the first one where none is chosen yet."""
    titles = {
        entry.name: f"{entry.rank} {cards.SYMBOLS[entry.verdict]} {entry.title}"
        for entry in ranked.entries
    }
    chosen = search_state.LINKED.match
    if not chosen:
        search_state.put(match=ranked.entries[0].name)
    elif chosen not in titles:
        titles = {chosen: chosen} | titles
    with st.sidebar:
        st.selectbox(
            "Match",
            list(titles),
            key=PREFIX + "match",
            format_func=lambda key: titles.get(key, key),
            help="The gallery picture to explain: one of the best, or the one that was clicked.",
        )
        search_controls.similarity(count, own)
        st.segmented_control(
            "Colour scale ends at",
            tuple(SCALES),
            format_func=lambda key: SCALES.get(key, key),
            key=PREFIX + "scale",
            required=True,
            help="All maps share one scale. It ends at a fixed share, or at the largest one shown.",
        )
    if search_state.LINKED.rerank:
        st.caption("A pair is explained as it was before re-ranking.")


def _evaluation(query: Query) -> Evaluation | None:
    """What the page Failures found, where it is known already and tells of the query."""
    gallery, options = search_state.LINKED.gallery, search_state.options()
    if not query.name or search_state.LINKED.edit or not failures.ready(gallery, options):
        return None
    return evaluate(gallery, options)


def _why(evaluation: Evaluation | None, query: Query, names: list[str]) -> str:
    cause = failures.diagnosis(evaluation, query.name) if evaluation else None
    return failure_cause.html(cause, names) if cause else ""


def _removals(explained: ExplainedPair, names: list[str], revision: int) -> None:
    picked = clickable.show(decision.removals(explained, names, revision), "match_removals")
    if picked:
        search_state.go("pair", match=picked)


def _ranks(ranked: Ranked, names: list[str], revision: int) -> None:
    """The best matches, to go on with."""
    scale = cards.scale_of(ranked.entries)
    grid = cards.grid(ranked.entries, scale, names, revision, search_state.LINKED.match)
    picked = clickable.show(
        f"<div class='nearby'><h2>Best matches</h2>{grid}</div>", "match_nearby"
    )
    if picked:
        search_state.go("pair", match=picked)
