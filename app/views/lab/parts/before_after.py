"""Before and after hiding: maps, awareness, truth and similarity of every landmark, as HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st
from PIL.Image import Image

from app import services
from app.services.lab import Likeness, Occluded
from app.shared import bars
from app.shared.maps import Limits, Row, Verdict, verdict
from app.shared.markup import dot, escape, helped, signed
from app.shared.overlay import fit
from app.shared.tiles import image_tag, scale_tag, tile_tag, truth_mark
from app.shared.view import View
from app.theme import landmark_colour

TILE = 192
"""Longest side of a map in pixels."""
WIDE = 3
"""Columns before the landmarks': kind of map, before or after, photo or scale."""


def strip(occluded: Occluded, view: View, limits: Limits, names: list[str]) -> str:
    """Columns are landmarks; rows both kinds of map, each before and after, then the numbers."""
    cells = [f"<div style='grid-column: span {WIDE - 1}'></div><div class='head'>photo</div>"]
    for k, name in enumerate(names):
        number, _, region = name.partition(" ")
        cells.append(
            f"<div class='head' title='{escape(name)}'>{dot(k)}{number}"
            f"<small>{escape(region) or '&nbsp;'}</small></div>"
        )
    panels = {"before": occluded.before, "after": occluded.after}
    kinds = {"without reference": "response_map", "with reference": "referenced_response_map"}
    for position, (title, field) in enumerate(kinds.items()):
        cells.append(f"<div class='row both'>{helped(title)}</div>")
        for when, panel in panels.items():
            row = Row(title, getattr(panel.analysis, field))
            cells.append(f"<div class='row'>{when}</div>")
            if position == 0:
                cells.append(image_tag(fit(panel.photo.image, TILE), f"photo {when}"))
            elif when == "before":
                cells.append(scale_tag(row, limits).replace("'scale'", "'scale both'"))
            draw = _kept_tiles if when == "before" else _tiles
            what = (services.info().digest, panel.photo.key, when, title)
            cells.append(draw(what, limits, view.opacity, names, panel.photo.image, row))
    cells += _numbers(occluded, len(names))
    grid = f"grid-template-columns: 1.1rem 1.1rem repeat({len(names) + 1}, minmax(0, 1fr))"
    return f"<div class='strip many lab' style='{grid}'>{''.join(cells)}</div>"


def _tiles(
    what: tuple[str, ...], limits: Limits, opacity: int, names: list[str], _photo: Image, _row: Row
) -> str:
    """Maps of all landmarks; `what` tells them from all others: checkpoint, photo, when, kind."""
    tile = fit(_photo, TILE)
    return "".join(
        tile_tag(tile, _row, k, limits, opacity / 100, names, f", {what[2]}")
        for k in range(len(names))
    )


_kept_tiles = st.cache_data(max_entries=24, show_spinner=False)(_tiles)
"""A stroke does not change what was there before it."""


def _numbers(occluded: Occluded, count: int) -> list[str]:
    before, after = occluded.before.analysis.awareness, occluded.after.analysis.awareness
    visible = occluded.visible
    verdicts = [verdict(before[k], after[k], visible[k]) for k in range(count)]
    lines: list[tuple[str, Callable[[int], str]]] = [
        ("awareness β", lambda k: _change(before[k], after[k], k)),
        ("change of β", lambda k: signed(after[k] - before[k], 2)),
        ("true hidden share", lambda k: _share(float(visible[k]))),
        ("network believes", lambda k: _verdict(verdicts[k])),
    ]
    for title, likeness in (("similarity to itself", occluded.to_self),
                            ("similarity to match", occluded.to_other)):  # fmt: skip
        if likeness is not None:
            lines.append((title, partial(_pair, likeness)))
    cells = []
    for title, cell in lines:
        cells.append(f"<div class='name'>{helped(title)}</div>")
        cells += [f"<div class='cell'>{cell(k)}</div>" for k in range(count)]
    return cells


def _change(before: float, after: float, k: int) -> str:
    """Both values, and a bar: pale what it was, solid what it is."""
    colour = landmark_colour(k)
    return (
        f"{before:.2f} →&nbsp;<b>{after:.2f}</b><div class='bar two' style='color:{colour}'>"
        f"<u style='width:{100 * before:.1f}%'></u><i style='width:{100 * after:.1f}%'></i></div>"
    )


def _share(visible: float) -> str:
    if not np.isfinite(visible):
        return "–"
    share = 1 - visible
    return (
        f"{share:.2f}{truth_mark(visible)}"
        f"<div class='bar truth'><i style='width:{100 * share:.1f}%'></i></div>"
    )


def _verdict(belief: Verdict) -> str:
    """What the network takes the landmark for; a circle, since squares are for the truth."""
    word = "○ unseen" if belief.hidden else "● seen"
    if belief.right is None:
        return word
    mark = "<span class='right'>✓</span>" if belief.right else "<span class='wrong'>✗</span>"
    return f"{word} {mark}"


def _pair(likeness: Likeness, k: int) -> str:
    return f"{likeness.before[k]:.2f} →&nbsp;{likeness.after[k]:.2f}".replace("-", "−")


def likeness(occluded: Occluded, names: list[str]) -> str:
    """Similarity to itself and to the chosen picture as stacked bars on one scale."""
    thumbnail = ""
    if occluded.other:
        title = occluded.other.title
        picture = image_tag(fit(occluded.other.image, 128), title)
        thumbnail = f"<figure>{picture}<figcaption>{escape(title)}</figcaption></figure>"
    likenesses = [each for each in (occluded.to_self, occluded.to_other) if each is not None]
    values = np.stack([values for each in likenesses for values in (each.before, each.after)])
    scale = bars.span(values)
    blocks = []
    for each, picture in zip(likenesses, ("", thumbnail), strict=False):
        before, after = each.before.sum(), each.after.sum()
        rows = "".join(
            f"<div><small>{when}</small>"
            f"<span class='stack'>{bars.stack(shares, scale, names)}</span>"
            f"<b>{signed(shares.sum(), 2, plus=False)}</b></div>"
            for when, shares in (("before", each.before), ("after", each.after))
        )
        what = "to itself, nothing hidden" if each is occluded.to_self else "to the gallery picture"
        blocks.append(
            f"<section>{picture}<div><h3>{helped(what)} <em>{signed(after - before, 2)}</em></h3>"
            f"{rows}</div></section>"
        )
    return f"<div class='likeness'><h2>Similarity</h2>{''.join(blocks)}</div>"
