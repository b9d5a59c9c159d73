"""The table of queries: filtered by cause and occluder, sorted by any column, opened by a click."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from aonet_core.engine import CAUSES, Evaluation, diagnose_all
from app import services
from app.services import failures, galleries
from app.shared import maps, search_state, selection
from app.shared.evaluation import cause_names, filtered_queries, open_pair
from app.shared.search_state import PREFIX

ROW_HEIGHT = 76
EVERYTHING = "all queries"


def table(evaluation: Evaluation) -> None:
    """What can be filtered, and the queries that are left; choosing one opens its pair."""
    diagnoses = diagnose_all(evaluation)
    _filter(evaluation, diagnoses)
    rows = filtered_queries(evaluation, diagnoses)
    if not len(rows):
        st.caption("No query is left by the filter.")
        return
    event = st.dataframe(
        _frame(evaluation, rows, diagnoses),
        width="stretch",
        height=min(560, 38 + ROW_HEIGHT * len(rows)),
        row_height=ROW_HEIGHT,
        hide_index=True,
        placeholder="–",  # what is not known
        column_config=_columns(),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=PREFIX + "table",
    )
    selected = [*event.selection.rows, *(cell[0] for cell in event.selection.cells)]
    if selected:
        open_pair(evaluation, int(rows[selected[0]]))


def _filter(evaluation: Evaluation, diagnoses: tuple) -> None:
    """Pills of what failed, with numbers, occluders where they are known, and the selection."""
    causes = cause_names(diagnoses)
    counts = {name: int((causes == name).sum()) for name in CAUSES}
    failed = [name for name in CAUSES if name != "found" and counts[name]]
    labels = {"": f"all failures ({sum(counts[name] for name in failed)})"}
    labels |= {name: f"{CAUSES[name].title} ({counts[name]})" for name in failed}
    labels |= {"found": f"found ({counts['found']})"}
    if search_state.LINKED.cause not in labels:
        search_state.put(cause="")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Cause", list(labels), format_func=lambda key: labels.get(key, key),
            key=PREFIX + "cause", required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        occluders = sorted({str(name) for name in evaluation.occluder if name})
        if search_state.LINKED.occluder not in occluders:
            search_state.put(occluder="")
        if occluders:
            st.selectbox(
                "Occluder", ["", *occluders], key=PREFIX + "occluder", width=170,
                format_func=lambda name: name.replace("_", " ") or "any occluder",
                label_visibility="collapsed",
            )  # fmt: skip
        st.text_input(
            "Find", key=PREFIX + "find", width=170, label_visibility="collapsed",
            placeholder="find by name", help="Part of a file name, an identity, an occluder.",
        )  # fmt: skip
        _selected(evaluation, diagnoses)


def _selected(evaluation: Evaluation, diagnoses: tuple) -> None:
    """What is selected in all views: taken as a filter, or made of what is listed."""
    gallery = search_state.LINKED.gallery
    count = int(np.isin(evaluation.names, list(selection.get(gallery))).sum())
    if not count:
        search_state.put(selected=False)
    st.toggle(
        f"selected ({count})", key=PREFIX + "selected", disabled=not count,
        help="Only the queries that are selected, in the map or here.",
    )  # fmt: skip
    names = evaluation.names[filtered_queries(evaluation, diagnoses)]
    st.button(
        "Select these", on_click=selection.put, args=(gallery, names), disabled=not len(names),
        help="Make the listed queries the selection of all views: the map shows where they lie.",
    )  # fmt: skip


def _frame(evaluation: Evaluation, rows: np.ndarray, diagnoses: tuple) -> pd.DataFrame:
    gallery = search_state.LINKED.gallery
    revision = galleries.gallery(gallery).revision
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    first_names = (
        evaluation.top_names[:, 0] if evaluation.top_names.shape[1] else [""] * len(evaluation)
    )

    def picture(name: str) -> str:
        return galleries.thumbnail(gallery, revision, name) if name else ""

    blamed = [diagnoses[row].landmark for row in rows]
    return pd.DataFrame(
        {
            "picture": [picture(str(evaluation.names[row])) for row in rows],
            "query": [failures.title_of(gallery, str(evaluation.names[row])) for row in rows],
            "first": [picture(str(first_names[row])) for row in rows],
            "cause": [CAUSES[diagnoses[row].cause].title for row in rows],
            "blamed": ["" if k is None else names[k] for k in blamed],
            "ap": evaluation.average_precision[rows],
            "rank": pd.array(evaluation.first_rank[rows]).astype("Int64"),
            "awareness": evaluation.awareness[rows].sum(axis=1),
            "hidden": 100 * evaluation.hidden[rows],
            "margin": evaluation.margin[rows],
        }
    )


def _columns() -> dict:
    """Titles, formats and meanings of the columns."""
    column = st.column_config
    return {
        "picture": column.ImageColumn("query", width=68),
        "query": column.TextColumn("what", help="Identity, camera and what is in front."),
        "first": column.ImageColumn("first", width=68, help="The match that came first."),
        "cause": column.TextColumn("cause", help="The first cause whose rule holds."),
        "blamed": column.TextColumn("blamed", help="The landmark that the cause blames."),
        "ap": column.ProgressColumn(
            "AP", format="%.3f", min_value=0, max_value=1, help="Average precision, step form."
        ),
        "rank": column.NumberColumn("first right", help="Rank of the first right match."),
        "awareness": column.NumberColumn(
            "Σ β", format="%.2f", help="Sum of awareness: how much of the query is seen, 0 to K."
        ),
        "hidden": column.NumberColumn(
            "occluded", format="%.0f %%",
            help="Occluded share of the body in truth, where it is known.",
        ),
        "margin": column.NumberColumn(
            "margin", format="%.3f",
            help="Similarity of the best right match minus that of the best wrong one.",
        ),
    }  # fmt: skip
