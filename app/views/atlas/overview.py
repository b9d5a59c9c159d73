"""All landmarks side by side, a column each."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Atlas, ModelFacts
from app.shared import clickable, heat
from app.shared.markup import helped
from app.shared.view import FIXED_LIMIT
from app.shared.wording import MEANING
from app.views.atlas import parts, tiles

SHOWN = 4
"""Pictures at either end, a landmark."""


def show(atlas: Atlas, facts: ModelFacts, names: list[str]) -> str | None:
    """Draw it, and return what was picked."""
    picked = clickable.show(grid(atlas, names), "atlas_grid")
    st.html(alike(atlas, facts))
    return picked


def grid(atlas: Atlas, names: list[str]) -> str:
    """Rows are kinds of what is known, columns are landmarks."""
    count = atlas.num_landmarks
    limit, kinds = tiles.mean_limit(atlas), parts.histograms(atlas)
    ends = [tiles.ends(atlas, k, SHOWN) for k in range(count)]
    rows = {
        "": [tiles.head(k, names) for k in range(count)],
        "mean map": [tiles.mean_tile(atlas, k, limit) for k in range(count)],
        "where it peaks": [parts.body(atlas, k, 3) for k in range(count)],
        "awareness, all pictures": [parts.small_histogram(kinds, k) for k in range(count)],
        "most excited": [f"<div class='tiles'>{''.join(most)}</div>" for most, _ in ends],
        "least excited": [f"<div class='tiles'>{''.join(least)}</div>" for _, least in ends],
    }
    cells = []
    for title, row in rows.items():
        side = helped(title, MEANING[title]) if title else ""
        cells.append(f"<div class='side'>{side}</div>")
        cells += [f"<div class='cell'>{cell}</div>" for cell in row]
    columns = f"grid-template-columns: 5.2rem repeat({count}, minmax(5.5rem, 12rem))"
    body = f"<div style='{columns}'>{''.join(cells)}</div>"
    return f"<div class='atlas'>{body}{legend(atlas, kinds)}</div>"


def legend(atlas: Atlas, kinds: dict) -> str:
    """Ends of the colour scales, and what the two kinds of the histograms are."""
    text = (
        f"Colour: share of response per pixel, 0 to {tiles.mean_limit(atlas):.2f} in mean maps, 0 "
        f"to {FIXED_LIMIT:.2f} in pictures, which open by a click."
    )
    if len(kinds) == 2:
        filled, line = kinds
        text += f" Histograms: filled {filled}, outline {line}, shares of each kind's own number."
    return f"<p class='notes'>{text}</p>"


def alike(atlas: Atlas, facts: ModelFacts) -> str:
    """Cosines of every landmark to the others, of three kinds."""
    matrices = "".join(
        heat.matrix(values, helped(title, MEANING[title]))
        for title, values in (
            ("landmark patterns", facts.pattern_cosine),
            ("remembered features", facts.memory_cosine),
            ("mean features", atlas.feature_cosine),
        )
    )
    return (
        "<h2 class='small'>How alike landmarks are: cosines</h2>"
        f"<div class='heats'>{matrices}</div>{heat.scale()}"
    )
