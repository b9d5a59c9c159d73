"""Numbers into figures; knows nothing of the page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

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
    figure, names = go.Figure(), [*map(words, names)]
    colours = [landmark_colour(index) for index in range(len(names))]
    for number, picture in enumerate(series):
        figure.add_bar(
            x=names,
            y=picture.awareness,
            name=words(picture.title),
            offsetgroup=str(number),
            marker={
                "color": colours if number == 0 else [faded(c, 0.28) for c in colours],
                "line": {"color": colours, "width": 1.5},
            },
            hovertemplate="%{x}<br>β = %{y:.3f}<extra>" + words(picture.title) + "</extra>",
        )
        figure.add_scatter(
            x=names,
            y=_label_heights(picture),
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
        **(plain(176) | {"margin": {"l": 48, "r": 4, "t": 26, "b": 22}}),
        barmode="group",
        scattermode="group",
        bargap=0.35,
        bargroupgap=0.06,
        xaxis={"title": None},
        yaxis={"range": [0, 1.24], "title": "awareness β", "tickvals": [0, 0.5, 1]},
    )
    return figure


def _label_heights(picture: Series) -> list[float]:
    """Where the numbers stand: on their bars, or on the mark of the truth that would cover them."""
    truths = picture.visibility or [None] * len(picture.awareness)
    heights = []
    for value, truth in zip(picture.awareness, truths, strict=True):
        at = value + 0.1
        heights.append(truth + 0.15 if truth is not None and abs(truth - at) < 0.15 else at)
    return heights


GENUINE, IMPOSTOR = "#1a8a3c", "#8a929c"
SERIES = ("#3b6ea8", "#c1701c")


@dataclass(frozen=True)
class Similarities:
    """Similarities counted in bins.

    Attributes:
        edges: (B + 1,) of the bins.
        genuine: (B,) pairs of the same person.
        impostor: (B,) pairs of different persons; all where the truth is not known.
    """

    edges: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray


def similarity_histogram(
    bars: Similarities,
    threshold: float | None,
    truth_known: bool = True,
    lines: Similarities | None = None,
) -> go.Figure:
    """How genuine and impostor pairs' similarities lie, each kind as a density of its own.

    Args:
        bars: What is drawn as bars.
        threshold: A similarity to mark, None for none.
        truth_known: Whether the truth is known; else there is one kind.
        lines: More similarities, drawn as outlines.
    """
    figure = go.Figure()
    for counts, name, colour in (
        (bars.impostor, "others" if truth_known else "all pictures", IMPOSTOR),
        (bars.genuine, "same person", GENUINE),
    ):
        if total := counts.sum():
            figure.add_bar(
                x=_middles(bars),
                y=_density(bars, counts),
                width=np.diff(bars.edges),
                name=f"{name} ({total:,})",
                marker={"color": faded(colour, 0.6), "line": {"width": 0}},
                customdata=counts,
                hovertemplate="similarity %{x:.2f}: %{customdata} pairs<extra></extra>",
            )
    if lines is not None:
        for counts, name, colour in (
            (lines.impostor, "others, all queries", IMPOSTOR),
            (lines.genuine, "same person, all queries", GENUINE),
        ):
            figure.add_scatter(
                x=_middles(lines), y=_density(lines, counts), name=name, mode="lines",
                line={"color": colour, "width": 1.5, "shape": "spline"}, hoverinfo="skip",
            )  # fmt: skip
    if threshold is not None:
        line = {"color": "#808080", "width": 1.5, "dash": "dash"}
        figure.add_vline(threshold, line=line)
        name = f"threshold {threshold:.2f}"
        figure.add_scatter(x=[None], y=[None], name=name, mode="lines", line=line)  # for the legend
    figure.update_layout(
        **plain(210),
        barmode="overlay",
        bargap=0,
        xaxis={"title": "similarity"},
        yaxis={"title": "density", "showticklabels": False},
    )
    return figure


def _middles(bins: Similarities) -> np.ndarray:
    return (bins.edges[:-1] + bins.edges[1:]) / 2


def _density(bins: Similarities, counts: np.ndarray) -> np.ndarray:
    return counts / max(1, counts.sum()) / np.diff(bins.edges)


def words(text: str) -> str:
    """Text that Plotly shows as it is: it reads tags, entities and templates."""
    return escape(text).replace("%", "&#37;").replace("{", "&#123;")


def plain(height: int) -> dict:
    """The look that charts of similarities and ranks share."""
    return {
        "height": height,
        "margin": {"l": 48, "r": 6, "t": 26, "b": 36},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }


def cmc_chart(curves: dict[str, np.ndarray], most: int = 20, height: int = 210) -> go.Figure:
    """Share of queries with a right match among the first ranks.

    Args:
        curves: (R,) by name, rank-1 first.
        most: Ranks that are drawn.
        height: In pixels.
    """
    figure = go.Figure()
    lowest = 1.0
    for number, (name, cmc) in enumerate(curves.items()):
        shown = cmc[:most]
        lowest = min(lowest, float(shown.min(initial=1.0)))
        figure.add_scatter(
            x=np.arange(1, len(shown) + 1), y=shown, name=words(name), mode="lines+markers",
            marker={"size": 4}, line={"width": 2, "color": SERIES[number]},
            hovertemplate="rank %{x}: %{y:.1%}<extra>" + words(name) + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        **plain(height),
        showlegend=len(curves) > 1,
        xaxis={"title": "rank", "range": [0, most + 0.5]},
        yaxis={"title": "found", "tickformat": ".0%", "range": [max(0, lowest - 0.05), 1.005]},
    )
    return figure


def contrast_chart(
    before: np.ndarray, after: np.ndarray, titles: list[str], names: tuple[str, str]
) -> go.Figure:
    """Average precision of every query in one evaluation against the other.

    Args:
        before: (Q,) of the first.
        after: (Q,) of the second.
        titles: Of the queries.
        names: Of both evaluations.
    """
    change = after - before
    figure = go.Figure()
    for name, mask, colour, symbol in (
        ("same", change == 0, IMPOSTOR, "circle"),
        ("won", change > 0, GENUINE, "triangle-up"),
        ("lost", change < 0, "#d1242f", "triangle-down"),
    ):
        figure.add_scatter(
            x=before[mask], y=after[mask], mode="markers",
            name=f"{name} ({int(mask.sum())})",
            marker={"size": 8, "color": faded(colour, 0.75), "symbol": symbol},
            text=[words(title) for title, inside in zip(titles, mask, strict=True) if inside],
            hovertemplate="%{text}<br>AP %{x:.3f} → %{y:.3f}<extra></extra>",
        )  # fmt: skip
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"width": 1, "dash": "dot"})
    figure.update_layout(
        **plain(340),
        xaxis={"title": f"AP, {words(names[0])}", "range": [-0.03, 1.03]},
        yaxis={"title": f"AP, {words(names[1])}", "range": [-0.03, 1.03]},
    )
    return figure


PLOT = {"displayModeBar": False, "showSendToCloud": False}
