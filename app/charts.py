"""Numbers into figures; knows nothing of the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.theme import faded, landmark_colour


@dataclass(frozen=True)
class Series:
    """One picture in a chart: its title, K awareness values, and true visibilities if known."""

    title: str
    awareness: list[float]
    visibility: list[float | None] | None = None


def awareness_chart(names: list[str], series: list[Series]) -> go.Figure:
    """Awareness of every landmark: a group of bars a landmark, a bar a picture.

    Args:
        names: K landmark names.
        series: One or two pictures; the first is drawn solid, the second pale with an edge.
    """
    figure = go.Figure()
    colours = [landmark_colour(index) for index in range(len(names))]
    for number, picture in enumerate(series):
        figure.add_bar(
            x=names,
            y=picture.awareness,
            name=picture.title,
            offsetgroup=str(number),
            marker={
                "color": colours if number == 0 else [faded(c, 0.28) for c in colours],
                "line": {"color": colours, "width": 1.5},
            },
            hovertemplate="%{x}<br>β = %{y:.3f}<extra>" + picture.title + "</extra>",
        )
        # In a row above the bars, where no mark of the true visibility can cover them.
        figure.add_scatter(
            x=names,
            y=[1.13] * len(names),
            mode="text",
            text=[f"{value:.2f}" for value in picture.awareness],
            offsetgroup=str(number),
            showlegend=False,
            hoverinfo="skip",
        )
        if picture.visibility is not None:
            side = picture.title.partition(":")[0]
            figure.add_scatter(
                x=names,
                y=picture.visibility,
                mode="markers",
                name=f"true visibility, {side}",
                offsetgroup=str(number),
                marker={"symbol": "diamond", "size": 9, "color": "#ffffff",
                        "line": {"width": 2, "color": "#22262b"}},
                hovertemplate="%{x}<br>true visibility = %{y:.2f}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(
        height=176,
        margin={"l": 48, "r": 4, "t": 26, "b": 22},
        barmode="group",
        scattermode="group",
        bargap=0.35,
        bargroupgap=0.06,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": None},
        yaxis={"range": [0, 1.24], "title": "awareness β", "tickvals": [0, 0.5, 1]},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


GENUINE, IMPOSTOR = "#1a8a3c", "#8a929c"


def score_histogram(
    genuine: np.ndarray, impostor: np.ndarray, threshold: float | None, known: bool
) -> go.Figure:
    """Shares of genuine and impostor scores a bin, each of its own kind's number.

    Args:
        genuine: Scores with pictures of the same person.
        impostor: Scores with others.
        threshold: A score to mark, None for none.
        known: Whether the truth is known; else there is one kind.
    """
    figure = go.Figure()
    together = np.concatenate([genuine, impostor])
    low, high = (float(together.min()), float(together.max())) if len(together) else (0.0, 1.0)
    edges = np.linspace(low, max(high, low + 1e-3), 61)
    for scores, name, colour in (
        (impostor, "others" if known else "all pictures", IMPOSTOR),
        (genuine, "same person", GENUINE),
    ):
        if not len(scores):
            continue
        counts, _ = np.histogram(scores, edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts / len(scores),
            width=np.diff(edges),
            name=f"{name} ({len(scores):,})",
            marker={"color": faded(colour, 0.6), "line": {"width": 0}},
            customdata=counts,
            hovertemplate="score %{x:.2f}: %{customdata} pictures<extra></extra>",
        )
    if threshold is not None:
        figure.add_vline(
            threshold,
            line={"width": 1.5, "dash": "dash"},
            annotation_text=f"threshold {threshold:.2f}",
        )
    figure.update_layout(
        height=190,
        margin={"l": 48, "r": 4, "t": 26, "b": 34},
        barmode="overlay",
        bargap=0,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": "score"},
        yaxis={"title": "share of pictures", "tickformat": ".0%"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure
