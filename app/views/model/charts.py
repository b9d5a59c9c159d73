"""Figures of the atlas and of the model's page; knows nothing of the page."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from app.charts import plain
from app.theme import landmark_colour

TERMS = ("identity", "occluded", "match", "consistency", "band", "orthogonal", "position")
"""Terms of the loss, in the order of their colours."""
MEASURED = {
    "mean_ap": "mAP",
    "rank1": "rank-1",
    "awareness_auroc": "awareness AUROC",
    "false_alarm_without": "false alarms without reference",
    "false_alarm_with": "false alarms with reference",
}
SMOOTH = 20
"""Steps that a running mean of the loss goes over."""


def loss_curves(history: dict[str, np.ndarray]) -> go.Figure | None:
    """Terms of the loss by step, as weighted, smoothed; None where the history has none."""
    terms = [name for name in TERMS if name in history]
    if "step" not in history or not terms:
        return None
    figure = go.Figure()
    for number, name in enumerate(terms):
        finite = np.isfinite(history[name])
        figure.add_scatter(
            x=history["step"][finite], y=running_mean(history[name][finite], SMOOTH), name=name,
            mode="lines", line={"width": 2, "color": landmark_colour(number)},
            hovertemplate="step %{x}: %{y:.3g}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        **plain(330),
        xaxis={"title": "step"},
        yaxis={"title": "loss term, as weighted", "type": "log", "dtick": 1},
    )
    return figure


def validation_curves(history: dict[str, np.ndarray]) -> go.Figure | None:
    """What was measured on the validation split, by step; None where nothing was."""
    names = [name for name in MEASURED if f"validation_{name}" in history]
    if "step" not in history or not names:
        return None
    figure = go.Figure()
    for number, name in enumerate(names):
        values = history[f"validation_{name}"]
        finite = np.isfinite(values)
        figure.add_scatter(
            x=history["step"][finite], y=values[finite], name=MEASURED[name],
            mode="lines+markers", marker={"size": 7, "symbol": number},
            line={"width": 2, "color": landmark_colour(number)},
            hovertemplate="step %{x}: %{y:.3f}<extra>" + MEASURED[name] + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        **plain(330),
        xaxis={"title": "step", "rangemode": "tozero"},
        yaxis={"title": "validation split", "range": [0, 1]},
    )
    return figure


def running_mean(values: np.ndarray, width: int) -> np.ndarray:
    """Mean of every value and those before it, `width` of them at most."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
