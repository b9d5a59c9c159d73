"""From a failure to the one before and after it, in the order of the table."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Evaluation, diagnose_all
from app.shared.evaluation import filtered_queries, open_pair


def buttons(evaluation: Evaluation, name: str) -> None:
    """Ways to the neighbours of a query that the table of failures lists; else nothing.

    Args:
        evaluation: The evaluation.
        name: Of the query.
    """
    rows = filtered_queries(evaluation, diagnose_all(evaluation))
    names = evaluation.names[rows].tolist()
    if name not in names:
        return
    place = names.index(name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label, way, key in (("Previous", -1, "P"), ("Next", 1, "N")):
            exists = 0 <= place + way < len(rows)
            if st.button(
                label,
                disabled=not exists,
                shortcut=key,
                key=f"failure {label}",
                help="The failure before or after this one in the table of Failures, as it is "
                "filtered there.",
            ):
                open_pair(evaluation, int(rows[place + way]))
        st.caption(f"{place + 1} of {len(rows)} listed in Failures")
