"""What lifts the right match above the wrong one, as bars."""

from __future__ import annotations

import numpy as np

from app.shared.markup import dot, escape, signed
from app.theme import landmark_colour


def lead_bars(parts: np.ndarray, margin: float, names: list[str]) -> str:
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
