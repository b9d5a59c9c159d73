"""Gallery pictures as cards: the frame tells right from wrong, a bar the similarity by landmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.services import galleries
from app.services.retrieval import Entry
from app.shared import bars, clickable, search_state, selection
from app.shared.markup import escape, helped, signed
from app.theme import landmark_colour

SYMBOLS = {"right": "✓", "wrong": "✗", "junk": "junk", "": ""}
SAID = {"right": "right match", "wrong": "wrong match", "junk": "junk, not ranked", "": "match"}


def grid(
    entries: Sequence[Entry], scale: bars.Span, names: list[str], revision: int, marked: str = ""
) -> str:
    """Cards in the order of their ranks.

    Args:
        entries: What to show.
        scale: Of the bars, the same for all pages of the ranking.
        names: Of the landmarks.
        revision: Of the gallery.
        marked: Name of the picture that stands out.
    """
    cards = "".join(_card(entry, scale, names, revision, marked) for entry in entries)
    # Others stand back where some of them are selected, in whichever view.
    css = "cards some" if selected(entries) else "cards"
    return f"<div class='{css}'>{cards}</div>"


def selected(entries: Sequence[Entry]) -> int:
    """How many of some matches are selected, in whichever view."""
    names = selection.get(search_state.LINKED.gallery)
    return sum(entry.name in names for entry in entries)


def _card(entry: Entry, scale: bars.Span, names: list[str], revision: int, marked: str) -> str:
    picture = galleries.thumbnail(search_state.LINKED.gallery, revision, entry.name)
    what = f"{SAID[entry.verdict]}: {entry.name}"
    if entry.rank:
        what = f"rank {entry.rank}, {what}, similarity {entry.similarity:.3f}"
    place = entry.rank if entry.rank else "–"
    tower = bars.stack(entry.shares, scale, names, upright=True)
    body = (
        f"<span class='top'><b>{place}</b><em>{SYMBOLS[entry.verdict]}</em></span>"
        f"<span class='body'><img src='{picture}' alt=''><span class='tower'>{tower}</span></span>"
        f"<span class='foot'><b>{signed(entry.similarity, plus=False)}</b>"
        f"<small>{escape(entry.title)}</small></span>"
    )
    address = search_state.link("pair", match=entry.name)
    css = f"card {entry.verdict}{' marked' if entry.name == marked else ''}"
    css += " selected" * selected([entry])
    return clickable.link(entry.name, "pair", address, what, body, css)


def legend(names: list[str], truth: bool) -> str:
    """What the colours and frames mean."""
    parts = [
        f"<span><i style='background:{landmark_colour(k)}'></i>{escape(name)}</span>"
        for k, name in enumerate(names)
    ]
    if truth:
        parts += [
            "<span class='right'>✓</span><span>same person</span>",
            "<span class='wrong'>✗</span><span>another</span>",
        ]
    return f"<div class='legend'>{helped('landmark shares')}{''.join(parts)}</div>"


def scale_of(entries: Sequence[Entry]) -> bars.Span:
    """The one scale for the bars of a ranking."""
    return bars.span(np.array([entry.shares for entry in entries]))
