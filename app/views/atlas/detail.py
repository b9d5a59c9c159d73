"""One landmark in large."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Atlas, ModelFacts
from app.charts import PLOT
from app.shared import clickable
from app.shared.markup import helped
from app.shared.wording import MEANING
from app.views.atlas import charts, parts, tiles


def show(atlas: Atlas, facts: ModelFacts, k: int, names: list[str]) -> str | None:
    """Draw it, and return what was picked."""
    mean, peaks, awareness, like = st.columns((0.7, 0.9, 1.5, 1.9), gap="medium")
    with mean:
        st.html(
            f"<div class='atlas one'>{tiles.head(k, names)}"
            f"{tiles.mean_tile(atlas, k, tiles.mean_limit(atlas), 400)}"
            f"<small>{helped('mean map', MEANING['mean map'])}</small></div>"
        )
    with peaks:
        title = helped("where it peaks", MEANING["where it peaks"])
        st.html(f"<div class='atlas one'><h2>{title}</h2>{parts.body(atlas, k)}</div>")
    with awareness:
        st.html(f"<h2 class='small'>{helped('awareness, all pictures')}</h2>")
        kinds = {name: counts[k] for name, counts in parts.histograms(atlas).items()}
        st.plotly_chart(
            charts.awareness_histogram(kinds, k), width="stretch", config=PLOT,
            key="atlas_awareness", alt=f"Histogram of the awareness of landmark {k + 1}",
        )  # fmt: skip
    with like:
        st.html(f"<div class='atlas one alike'>{_alike(atlas, facts, k, names)}</div>")
    return clickable.show(extremes(atlas, k), "atlas_extremes")


def extremes(atlas: Atlas, k: int) -> str:
    """The pictures at both ends."""
    sections = ""
    for title, cells in zip(
        ("most excited", "least excited"), tiles.ends(atlas, k, 99), strict=True
    ):
        sections += (
            f"<h2>{helped(title, MEANING[title])}</h2><div class='tiles'>{''.join(cells)}</div>"
        )
    return f"<div class='atlas one'>{sections}</div>"


def _alike(atlas: Atlas, facts: ModelFacts, k: int, names: list[str]) -> str:
    if atlas.num_landmarks < 2:
        return "<h2>cosine to the others</h2><p class='notes'>There are no other landmarks.</p>"
    sections = "".join(
        parts.likeness(values, k, names, helped(title, MEANING[title]))
        for title, values in (
            ("landmark patterns", facts.pattern_cosine),
            ("remembered features", facts.memory_cosine),
            ("mean features", atlas.feature_cosine),
        )
    )
    return f"<h2>cosine to the others</h2><div class='three'>{sections}</div>"
