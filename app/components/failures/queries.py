"""The table of queries: filtered by cause and occluder, sorted by any column, opened by a click."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from aonet_core.engine import CAUSES, Evaluation, diagnose_all
from app import maps, match_state, services
from app.match_state import PREFIX
from app.services import failures, galleries

ROW_HEIGHT = 58
EVERYTHING = "all queries"


def table(found: Evaluation) -> None:
    """What can be filtered, and the queries that are left; choosing one opens its pair."""
    diagnoses = diagnose_all(found)
    causes = np.array([diagnosis.cause for diagnosis in diagnoses])
    chosen = _filter(found, causes)
    rows = np.flatnonzero(_kept(found, causes, chosen))
    # Worst first; the table can be sorted otherwise by its headings.
    order = np.argsort(np.nan_to_num(found.average_precision[rows], nan=-1.0), kind="stable")
    rows = rows[order]
    if not len(rows):
        st.caption("No query is left by the filter.")
        return
    event = st.dataframe(
        _frame(found, rows, diagnoses),
        width="stretch",
        height=min(560, 38 + ROW_HEIGHT * len(rows)),
        row_height=ROW_HEIGHT,
        hide_index=True,
        column_config=_columns(),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=PREFIX + "table",
    )
    selected = [*event.selection.rows, *(cell[0] for cell in event.selection.cells)]
    if selected:
        open_pair(found, int(rows[selected[0]]))


def open_pair(found: Evaluation, row: int) -> None:
    """Go to the pair that tells most of a query."""
    gallery = match_state.get("gallery")
    key = failures.key_of(gallery, str(found.names[row]))
    match_state.go("pair", query=key, edit="", match=failures.opponent(found, row))


def _filter(found: Evaluation, causes: np.ndarray) -> str:
    """Pills of what failed, with numbers, and occluders where they are known."""
    counts = {name: int((causes == name).sum()) for name in CAUSES}
    failed = [name for name in CAUSES if name != "found" and counts[name]]
    labels = {"": f"all failures ({sum(counts[name] for name in failed)})"}
    labels |= {name: f"{CAUSES[name].title} ({counts[name]})" for name in failed}
    labels |= {"found": f"found ({counts['found']})"}
    if match_state.get("cause") not in labels:
        match_state.put(cause="")
    with st.container(horizontal=True, vertical_alignment="center"):
        cause = st.segmented_control(
            "Cause", list(labels), format_func=labels.get, key=PREFIX + "cause", required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        occluders = sorted({str(name) for name in found.occluder if name})
        if match_state.get("occluder") not in occluders:
            match_state.put(occluder="")
        if occluders:
            st.selectbox(
                "Occluder", ["", *occluders], key=PREFIX + "occluder", width=170,
                format_func=lambda name: name.replace("_", " ") or "any occluder",
                label_visibility="collapsed",
            )  # fmt: skip
    return cause


def _kept(found: Evaluation, causes: np.ndarray, chosen: str) -> np.ndarray:
    kept = causes != "found" if chosen == "" else causes == chosen
    occluder = match_state.get("occluder")
    return kept & (found.occluder == occluder) if occluder else kept


def _frame(found: Evaluation, rows: np.ndarray, diagnoses: tuple) -> pd.DataFrame:
    gallery = match_state.get("gallery")
    revision = galleries.gallery(gallery).revision
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    found_first = found.top_names[:, 0] if found.top_names.shape[1] else [""] * len(found)

    def picture(name: str) -> str:
        return galleries.thumbnail(gallery, revision, name) if name else ""

    blamed = [diagnoses[row].landmark for row in rows]
    return pd.DataFrame(
        {
            "picture": [picture(str(found.names[row])) for row in rows],
            "query": [failures.title_of(gallery, str(found.names[row])) for row in rows],
            "first": [picture(str(found_first[row])) for row in rows],
            "cause": [CAUSES[diagnoses[row].cause].title for row in rows],
            "blamed": ["" if k is None else names[k] for k in blamed],
            "ap": found.average_precision[rows],
            "rank": pd.array(found.first_rank[rows]).astype("Int64"),
            "awareness": found.awareness[rows].sum(axis=1),
            "hidden": 100 * found.hidden[rows],
            "margin": found.margin[rows],
        }
    )


def _columns() -> dict:
    """Titles, formats and meanings of the columns."""
    column = st.column_config
    return {
        "picture": column.ImageColumn("query", width=52),
        "query": column.TextColumn("what", help="Identity, camera and what is in front."),
        "first": column.ImageColumn("first", width=52, help="The match that came first."),
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
            "hidden", format="%.0f %%", help="True hidden share of the body, where it is known."
        ),
        "margin": column.NumberColumn(
            "margin", format="%.3f",
            help="Similarity of the best right match minus that of the best wrong one.",
        ),
    }  # fmt: skip
