"""Numbers into figures; knows nothing of the page."""

from __future__ import annotations

import plotly.graph_objects as go

from app.theme import landmark_colour


def awareness_chart(
    names: list[str], series: list[tuple[str, list[float]]], visibility: list[float] | None
) -> go.Figure:
    """Awareness of every landmark, a group of bars a landmark and a bar a picture.

    Args:
        names: K landmark names.
        series: One or two pictures: title and K values in [0, 1].
        visibility: True visibility (K) of the first picture's landmarks, drawn as diamonds.
    """
    figure = go.Figure()
    colours = [landmark_colour(index) for index in range(len(names))]
    for number, (title, values) in enumerate(series):
        figure.add_bar(
            x=names,
            y=values,
            name=title,
            offsetgroup=str(number),
            marker={
                "color": colours,
                "opacity": 1.0 if number == 0 else 0.45,
                "pattern": {"shape": "" if number == 0 else "/", "fgopacity": 0.4},
            },
            text=[f"{value:.2f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}<br>β = %{y:.3f}<extra>" + title + "</extra>",
        )
    if visibility is not None:
        figure.add_scatter(
            x=names,
            y=visibility,
            mode="markers",
            name="true visibility, left",
            marker={"symbol": "diamond-open", "size": 10, "color": "#888888", "line": {"width": 2}},
            hovertemplate="%{x}<br>true visibility = %{y:.2f}<extra></extra>",
        )
    figure.update_layout(
        height=235,
        margin={"l": 44, "r": 8, "t": 8, "b": 24},
        barmode="group",
        bargap=0.35,
        legend={"orientation": "h", "y": 1.18, "x": 0},
        yaxis={"range": [0, 1.12], "title": "awareness β", "dtick": 0.25},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure
