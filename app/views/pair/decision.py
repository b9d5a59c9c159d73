"""What lifts the right match above the wrong one, and what each landmark's removal would do."""

from __future__ import annotations

from aonet_core.engine import Without
from app.services import galleries
from app.services.pairs import Seen
from app.shared import cards, clickable, search_state
from app.shared.lead import lead_bars
from app.shared.markup import dot, escape, helped
from app.shared.wording import MEANING


def bars(seen: Seen, names: list[str]) -> str:
    """What lifts the right match of a pair above the wrong one; "" where one is not known."""
    pair = seen.pair
    if pair.lead_by_landmark is None or pair.margin is None:
        return ""
    title = helped("What lifts the right match above the wrong one", MEANING["lead"])
    body = lead_bars(pair.lead_by_landmark, pair.margin, names)
    return f"<div class='decide'><h2>{title}</h2>{body}</div>"


def removals(seen: Seen, names: list[str], revision: int) -> str:
    """A card a landmark: who comes first without it, where the match and the first right are."""
    cards_shown = "".join(_removal(seen, each, names, revision) for each in seen.pair.without)
    title = helped("The ranking without one landmark", MEANING["without one landmark"])
    return f"<div class='removals'><h2>{title}</h2><div>{cards_shown}</div></div>"


def _removal(seen: Seen, found: Without, names: list[str], revision: int) -> str:
    k, name = found.landmark, names[found.landmark]
    verdict = seen.kinds[found.first]
    picture = galleries.thumbnail(search_state.LINKED.gallery, revision, found.first)
    lines = [f"match at rank {found.match_rank}"] if found.match_rank else []
    if found.right_rank:
        lines.append(f"first right at <b>{found.right_rank}</b>{_change(seen, found.right_rank)}")
    lines.append(f"<em>{cards.SYMBOLS[verdict]}</em> comes first")
    body = (
        f"<span class='top'><b>{dot(k)}without {escape(name)}</b></span>"
        f"<span class='body'><img src='{picture}' alt=''><span>{'<br>'.join(lines)}</span></span>"
    )
    return clickable.link(
        found.first, "pair", search_state.link("pair", match=found.first),
        f"{found.first} comes first without {name}", body, f"card removal {verdict}",
    )  # fmt: skip


def _change(seen: Seen, right: int) -> str:
    before = seen.pair.right_rank
    if before is None or right == before:
        return ""
    kind = "right" if right < before else "wrong"
    return f" <i class='{kind}'>{'↑' if right < before else '↓'} from {before}</i>"
