"""What lifts the right match above the wrong one, and what each landmark's removal would do."""

from __future__ import annotations

from html import escape

import numpy as np

from app import match_state
from app.components import picks
from app.components.markup import dot, helped, signed
from app.components.match import cards
from app.services import galleries
from app.services.pairs import Seen
from app.theme import landmark_colour
from app.wording import MEANING


def bars(seen: Seen, names: list[str]) -> str:
    """A bar a landmark from zero, right towards the right match; they sum to the margin."""
    pair = seen.pair
    if seen.rival is None:
        return ""
    parts = pair.margin_by_landmark
    end = max(1e-6, float(np.abs(parts).max()), abs(float(pair.margin)))
    lines = [
        _line(f"{dot(k)}{escape(name)}", float(parts[k]), end, landmark_colour(k))
        for k, name in enumerate(names)
    ]
    total = _line("<b>sum: the margin</b>", float(pair.margin), end, "currentColor")
    title = helped("What lifts the right match above the wrong one", MEANING["right − wrong"])
    return (
        f"<div class='decide'><h2>{title}</h2>"
        "<div class='ends'><span>← for the wrong match</span><span>for the right match →</span>"
        f"</div>{''.join(lines)}<hr>{total}</div>"
    )


def _line(title: str, value: float, end: float, colour: str) -> str:
    start = 50 + 50 * min(0.0, value) / end
    return (
        f"<div class='line'><span>{title}</span><div class='lift'><u></u>"
        f"<i style='left:{start:.2f}%;width:{50 * abs(value) / end:.2f}%;background:{colour}'></i>"
        f"</div><b>{signed(value)}</b></div>"
    )


def removals(seen: Seen, names: list[str], version: int) -> str:
    """A card a landmark: who comes first without it, where the match and the first right are."""
    pair = seen.pair
    found = []
    for k, name in enumerate(names):
        first = str(pair.first_without[k])
        right = int(pair.first_right_rank_without[k]) if pair.first_right_rank else None
        place = f"match at rank {int(pair.rank_without[k])}"
        verdict = seen.kinds.get(first, "")
        symbol = cards.SYMBOLS[verdict]
        picture = galleries.thumbnail(match_state.get("gallery"), version, first)
        change = "" if not right else f"<br>first right at <b>{right}</b>{_change(seen, right)}"
        body = (
            f"<span class='top'><b>{dot(k)}without {escape(name)}</b></span>"
            f"<span class='body'><img src='{picture}' alt=''>"
            f"<span>{place}{change}<br><em>{symbol}</em> comes first</span></span>"
        )
        address = match_state.link("pair", match=first)
        found.append(picks.link(first, "pair", address, f"{first} comes first without {name}",
                                body, f"card removal {verdict}"))  # fmt: skip
    title = helped("The ranking without one landmark", MEANING["without one landmark"])
    return f"<div class='removals'><h2>{title}</h2><div>{''.join(found)}</div></div>"


def _change(seen: Seen, right: int) -> str:
    before = seen.pair.first_right_rank
    if right == before:
        return ""
    kind = "right" if right < before else "wrong"
    return f" <i class='{kind}'>{'↑' if right < before else '↓'} from {before}</i>"
