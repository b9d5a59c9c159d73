"""The paper's tables beside our own results, and the commands that make them."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import CITATION, PAPER_TABLES, PaperTable, in_markdown
from app import services
from app.services import atlas as service
from app.services.atlas import Ablation
from app.shared.markup import escape, helped
from app.views.model.tables import command, number, table


def tab() -> None:
    """The tables, then the project's written results."""
    ablation = service.ablation()
    st.caption(
        f"As printed in {CITATION}. Its figures are of photographs; ours are of SynthPed, the "
        "synthetic pedestrians: differences between rows can be set beside each other, values "
        "cannot."
    )
    _own()
    if ablation.problem:
        st.info(in_markdown(f"{ablation.problem} Our own columns stay empty until then."))
    shown = [each for each in PAPER_TABLES if each.number != 7]
    st.html(f"<div class='papers'>{''.join(_table(each, ablation) for each in shown)}</div>")
    _reports()


def _table(paper: PaperTable, ablation: Ablation) -> str:
    header = [paper.data.partition(",")[0], *paper.columns]
    rows = [[escape(name), *(number(value, 1) for value in values)] for name, values in paper.rows]
    if any(paper.ours):
        full, place = dict(paper.rows)[_full(paper)], paper.columns.index("mAP")
        less = helped("Δ mAP", "mAP less that of the table's AONet, in points.")
        header += [less, "ours: rank-1", "mAP", less]
        for row, (_, values), ours in zip(rows, paper.rows, paper.ours, strict=True):
            own = ablation.rows.get(ours)
            row.append(number(_less(values[place], full[place]), 1) if values != full else "")
            row += [_ours(own, "figures", name) for name in ("rank1", "mean_ap")]
            row.append(_ours(own, "difference", "mean_ap") if ours != "aonet" else "")
    how = ablation.command if ablation.command and "ablation" in paper.command else paper.command
    return (
        f"<section><h2 class='small'>Table {paper.number}: {escape(paper.title.lower())}</h2>"
        f"{table(header, rows)}{command(how)}</section>"
    )


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _full(paper: PaperTable) -> str:
    """Name of the row that the others' differences are taken from."""
    return paper.rows[paper.ours.index("aonet")][0]


def _ours(row: dict | None, kind: str, figure: str) -> str:
    """Our mean with its spread over seeds, in percent; why there is none otherwise."""
    if row is None:
        return "–"
    measured = (row.get(kind) or {}).get(figure)
    if not measured or measured.get("mean") is None:
        return "failed" if row.get("failed") else "not yet"
    spread = measured.get("spread")
    mean = number(measured["mean"], 1, 100)
    return f"{mean} <small>± {number(spread, 1, 100)}</small>" if spread is not None else mean


def _own() -> None:
    info = services.info()
    measured = info.metrics
    if not measured:
        return
    figures = ("rank1", "rank5", "rank10", "mean_ap", "mean_inp")
    titles = ("rank-1", "rank-5", "rank-10", "mAP", "mINP")
    rows = [(escape(info.checkpoint), *(number(measured.get(name), 1, 100) for name in figures))]
    data = escape(str(measured.get("data", "unnamed data")))
    st.html(
        f"<h2 class='small'>The checkpoint that runs here, on {data}</h2>"
        f"{table(('percent', *titles), rows)}"
        f"{command(f'python -m aonet_core evaluate --data DATA --checkpoint {info.checkpoint}')}"
    )


def _reports() -> None:
    reports = service.reports()
    if not reports:
        return
    st.html("<h2 class='small'>Written results</h2>")
    heading = st.selectbox(
        "Written results", list(reports), index=None, placeholder="choose one to read",
        label_visibility="collapsed", key="model_report",
    )  # fmt: skip
    if heading:
        with st.container(height=620):
            st.markdown(reports[heading].read_text(encoding="utf-8"))
