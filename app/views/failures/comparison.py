"""Two evaluations, query by query: other options, or another checkpoint."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from aonet_core.engine import CAUSES, Contrast, Evaluation, contrast_table, to_csv
from app import charts, services
from app.charts import PLOT
from app.services import failures, galleries, networks
from app.shared import (
    downloads,
    network_choice,
    report,
    search_controls,
    search_state,
)
from app.shared.evaluation import evaluate, open_pair
from app.shared.markup import helped, signed
from app.shared.search_state import PREFIX
from app.views.failures import table

OUTCOMES = ("lost", "won", "same")


def show(evaluation: Evaluation) -> None:
    """Choose what to compare with, then what was won and lost."""
    network = services.info()
    choices, results = st.columns((1, 3), gap="medium")
    with choices:
        checkpoint = _against()
        search_controls.similarity(network.num_landmarks, network.similarity, suffix="2")
    other = search_state.options("2")
    with results:
        if other == search_state.options() and not checkpoint:
            st.info("Choose another similarity, other landmarks or another checkpoint.")
            return
        second = evaluate(search_state.LINKED.gallery, other, checkpoint, "second")
        if second is None:
            return
        _results(evaluation, second, failures.contrast(evaluation, second))


def _against() -> str:
    """Choose the network to compare with: one of the visitor's, or another checkpoint."""
    in_use = network_choice.title()
    own = [networks.OWN + digest for digest in networks.titles()]
    offered = [name for name in own if network_choice.titled(name) != in_use]
    if in_use:
        offered = [networks.RUNNING, *offered]
    if offered:
        if search_state.LINKED.against not in offered:
            search_state.put(against="")
        return st.selectbox(
            "Network",
            ["", *offered],
            key=PREFIX + "against",
            format_func=lambda name: network_choice.titled(name) if name else "the same",
            help="The network that runs, or one that you adapted; galleries are embedded again by "
            "it where need be.",
        )
    st.text_input(
        "Checkpoint",
        key=PREFIX + "against",
        placeholder="the same",
        disabled=not galleries.at_home(),
        help="Name or path of another checkpoint on the machine that runs this application; "
        "empty for the same. The samples are looked at anew by it, other galleries must have "
        "been made with it.",
    )
    return search_state.LINKED.against.strip() if galleries.at_home() else ""


def _results(first: Evaluation, second: Evaluation, change: Contrast) -> None:
    own = services.info().similarity
    words = (
        search_state.words(search_state.options(), own),
        search_state.words(search_state.options("2"), own),
    )
    if second.setting.checkpoint != first.setting.checkpoint:
        words = (f"{first.setting.checkpoint}, {words[0]}",
                 f"{second.setting.checkpoint}, {words[1]}")  # fmt: skip
    st.html(_tiles(first, second, change))
    gallery = search_state.LINKED.gallery
    titles = [failures.title_of(gallery, str(name)) for name in change.names]
    left, right = st.columns(2, gap="medium")
    with left:
        st.plotly_chart(
            charts.contrast_chart(change.before, change.after, titles, words),
            width="stretch", config=PLOT, key="failures_contrast",
            alt="Average precision of every query in both evaluations",
        )  # fmt: skip
    with right:
        st.plotly_chart(
            charts.cmc_chart(dict(zip(words, (first.cmc, second.cmc), strict=True)), height=340),
            width="stretch", config=PLOT, key="failures_cmc2", alt="CMC of both evaluations",
        )  # fmt: skip
    _table(first, change, titles)
    downloads.button(
        "Differences",
        "csv",
        report.file_name("failures", gallery, "Differences", "csv"),
        lambda: to_csv(contrast_table(change)),
        "Every query's change, as CSV.",
    )


def _tiles(first: Evaluation, second: Evaluation, change: Contrast) -> str:
    facts = {
        "mAP": f"{100 * first.mean_ap:.1f} → {100 * second.mean_ap:.1f} %",
        "change of mAP": _interval(change.mean_ap),
        "change of rank-1": _interval(change.rank1),
        "won": str(change.count("won")),
        "lost": str(change.count("lost")),
        "same": str(change.count("same")),
    }
    marks = {"won": " <span class='right'>▲</span>", "lost": " <span class='wrong'>▼</span>"}
    body = "".join(
        f"<div>{helped(name)}<b>{value}{marks.get(name, '')}</b></div>"
        for name, value in facts.items()
    )
    return f"<div class='facts tiles'>{body}</div>"


def _interval(difference) -> str:
    low, high = signed(100 * difference.low, 1), signed(100 * difference.high, 1)
    return f"{signed(100 * difference.value, 1)} <small>[{low}, {high}] points</small>"


def _table(evaluation: Evaluation, change: Contrast, titles: list[str]) -> None:
    outcome = st.segmented_control(
        "Outcome", OUTCOMES, default=OUTCOMES[0], required=True, key="failures_outcome",
        label_visibility="collapsed",
        format_func=lambda name: f"{name} ({change.count(name)})",
    )  # fmt: skip
    rows = np.flatnonzero(change.outcome == outcome)
    rows = rows[np.argsort(-np.abs(change.difference[rows]), kind="stable")]
    if not len(rows):
        st.caption(f"No query was {outcome}.")
        return
    gallery = search_state.LINKED.gallery
    revision = galleries.gallery(gallery).revision
    frame = pd.DataFrame(
        {
            "picture": [galleries.thumbnail(gallery, revision, str(change.names[r])) for r in rows],
            "query": [titles[row] for row in rows],
            "before": change.before[rows],
            "after": change.after[rows],
            "change": change.difference[rows],
            "rank before": pd.array(change.rank_before[rows]).astype("Int64"),
            "rank after": pd.array(change.rank_after[rows]).astype("Int64"),
            "cause before": [CAUSES[change.cause_before[row]].title for row in rows],
            "cause after": [CAUSES[change.cause_after[row]].title for row in rows],
        }
    )
    column = st.column_config
    event = st.dataframe(
        frame,
        width="stretch",
        height=min(460, 38 + table.ROW_HEIGHT * len(rows)),
        row_height=table.ROW_HEIGHT,
        hide_index=True,
        column_config={
            "picture": column.ImageColumn("query", width=68),
            "query": column.TextColumn("what"),
            "before": column.NumberColumn("AP before", format="%.3f"),
            "after": column.NumberColumn("AP after", format="%.3f"),
            "change": column.NumberColumn("change", format="%+.3f"),
        },
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=PREFIX + "changes",
    )
    selected = [*event.selection.rows, *(cell[0] for cell in event.selection.cells)]
    if selected:
        open_pair(evaluation, evaluation.row(str(change.names[rows[selected[0]]])))
