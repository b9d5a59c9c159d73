"""The pictures of a pair side by side, and their landmarks in aligned columns, as HTML."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aonet_core.engine import Matched, MatchOptions
from app import services
from app.services import Panel, galleries
from app.services.pairs import ExplainedPair
from app.shared import bars, cards, search_state
from app.shared import report as page_report
from app.shared.maps import Limits, Row
from app.shared.markup import bar, dot, escape, helped, percent, signed
from app.shared.overlay import fit
from app.shared.tiles import image_tag, scale_tag, tile_tag
from app.shared.wording import MEANING
from app.views.pair import decision

OPACITY = 0.6
Line = tuple[str, str, Callable[[int], str], str]
"""A row of numbers: its title, key of its meaning, cell of a landmark, and total."""


def heading(title: str, status: str) -> str:
    """Name of the page, what it shows, and the line of facts."""
    return f"<div class='heading'><h1>Pair</h1><p>{title}</p>{status}</div>"


def status(explained: ExplainedPair, options: MatchOptions) -> str:
    """Ranks and the form of the match."""
    parts = []
    if explained.pair.match.rank:
        parts.append(f"the match is at rank {explained.pair.match.rank}")
    if explained.pair.right_rank:
        parts.append(f"first right match at rank {explained.pair.right_rank}")
    parts.append(search_state.words(options, services.info().similarity))
    return f"<div class='status'>{escape(' · '.join(parts))}</div>"


def verdict(explained: ExplainedPair, names: list[str]) -> str:
    """What happened, in a sentence, and the landmark that most of it comes from."""
    pair = explained.pair
    if pair.lead_by_landmark is None or pair.margin is None:
        reason = (
            "there is no match on the other side" if explained.verdict else "the truth is not known"
        )
        similarity = signed(pair.match.similarity, plus=False)
        return f"<p class='verdict'>Similarity <b>{similarity}</b>; {reason}.</p>"
    if pair.margin < 0:
        k, kind, mark = int(pair.lead_by_landmark.argmin()), "wrong", "✗"
        who = "The wrong match is ahead of the right one"
    else:
        k, kind, mark = int(pair.lead_by_landmark.argmax()), "right", "✓"
        who = "The right match is ahead of the wrong one"
    part = part_of(pair.lead_by_landmark, k)
    much = "most" if part > 0.5 else "the largest part"
    return (
        f"<p class='verdict'><span class='{kind}'>{mark}</span> {who} by "
        f"<b>{abs(pair.margin):.3f}</b>; {much} of what speaks for it, {percent(part)}, comes from "
        f"{dot(k)}<b>{escape(names[k])}</b> ({signed(pair.lead_by_landmark[k])}).</p>"
    )


def part_of(leads: np.ndarray, k: int) -> float:
    """What landmark k adds, as a part of all that speaks for the same side."""
    same = leads[np.sign(leads) == np.sign(leads[k])]
    return float(leads[k] / same.sum()) if leads[k] else 0.0


def photos(explained: ExplainedPair, names: list[str]) -> str:
    """Query, match and the other side of the margin, with frames, similarities and their shares."""
    pair = explained.pair
    scale = bars.span(np.array([side.shares for side in (pair.match, pair.rival) if side]))
    figures = [_figure("query", explained.query.panel, "")]
    similarity = _similarity(pair.match.shares, scale, names)
    figures.append(_figure("match", explained.match, explained.verdict, similarity))
    if explained.rival is not None and pair.rival is not None:
        kind = explained.sides[1]
        similarity = _similarity(pair.rival.shares, scale, names)
        figures.append(_figure(f"best {kind} match", explained.rival, kind, similarity))
    return f"<div class='photos'>{''.join(figures)}</div>"


def _similarity(shares: np.ndarray, scale: bars.Span, names: list[str]) -> str:
    return (
        f"<div class='score'><b>{signed(shares.sum(), plus=False)}</b>"
        f"<span class='stack'>{bars.stack(shares, scale, names)}</span></div>"
    )


def _figure(title: str, panel: Panel, kind: str, similarity: str = "") -> str:
    symbol = f" <em>{cards.SYMBOLS[kind]}</em>" if kind else ""
    picture = image_tag(fit(panel.photo.image, 420), panel.photo.title)
    name = panel.photo.key.removeprefix(galleries.MEMBER)
    file = "" if name.startswith(services.UPLOAD) else escape(name)
    return (
        f"<figure class='framed {kind}' title='{file}'><figcaption>{title}{symbol}</figcaption>"
        f"{picture}{similarity}"
        f"<small>{escape(panel.photo.title)}</small></figure>"
    )


def strip(explained: ExplainedPair, limits: Limits, names: list[str]) -> str:
    """Columns are landmarks; rows the maps of every picture, then the numbers."""
    cells = ["<div></div>"]
    for k, name in enumerate(names):
        number, _, region = name.partition(" ")
        cells.append(
            f"<div class='head' title='{escape(name)}'>{dot(k)}{number}"
            f"<small>{escape(region) or '&nbsp;'}</small></div>"
        )
    cells.append("<div></div>")
    panels = {"query": explained.query.panel, _name(explained): explained.match}
    if explained.rival is not None:
        panels[f"{explained.sides[1]} match"] = explained.rival
    for position, (title, panel) in enumerate(panels.items()):
        row = Row("with reference", panel.analysis.referenced_response_map)
        tile = fit(panel.photo.image)
        cells.append(f"<div class='row'>{title}</div>")
        cells += [tile_tag(tile, row, k, limits, OPACITY, names, f", {title}")
                  for k in range(len(names))]  # fmt: skip
        scale = scale_tag(row, limits).replace("'scale'", "'scale all'") if not position else ""
        cells.append(scale)
    cells += _numbers(explained, len(names))
    grid = f"grid-template-columns: 5.6rem repeat({len(names)}, minmax(0, 1fr)) 4.4rem"
    return f"<div class='strip many two' style='{grid}'>{''.join(cells)}</div>"


def _name(explained: ExplainedPair) -> str:
    return f"{explained.sides[0]} match" if explained.rival else "match"


def _numbers(explained: ExplainedPair, count: int) -> list[str]:
    pair = explained.pair
    lines = [("β of query", "awareness β", _level(pair.awareness), "")]
    lines += _side(pair.match, _name(explained))
    if pair.rival is not None and pair.lead_by_landmark is not None and pair.margin is not None:
        lines += _side(pair.rival, f"{explained.sides[1]} match")
        lines.append(("lead", "lead", _lift(pair.lead_by_landmark), signed(pair.margin)))
    cells = []
    for title, meaning, cell, total in lines:
        cells.append(f"<div class='name'>{helped(title, MEANING[meaning])}</div>")
        cells += [f"<div class='cell'>{cell(k)}</div>" for k in range(count)]
        cells.append(f"<div class='cell total'>{f'= {total}' if total else ''}</div>")
    return cells


def _side(side: Matched, title: str) -> list[Line]:
    return [
        (f"β of {title}", "awareness β", _level(side.awareness), ""),
        ("cosine", "cosine", lambda k: signed(side.cosine[k], 2, plus=False), ""),
        (
            f"share, {title}",
            "share",
            lambda k: f"<b>{signed(side.shares[k], plus=False)}</b>",
            signed(side.similarity, plus=False),
        ),
    ]


def _level(values: np.ndarray) -> Callable[[int], str]:
    return lambda k: f"{values[k]:.2f}{bar(float(values[k]), k)}"


def _lift(values: np.ndarray) -> Callable[[int], str]:
    def cell(k: int) -> str:
        kind = "right" if values[k] > 0 else "wrong"
        return f"<span class='{kind}'>{signed(values[k])}</span>"

    return cell


def report(
    explained: ExplainedPair, limits: Limits, names: list[str], revision: int, link: str
) -> bytes:
    """The page for taking away; `link` reopens it."""
    title = f"{explained.query.panel.photo.title} and {explained.match.photo.title}"

    def sections() -> list[tuple[str, str]]:
        return [
            ("Pictures", verdict(explained, names) + photos(explained, names)),
            ("What decides", decision.bars(explained, names)),
            ("Landmarks", strip(explained, limits, names)),
            ("Without one landmark", decision.removals(explained, names, revision)),
        ]

    return page_report.write("Pair", title, link, sections)
