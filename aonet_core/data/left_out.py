"""What a reader leaves out: counted, and the first names told, wherever figures are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

NAMED = 5
"""Files that are told by name."""
LeftOut = tuple[tuple[str, str], ...]
"""Names and reasons."""


def summary(left_out: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Count what was left out, for JSON: `count`, the first `names`, and `reasons` with numbers."""
    return {
        "count": len(left_out),
        "names": [name for name, _ in left_out[:NAMED]],
        "reasons": dict(Counter(reason for _, reason in left_out).most_common()),
    }


def sentence(left_out: Sequence[tuple[str, str]]) -> str:
    """Tell the same in words; "" for nothing.

    Examples:
        >>> sentence([("a.txt", "it is no picture")])
        '1 file is left out (a.txt): 1 because it is no picture'
    """
    if not left_out:
        return ""
    counts = summary(left_out)
    reasons = list(counts["reasons"].items())
    why = "; ".join(f"{count} because {reason}" for reason, count in reasons[:NAMED])
    if len(reasons) > NAMED:
        why += f"; {sum(count for _, count in reasons[NAMED:])} for other reasons"
    names = ", ".join(counts["names"])
    more = f" and {len(left_out) - NAMED} more" if len(left_out) > NAMED else ""
    files = "1 file is" if len(left_out) == 1 else f"{len(left_out)} files are"
    return f"{files} left out ({names}{more}): {why}"


def is_text(name: str) -> bool:
    """Whether a name can be stored; a file's whose bytes are no UTF-8 cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
