"""A picture and its landmarks' maps as aligned columns, with their numbers below."""

from __future__ import annotations

from html import escape

import streamlit as st

from app.maps import Limits, landmarks, rows, visibility_of
from app.overlay import TILE, data_uri, fit, gradient, overlay
from app.services import Panel
from app.state import View
from app.theme import landmark_colour

HELP = {
    "awareness β": "How visible the landmark is, 0 to 1: the sum of the map with reference (Eq. 4).",
    "best logit": "Largest similarity of any pixel to the landmark's pattern.",
    "average logit": "Similarity of the remembered average feature to the pattern; the reference. "
    "A landmark whose best logit stays below it counts as hidden.",
    "true visibility": "Share of the landmark's response on the unoccluded twin that the occluder "
    "leaves free, 0 to 1; known for synthetic pictures only.",
    "without reference": "Softmax of the responses over all pixels; sums to 1 (Eq. 2).",
    "with reference": "The same with the remembered average response as one more competitor; "
    "sums to the awareness (Eq. 3).",
    "difference": "With minus without reference: what the reference took away.",
}


def landmark_strip(panel: Panel, view: View, limits: Limits, names: list[str]) -> None:
    """Draw the strip of one picture."""
    shown = landmarks(panel, view)
    columns = len(shown)
    width = "1fr" if columns > 1 else "minmax(0, 240px)"
    photo_width = "1fr" if columns > 1 else "minmax(0, 240px)"
    cells = ["<div></div>", "<div class='head'>photo</div>"]
    for k in shown:
        number, _, region = names[k].partition(" ")
        dot = f"<span class='dot' style='background:{landmark_colour(k)}'></span>"
        cells.append(f"<div class='head'>{dot}{number}<small>{escape(region)}</small></div>")
    photo = panel.photo.image
    for position, row in enumerate(rows(panel)):
        cells.append(f"<div class='row' title='{HELP[row.title]}'>{row.title}</div>")
        picture = fit(photo) if position == 0 else None
        cells.append(_image(picture, panel.photo.title) if picture else _blank(panel, position))
        for k in shown:
            tile = overlay(photo, row.maps[k], limits.of(row), view.opacity / 100, row.signed)
            alt = f"landmark {names[k]}, {row.title}"
            cells.append(_image(tile, alt, landmark_colour(k)))
    cells += _numbers(panel, shown)
    grid = f"grid-template-columns: 1.1rem {photo_width} repeat({columns}, {width})"
    st.html(f"<div class='strip' style='{grid}'>{''.join(cells)}</div>")


def legend(limits: Limits) -> None:
    """The two colour scales with their numbers."""
    response, difference = limits.response, limits.difference
    st.html(
        "<div class='legend'>"
        "<span class='scale' title='Share of a landmark’s response that falls on one pixel of "
        "the feature map. One scale for every tile shown.'>response per pixel"
        f" 0 <i style='background:{gradient()}'></i> {response:.3f}</span>"
        "<span class='scale' title='With minus without reference, centred on zero.'>difference"
        f" −{difference:.3f} <i style='background:{gradient(signed=True)}'></i> "
        f"+{difference:.3f}</span></div>"
    )


def _image(picture, alt: str, colour: str | None = None) -> str:
    edge = f" style='border-bottom:3px solid {colour}'" if colour else ""
    return f"<img src='{data_uri(picture)}' alt='{escape(alt, quote=True)}'{edge}>"


def _blank(panel: Panel, position: int) -> str:
    """Beside the lower rows: the size of the picture once, then nothing."""
    if position == 1:
        width, height = panel.photo.image.size
        text = f"{width} × {height} px<br>seen as {TILE[1]} × {TILE[0]}"
        return f"<div style='opacity:.65;text-align:center;align-self:center'>{text}</div>"
    return "<div></div>"


def _numbers(panel: Panel, shown: list[int]) -> list[str]:
    """Rows of numbers under the columns."""
    analysis, cells = panel.analysis, []

    def title(name: str) -> None:
        cells.append(f"<div class='name' title='{HELP[name]}'>{name}</div>")

    title("awareness β")
    for k in shown:
        value = float(analysis.awareness[k])
        fill = f"width:{100 * value:.1f}%;background:{landmark_colour(k)}"
        bar = f"<div class='bar'><i style='{fill}'></i></div>"
        cells.append(f"<div class='cell'><b>{value:.2f}</b>{bar}</div>")
    for name, values in (
        ("best logit", analysis.best_logit),
        ("average logit", analysis.average_logit),
    ):
        title(name)
        cells.extend(f"<div class='cell'>{values[k]:.2f}</div>" for k in shown)
    if panel.visibility is not None:
        title("true visibility")
        for k in shown:
            value = visibility_of(panel, k)
            cells.append(f"<div class='cell'>{'–' if value is None else f'{value:.2f}'}</div>")
    return cells
