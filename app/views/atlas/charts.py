"""Figures of the atlas; knows nothing of the page."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from app.charts import plain
from app.theme import faded, landmark_colour

OTHER = "#8a929c"


def awareness_histogram(kinds: dict[str, np.ndarray], landmark: int) -> go.Figure:
    """Share of pictures by awareness, a kind as bars and the other as an outline.

    Args:
        kinds: Counts (B,) over equal parts of [0, 1], by what the pictures are.
        landmark: Whose colour.
    """
    figure = go.Figure()
    colour = landmark_colour(landmark)
    fills = (faded(colour, 0.75), faded(OTHER, 0.45))
    for (name, counts), fill in zip(kinds.items(), fills, strict=False):
        bins = len(counts)
        figure.add_bar(
            x=(np.arange(bins) + 0.5) / bins, y=counts / max(1, counts.sum()),
            width=np.full(bins, 1 / bins), name=f"{name} ({int(counts.sum()):,})",
            marker={"color": fill, "line": {"width": 0}}, customdata=counts,
            hovertemplate="β around %{x:.2f}: %{customdata} pictures<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        **plain(210),
        barmode="overlay",
        bargap=0,
        xaxis={"title": "awareness β", "range": [0, 1]},
        yaxis={"title": "share of pictures", "tickformat": ".0%"},
    )
    return figure
