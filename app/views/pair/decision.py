"""What lifts the right match above the wrong one, and what each landmark's removal would do."""

from __future__ import annotations

from aonet_core.engine import Without
from app.services import galleries
from app.services.pairs import ExplainedPair
from app.shared import cards, clickable, search_state
from app.shared.lead import lead_bars
from app.shared.markup import dot, escape, helped
from app.shared.wording import MEANING


def bars(explained: ExplainedPair, names: list[str]) -> str:
    """What lifts the right match of a pair above the wrong one; "" where one is not known."""
    pair = explained.pair
    if pair.lead_by_landmark is None or pair.margin is None:
        return ""
    title = helped("What lifts the right match above the wrong one", MEANING["lead"])
    body = lead_bars(pair.lead_by_landmark, pair.margin, names)
    return f"<div class='decide'><h2>{title}</h2>{body}</div>"


def removals(explained: ExplainedPair, names: list[str], revision: int) -> str:
    """A card a landmark: who comes first without it, where the match and the first right are."""
    cards_shown = "".join(
        _removal(explained, each, names, revision) for each in explained.pair.without
    )
    title = helped("The ranking without one landmark", MEANING["without one landmark"])
    return f"<div class='removals'><h2>{title}</h2><div>{cards_shown}</div></div>"


def _removal(explained: ExplainedPair, removal: Without, names: list[str], revision: int) -> str:
    k, name = removal.landmark, names[removal.landmark]
    verdict = explained.kinds[removal.first]
    picture = galleries.thumbnail(search_state.LINKED.gallery, revision, removal.first)
    lines = [f"match at rank {removal.match_rank}"] if removal.match_rank else []
    if removal.right_rank:
        lines.append(
            f"first right at <b>{removal.right_rank}</b>{_change(explained, removal.right_rank)}"
        )
    lines.append(f"<em>{cards.SYMBOLS[verdict]}</em> comes first")
    body = (
        f"<span class='top'><b>{dot(k)}without {escape(name)}</b></span>"
        f"<span class='body'><img src='{picture}' alt=''><span>{'<br>'.join(lines)}</span></span>"
    )
    return clickable.link(
        removal.first, "pair", search_state.link("pair", match=removal.first),
        f"{removal.first} comes first without {name}", body, f"card removal {verdict}",
    )  # fmt: skip


def _change(explained: ExplainedPair, right: int) -> str:
    before = explained.pair.right_rank
    if before is None or right == before:
        return ""
    kind = "right" if right < before else "wrong"
    return f" <i class='{kind}'>{'↑' if right < before else '↓'} from {before}</i>"
