"""One side: what its network sees, and whom it takes the person for; as HTML."""

from __future__ import annotations

import numpy as np

from app.services import galleries
from app.services.compare import FIRST, SL, Ranking, Side
from app.services.galleries import SAMPLE
from app.services.retrieval import Entry
from app.shared import bars, maps, selection
from app.shared.cards import SYMBOLS
from app.shared.maps import Limits
from app.shared.markup import SCROLLS, bar, dot, escape, helped, signed
from app.shared.overlay import fit
from app.shared.search_state import FORMS
from app.shared.tiles import NO_MARK, image_tag, scale_tag, tile_tag, truth_mark
from app.shared.view import FIXED_LIMIT
from app.views.compare.state import LINKED, MATCHES

LIMITS = Limits(FIXED_LIMIT, FIXED_LIMIT)
UNTRAINED = (
    "Random weights: this network has learnt nothing. It shows what the design alone does, and "
    "what a ranking by chance looks like."
)


def names_of(side: Side) -> list[str]:
    """Names of its landmarks."""
    return maps.landmark_names(side.info.metrics, side.info.num_landmarks)


def title(letter: str, side: Side, match: str) -> str:
    """Which network and match it is."""
    info = side.info
    form = MATCHES[match] if match else FORMS.get(info.similarity, info.similarity)
    mark = "" if side.trained else f" <mark>{helped('untrained', UNTRAINED)}</mark>"
    return (
        f"<h2 class='versus'><b>{letter.upper()}</b> {escape(info.checkpoint)}{mark}"
        f"<small>{escape(info.preset)}, {escape(info.backbone)}, K = {info.num_landmarks} · "
        f"{escape(form)}</small></h2>"
    )


def strip(side: Side, match: str) -> str:
    """Photo, maps without and with the reference, awareness, and its truth where known."""
    panel, names = side.panel, names_of(side)
    tile, count = fit(panel.photo.image), side.info.num_landmarks
    opacity, truth = LINKED.opacity / 100, maps.visibilities(panel)
    cells = ["<div></div>", "<div class='head'>photo</div>"]
    for k in range(count):
        number, _, region = names[k].partition(" ")
        mark = (truth_mark(truth[k]) or NO_MARK) if truth else ""
        cells.append(
            f"<div class='head' title='{escape(names[k])}'>{mark}{dot(k)}{number}"
            f"<small>{escape(region) or '&nbsp;'}</small></div>"
        )
    for place, row in enumerate(maps.rows(panel)[:2]):
        cells.append(f"<div class='row'>{helped(row.title)}</div>")
        cells.append(image_tag(tile, panel.photo.title) if place == 0 else scale_tag(row, LIMITS))
        cells += [tile_tag(tile, row, k, LIMITS, opacity, names) for k in range(count)]
    awareness = panel.analysis.awareness
    cells.append(f"<div class='name'>{helped('awareness β')}</div>")
    unused = " unused" if match in (SL, "unweighted") else ""
    cells += [
        f"<div class='cell{unused}'><b>{awareness[k]:.2f}</b>{bar(float(awareness[k]), k)}</div>"
        for k in range(count)
    ]
    if truth:
        cells.append(f"<div class='name'>{helped('true visibility')}</div>")
        cells += [
            f"<div class='cell'>{'–' if value is None else f'{value:.2f}'}</div>" for value in truth
        ]
    grid = f"grid-template-columns: 1.1rem repeat({count + 1}, minmax(0, 1fr))"
    strip = f"<div class='strip many' style='{grid}'>{''.join(cells)}</div>"
    return f"<div class='panel' {SCROLLS}>{strip}</div>"


def ranking(side: Side, ranking: Ranking) -> str:
    """How well the person was found, and the best matches."""
    names = names_of(side)
    scale = bars.span(np.array([entry.shares for entry in ranking.entries]))
    cards = "".join(_card(entry, scale, names) for entry in ranking.entries)
    return f"{_tiles(side, ranking)}<div class='cards few'>{cards}</div>"


def _tiles(side: Side, ranking: Ranking) -> str:
    tiles = {"mean β": f"{float(side.panel.analysis.awareness.mean()):.2f}"}
    if ranking.right_ranks is not None:
        ranks = ranking.right_ranks
        first = f"{int(ranks[0]):,} <small>of {len(ranking.names):,}</small>" if len(ranks) else "–"
        among = f"{int((ranks <= FIRST).sum())} <small>of {len(ranks)}</small>"
        tiles = {"first right match": first, f"right among {FIRST}": among} | tiles
    body = "".join(
        f"<div>{helped(name, _MEANING[name])}<b>{value}</b></div>" for name, value in tiles.items()
    )
    return f"<div class='facts tiles'>{body}</div>"


_MEANING = {
    "first right match": "Rank of the first picture of the same person by another camera.",
    f"right among {FIRST}": "Pictures of the same person by other cameras among the first ranks, "
    "of all that the gallery holds.",
    "mean β": "Mean awareness of this picture's landmarks.",
}


def _card(entry: Entry, scale: bars.Span, names: list[str]) -> str:
    picture = galleries.thumbnail(SAMPLE, galleries.gallery(SAMPLE).revision, entry.name)
    label = escape(f"rank {entry.rank}, {entry.name}, {entry.verdict or 'truth unknown'}")
    tower = bars.stack(entry.shares, scale, names, upright=True)
    mark = " selected" * (entry.name in selection.get(SAMPLE))
    return (
        f"<div class='card {entry.verdict}{mark}' title='{label}'>"
        f"<span class='top'><b>{entry.rank}</b><em>{SYMBOLS[entry.verdict]}</em></span>"
        f"<span class='body'><img src='{picture}' alt='{label}'><span class='tower'>{tower}</span>"
        f"</span><span class='foot'><b>{signed(entry.similarity, 2, plus=False)}</b>"
        f"<small>{escape(entry.title)}</small></span></div>"
    )
