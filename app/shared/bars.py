"""A number split by landmark, as pieces end to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.shared.markup import escape
from app.theme import landmark_colour


@dataclass(frozen=True)
class Span:
    """What bars on one scale cover: from `low` below zero to `high` above it, both >= 0."""

    low: float
    high: float

    @property
    def length(self) -> float:
        """All of it, never zero."""
        return max(self.low + self.high, 1e-6)

    def place(self, value: float) -> float:
        """Where a value lies, in percent from the low end."""
        return 100 * (self.low + value) / self.length


def span(shares: np.ndarray) -> Span:
    """The one scale for bars (N, K): it holds all positive and all negative pieces."""
    if not len(shares):
        return Span(0.0, 1.0)
    return Span(
        float(-np.minimum(shares, 0).sum(axis=1).min()),
        float(np.maximum(shares, 0).sum(axis=1).max()),
    )


def stack(shares: np.ndarray, scale: Span, names: list[str], upright: bool = False) -> str:
    """Shares (K,) end to end as HTML, negative ones on the other side of zero.

    Args:
        shares: Of every landmark.
        scale: Shared by all bars that are compared.
        names: Of the landmarks.
        upright: From the bottom up, the first landmark on top, instead of from left to right.
    """
    edge, length = ("bottom", "height") if upright else ("left", "width")
    pieces = [f"<u style='{edge}:{scale.place(0):.2f}%'></u>"]
    ends = {True: 0.0, False: 0.0}
    order = range(len(shares) - 1, -1, -1) if upright else range(len(shares))
    for k in order:
        value = float(shares[k])
        negative = value < 0
        start = ends[negative] + (value if negative else 0)
        ends[negative] += value
        name = escape(names[k])
        pieces.append(
            f"<i title='{name}: {value:+.4f}' style='{edge}:{scale.place(start):.2f}%;"
            f"{length}:{100 * abs(value) / scale.length:.2f}%;background:{landmark_colour(k)}'></i>"
        )
    return "".join(pieces)
