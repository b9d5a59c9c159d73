"""A picture and its landmarks' maps as aligned columns, with their numbers below."""

from __future__ import annotations

import streamlit as st

from app.services import Panel, Photo
from app.shared.maps import (
    HIDDEN_BELOW,
    Limits,
    Row,
    landmarks,
    numbers,
    rows,
    visibilities,
)
from app.shared.markup import SCROLLS, bar, dot, escape, helped
from app.shared.overlay import fit, gradient
from app.shared.tiles import NO_MARK, image_tag, scale_ends, scale_tag, tile_tag, truth_mark
from app.shared.view import View

LARGE = 640
"""Longest side in pixels of the tiles where one landmark is shown alone."""


def picture(panel: Panel, view: View, limits: Limits, names: list[str]) -> None:
    """Draw a picture with all landmarks, or with one landmark in large."""
    shown = landmarks(panel, view)
    draw = _one if len(shown) == 1 else _many
    body = draw(panel, shown, view.opacity / 100, limits, names)
    texts = [*panel.photo.notes, *unseen(panel)]
    notes = "".join(f"<p class='notes'>{escape(note)}</p>" for note in texts)
    st.html(f"<div class='panel' {SCROLLS}>{_title(panel.photo)}{body}{notes}</div>")


def unseen(panel: Panel) -> list[str]:
    """Says so where the network finds hardly anything of a person in a picture."""
    if float(panel.analysis.awareness.max()) >= HIDDEN_BELOW:
        return []
    return [
        f"Every landmark's β is below {HIDDEN_BELOW:.1f}: the network sees hardly anything of a "
        "person here. Is one person in the picture, cropped tightly, and not all occluded?"
    ]


def waiting(photo: Photo, count: int = 6) -> None:
    """A picture before the network has looked at it, and where its maps will be."""
    cells = "<div></div><div class='head'>photo</div>" + "<div class='head'>&nbsp;</div>" * count
    for row in range(3):
        first = "" if row else image_tag(fit(photo.image), photo.title)
        cells += f"<div class='row'></div>{first or '<div></div>'}"
        cells += "<div class='skeleton'></div>" * count
    grid = f"grid-template-columns: 1.1rem repeat({count + 1}, minmax(0, 1fr))"
    shape = f"--shape: {photo.image.width} / {photo.image.height}"
    st.html(
        f"<div class='panel' {SCROLLS}>{_title(photo)}"
        f"<div class='strip many' style='{grid};{shape}'>{cells}</div></div>"
    )


def _title(photo: Photo) -> str:
    width, height = photo.image.size
    return (
        f"<h2><b>{escape(photo.title)}</b><small title='The network sees every picture resized to "
        f"its own shape.'>{width} × {height} px</small></h2>"
    )


def _many(panel: Panel, shown: list[int], opacity: float, limits: Limits, names: list[str]) -> str:
    """Columns are landmarks, rows the kinds of map; the photo and the scales come first."""
    tile = fit(panel.photo.image)
    cells = ["<div></div>", "<div class='head'>photo</div>"]
    truth = visibilities(panel) or [None] * len(names)
    for k in shown:
        number, _, region = names[k].partition(" ")
        mark = truth_mark(truth[k]) or NO_MARK
        name = f"{mark}{dot(k)}{number}<small>{escape(region) or '&nbsp;'}</small>"
        cells.append(f"<div class='head' title='{escape(names[k])}'>{name}</div>")
    for position, row in enumerate(rows(panel)):
        cells.append(f"<div class='row'>{helped(row.title)}</div>")
        first = image_tag(tile, panel.photo.title) if position == 0 else scale_tag(row, limits)
        cells.append(first)
        cells += [tile_tag(tile, row, k, limits, opacity, names) for k in shown]
    for measure in numbers(panel):
        cells.append(f"<div class='name'>{helped(measure.title)}</div>")
        cells += [_number(measure.title, measure.values[k], k) for k in shown]
    grid = f"grid-template-columns: 1.1rem repeat({len(shown) + 1}, minmax(0, 1fr))"
    return f"<div class='strip many' style='{grid}'>{''.join(cells)}</div>"


def _one(panel: Panel, shown: list[int], opacity: float, limits: Limits, names: list[str]) -> str:
    """Photo and the three maps of one landmark in a row, in large."""
    k = shown[0]
    tile = fit(panel.photo.image, LARGE)
    kinds = rows(panel)
    cells = ["<div class='head'>photo</div>"]
    cells += [f"<div class='head'>{helped(row.title)}</div>" for row in kinds]
    cells.append(image_tag(tile, panel.photo.title))
    cells += [tile_tag(tile, row, k, limits, opacity, names) for row in kinds]
    cells.append(f"<div class='head'>{dot(k)}{escape(names[k])}</div>")
    cells += [_flat_scale(row, limits) for row in kinds]
    facts = []
    for measure in numbers(panel):
        value = measure.values[k]
        shown_bar = _bar(measure.title, value, k)
        facts.append(f"<div>{helped(measure.title)}<b>{_text(value)}</b>{shown_bar}</div>")
    return (
        "<div class='strip one' style='grid-template-columns: repeat(4, minmax(0, 1fr))'>"
        f"{''.join(cells)}</div><div class='facts'>{''.join(facts)}</div>"
    )


def _number(title: str, value: float | None, k: int) -> str:
    shown_bar = _bar(title, value, k)
    text = f"<b>{_text(value)}</b>" if shown_bar else _text(value)
    return f"<div class='cell'>{text}{shown_bar}</div>"


def _bar(title: str, value: float | None, k: int) -> str:
    """Of an awareness; other numbers have none."""
    return bar(value, k) if value is not None and title.startswith("awareness") else ""


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _flat_scale(row: Row, limits: Limits) -> str:
    low, _, high = scale_ends(row, limits)
    return (
        f"<div class='flat'>{low}<i style='background:{gradient(row.signed, 90)}'></i>{high}</div>"
    )
