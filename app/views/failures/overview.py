"""Metrics, curves, and how often each cause makes a query fail."""

from __future__ import annotations

from inspect import getdoc

import numpy as np
import streamlit as st

from aonet_core.engine import CAUSES, CauseShare, Evaluation, cause_shares
from app import charts
from app.charts import PLOT
from app.shared.evaluation import binned_similarities
from app.shared.markup import escape, helped, percent
from app.shared.wording import MEANING


def show(evaluation: Evaluation) -> None:
    """Numbers, curves and causes side by side."""
    st.html(tiles(evaluation))
    curve, similarities, causes = st.columns((1, 1, 1.25), gap="medium")
    with curve:
        st.html(f"<h2 class='small'>{helped('CMC', MEANING['CMC'])}</h2>")
        st.plotly_chart(
            charts.cmc_chart({"": evaluation.cmc}), width="stretch", config=PLOT,
            key="failures_cmc", alt="Share of queries with a right match among the first ranks",
        )  # fmt: skip
    with similarities:
        st.html(f"<h2 class='small'>{helped('similarities of all pairs')}</h2>")
        if evaluation.scores is None:
            st.caption("There are no pairs of both kinds, or the ranking was re-ranked.")
        else:
            bars, threshold = binned_similarities(evaluation.scores)
            st.plotly_chart(
                charts.similarity_histogram(bars, threshold), width="stretch", config=PLOT,
                key="failures_scores", alt="Similarities of pairs of the same person and of others",
            )  # fmt: skip
    with causes:
        st.html(cause_list(evaluation))
    with st.expander("How causes are told apart"):
        st.html(rules())


def tiles(evaluation: Evaluation) -> str:
    """The field's numbers."""
    failed, valid = int(evaluation.failed.sum()), int(evaluation.valid.sum())
    numbers = {
        "rank-1": percent(_at(evaluation.cmc, 1), 1),
        "rank-5": percent(_at(evaluation.cmc, 5), 1),
        "rank-10": percent(_at(evaluation.cmc, 10), 1),
        "mAP": percent(evaluation.mean_ap, 1),
        "mINP": percent(evaluation.mean_inp, 1),
        "failures": f"{failed} of {valid}",
    }
    if valid < len(evaluation):
        numbers["no valid match"] = str(len(evaluation) - valid)
    body = "".join(f"<div>{helped(name)}<b>{value}</b></div>" for name, value in numbers.items())
    return f"<div class='facts tiles'>{body}</div>"


def _at(cmc: np.ndarray, rank: int) -> float:
    """CMC at a rank; the last one's where the gallery is smaller."""
    return float(cmc[min(rank, len(cmc)) - 1]) if len(cmc) else float("nan")


def cause_list(evaluation: Evaluation) -> str:
    """A line a cause: its share of all failures as a bar, and what removal of the blamed does."""
    lines = [_cause(share) for share in cause_shares(evaluation) if share.count or share.also]
    title = helped("causes of failure", MEANING["causes of failure"])
    body = "".join(lines) or "<p>No query failed.</p>"
    return f"<div class='causes'><h2>{title}</h2>{body}</div>"


def _cause(share: CauseShare) -> str:
    cause = CAUSES[share.cause]
    low, high = share.interval
    interval = "" if np.isnan(low) else f" [{100 * low:.0f}, {100 * high:.0f}]"
    meaning = f"{cause.meaning} Its rule holds for {share.also} failures in all."
    removal = ""
    if share.removal:
        removal = (
            "<small>without the blamed landmark a right match is first in "
            f"{percent(share.removal.blamed)}, without another in "
            f"{percent(share.removal.other)}</small>"
        )
    return (
        f"<div class='cause'>{helped(cause.title, meaning)}"
        f"<b>{share.count} · {percent(share.share)}<em>{interval}</em></b>"
        f"<div class='bar'><i style='width:{100 * share.share:.1f}%'></i></div>{removal}</div>"
    )


def rules() -> str:
    """All causes with their rules, in the order in which they are tried."""
    lines = "".join(
        f"<tr><td><b>{escape(cause.title)}</b></td><td>{escape(cause.meaning)}</td>"
        f"<td>{escape(getdoc(cause.rule) or '')}</td></tr>"
        for cause in CAUSES.values()
    )
    return (
        "<table class='rules'><tr><th>cause</th><th>meaning</th><th>rule</th></tr>"
        f"{lines}</table><p class='notes'>The first cause whose rule holds is the query's; a pair "
        "shows its numbers beside the thresholds.</p>"
    )
