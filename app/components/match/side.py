"""The pictures of a pair side by side, and their landmarks in aligned columns, as HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np

from aonet_core.engine import MatchOptions
from app import match_state, services
from app.components import bars
from app.components import report as page_report
from app.components.markup import bar, dot, helped, signed
from app.components.match import cards, decide
from app.components.strip import image_tag, scale_tag, tile_tag
from app.maps import Limits, Row
from app.overlay import fit
from app.services import Panel
from app.services.pairs import Seen
from app.wording import MEANING

OPACITY = 0.6


def heading(title: str, status: str) -> str:
    """Name of the page, what it shows, and the line of facts."""
    return f"<div class='heading'><h1>Pair</h1><p>{title}</p>{status}</div>"


def status(seen: Seen, options: MatchOptions) -> str:
    """Ranks and the form of the match."""
    parts = []
    if seen.pair.rank:
        parts.append(f"the match is at rank {seen.pair.rank}")
    if seen.pair.first_right_rank:
        parts.append(f"first right match at rank {seen.pair.first_right_rank}")
    parts.append(match_state.words(options, services.info().similarity))
    return f"<div class='status'>{escape(' · '.join(parts))}</div>"


def verdict(seen: Seen, names: list[str]) -> str:
    """What happened, in a sentence: the landmark that speaks most for the wrong side, or right."""
    pair = seen.pair
    score = signed(pair.similarity, plus=False)
    if pair.match_is_right is None or seen.rival is None:
        known = "no picture of another side to compare with" if seen.verdict else "truth not known"
        return f"<p class='verdict'>Similarity <b>{score}</b>; {known}.</p>"
    wrong_ahead = pair.margin < 0
    # The landmark that moves the margin most towards the side that is ahead.
    k = int(np.argmin(pair.margin_by_landmark) if wrong_ahead else
            np.argmax(pair.margin_by_landmark))  # fmt: skip
    mark = "<span class='wrong'>✗</span>" if wrong_ahead else "<span class='right'>✓</span>"
    who = (
        "The best wrong match is ahead of the best right one"
        if wrong_ahead
        else "The right match is ahead of the best wrong one"
    )
    return (
        f"<p class='verdict'>{mark} {who} by <b>{abs(pair.margin):.3f}</b>; most of it comes from "
        f"{dot(k)}<b>{escape(names[k])}</b> ({signed(pair.margin_by_landmark[k])}).</p>"
    )


def photos(seen: Seen, names: list[str]) -> str:
    """Query, match and the other side of the margin, with frames, scores and their pieces."""
    pair = seen.pair
    found = [pair.shares] if seen.rival is None else [pair.shares, pair.rival_shares]
    scale = bars.span(np.array(found))
    figures = [_figure("query", seen.query.panel, "")]
    figures.append(_figure("match", seen.match, seen.verdict, pair.shares, scale, names))
    if seen.rival is not None:
        kind = seen.sides[1]
        title = f"best {kind} match"
        figures.append(_figure(title, seen.rival, kind, pair.rival_shares, scale, names))
    return f"<div class='photos'>{''.join(figures)}</div>"


def _figure(
    title: str,
    panel: Panel,
    kind: str,
    shares: np.ndarray | None = None,
    scale: bars.Span | None = None,
    names: list[str] | None = None,
) -> str:
    symbol = f" <em>{cards.SYMBOLS[kind]}</em>" if kind else ""
    picture = image_tag(fit(panel.photo.image, 420), panel.photo.title)
    score = ""
    if shares is not None:
        score = (
            f"<div class='score'><b>{signed(shares.sum(), plus=False)}</b>"
            f"<span class='stack'>{bars.stack(shares, scale, names)}</span></div>"
        )
    return (
        f"<figure class='framed {kind}'><figcaption>{title}{symbol}</figcaption>{picture}{score}"
        f"<small>{escape(panel.photo.title)}</small></figure>"
    )


def strip(seen: Seen, limits: Limits, names: list[str]) -> str:
    """Columns are landmarks; rows the maps of every picture, then the numbers."""
    cells = ["<div></div>"]
    for k, name in enumerate(names):
        number, _, region = name.partition(" ")
        cells.append(
            f"<div class='head' title='{escape(name)}'>{dot(k)}{number}"
            f"<small>{escape(region) or '&nbsp;'}</small></div>"
        )
    cells.append("<div></div>")
    panels = {"query": seen.query.panel, "match": seen.match}
    if seen.rival is not None:
        panels[f"best {seen.sides[1]}"] = seen.rival
    for position, (title, panel) in enumerate(panels.items()):
        row = Row("with reference", panel.analysis.referenced_response_map)
        tile = fit(panel.photo.image)
        cells.append(f"<div class='row'>{title}</div>")
        cells += [tile_tag(tile, row, k, limits, OPACITY, names, f", {title}")
                  for k in range(len(names))]  # fmt: skip
        scale = scale_tag(row, limits).replace("'scale'", "'scale all'") if not position else ""
        cells.append(scale)
    cells += _numbers(seen, len(names))
    grid = f"grid-template-columns: 5.6rem repeat({len(names)}, minmax(0, 1fr)) 4.4rem"
    return f"<div class='strip many two' style='{grid}'>{''.join(cells)}</div>"


def _numbers(seen: Seen, count: int) -> list[str]:
    pair = seen.pair
    match = f"{seen.sides[0]} match" if seen.verdict in ("right", "wrong") else "match"
    lines: list[tuple[str, str, Callable[[int], str], str]] = [
        ("β of query", "awareness β", _level(pair.awareness), ""),
        (f"β of {match}", "awareness β", _level(pair.match_awareness), ""),
        ("cosine", "cosine", _plain(pair.cosine), ""),
        (f"share, {match}", "share", _signed(pair.shares), signed(pair.similarity, plus=False)),
    ]
    if seen.rival is not None:
        other = f"{seen.sides[1]} match"
        total = signed(pair.rival_similarity, plus=False)
        lines += [
            (f"β of {other}", "awareness β", _level(pair.rival_awareness), ""),
            ("cosine", "cosine", _plain(pair.rival_cosine), ""),
            (f"share, {other}", "share", _signed(pair.rival_shares), total),
            ("right − wrong", "right − wrong", _lift(pair.margin_by_landmark),
             signed(pair.margin)),
        ]  # fmt: skip
    cells = []
    for title, meaning, cell, total in lines:
        cells.append(f"<div class='name'>{helped(title, MEANING[meaning])}</div>")
        cells += [f"<div class='cell'>{cell(k)}</div>" for k in range(count)]
        cells.append(f"<div class='cell total'>{f'= {total}' if total else ''}</div>")
    return cells


def _level(values: np.ndarray) -> Callable[[int], str]:
    return lambda k: f"{values[k]:.2f}{bar(float(values[k]), k)}"


def _plain(values: np.ndarray) -> Callable[[int], str]:
    return lambda k: signed(values[k], 2, plus=False)


def _signed(values: np.ndarray) -> Callable[[int], str]:
    return lambda k: f"<b>{signed(values[k], plus=False)}</b>"


def _lift(values: np.ndarray) -> Callable[[int], str]:
    def cell(k: int) -> str:
        kind = "right" if values[k] > 0 else "wrong"
        return f"<span class='{kind}'>{signed(values[k])}</span>"

    return cell


def report(seen: Seen, limits: Limits, names: list[str], version: int) -> bytes:
    """The page for taking away."""
    title = f"{seen.query.panel.photo.title} and {seen.match.photo.title}"

    def sections() -> list[tuple[str, str]]:
        return [
            ("Pictures", verdict(seen, names) + photos(seen, names)),
            ("What decides", decide.bars(seen, names)),
            ("Landmarks", strip(seen, limits, names)),
            ("Without one landmark", decide.removals(seen, names, version)),
        ]

    return page_report.write("Pair", title, "pair", sections)
