"""What lifts the right match above the wrong one, and what each landmark's removal would do."""

from __future__ import annotations

from html import escape

import numpy as np

from aonet_core.engine import Without
from app import match_state
from app.components import picks
from app.components.markup import dot, helped, signed
from app.components.match import cards
from app.services import galleries
from app.services.pairs import Seen
from app.theme import landmark_colour
from app.wording import MEANING


def bars(seen: Seen, names: list[str]) -> str:
    """What lifts the right match of a pair above the wrong one; "" where one is not known."""
    pair = seen.pair
    if pair.lead_by_landmark is None:
        return ""
    title = helped("What lifts the right match above the wrong one", MEANING["lead"])
    body = lead(pair.lead_by_landmark, pair.margin, names)
    return f"<div class='decide'><h2>{title}</h2>{body}</div>"


def lead(parts: np.ndarray, margin: float, names: list[str]) -> str:
    """A bar a landmark from zero, to the right for the right match; they sum to the margin.

    Args:
        parts: (K,) what each landmark adds.
        margin: Their sum.
        names: Of the landmarks.
    """
    end = max(1e-6, float(np.abs(parts).max()), abs(margin))
    lines = [
        _line(f"{dot(k)}{escape(name)}", float(parts[k]), end, landmark_colour(k))
        for k, name in enumerate(names)
    ]
    total = _line("<b>sum: the margin</b>", margin, end, "currentColor")
    return (
        "<div class='lead'><div class='ends'><span>← for the wrong match</span>"
        f"<span>for the right match →</span></div>{''.join(lines)}<hr>{total}</div>"
    )


def _line(title: str, value: float, end: float, colour: str) -> str:
    start = 50 + 50 * min(0.0, value) / end
    return (
        f"<div class='line'><span>{title}</span><div class='lift'><u></u>"
        f"<i style='left:{start:.2f}%;width:{50 * abs(value) / end:.2f}%;background:{colour}'></i>"
        f"</div><b>{signed(value)}</b></div>"
    )


def removals(seen: Seen, names: list[str], revision: int) -> str:
    """A card a landmark: who comes first without it, where the match and the first right are."""
    cards_shown = "".join(_removal(seen, each, names, revision) for each in seen.pair.without)
    title = helped("The ranking without one landmark", MEANING["without one landmark"])
    return f"<div class='removals'><h2>{title}</h2><div>{cards_shown}</div></div>"


def _removal(seen: Seen, found: Without, names: list[str], revision: int) -> str:
    k, name = found.landmark, names[found.landmark]
    verdict = seen.kinds[found.first]
    picture = galleries.thumbnail(match_state.get("gallery"), revision, found.first)
    lines = [f"match at rank {found.match_rank}"] if found.match_rank else []
    if found.right_rank:
        lines.append(f"first right at <b>{found.right_rank}</b>{_change(seen, found.right_rank)}")
    lines.append(f"<em>{cards.SYMBOLS[verdict]}</em> comes first")
    body = (
        f"<span class='top'><b>{dot(k)}without {escape(name)}</b></span>"
        f"<span class='body'><img src='{picture}' alt=''><span>{'<br>'.join(lines)}</span></span>"
    )
    return picks.link(
        found.first, "pair", match_state.link("pair", match=found.first),
        f"{found.first} comes first without {name}", body, f"card removal {verdict}",
    )  # fmt: skip


def _change(seen: Seen, right: int) -> str:
    before = seen.pair.right_rank
    if right == before:
        return ""
    kind = "right" if right < before else "wrong"
    return f" <i class='{kind}'>{'↑' if right < before else '↓'} from {before}</i>"
