"""Which pictures of a set tell how high a landmark's best logit is where it is seen.

Each way maps the best logits (N,) of one landmark to weights (N,) that sum to 1. With a logit that
is linear in the feature, the weighted mean feature has the weighted mean logit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Way = Callable[[np.ndarray], np.ndarray]
NEAR = 1.5
"""Robust standard deviations that a logit may lie from the median."""


def uniform(logits: np.ndarray) -> np.ndarray:
    """All pictures alike (Eq. 1)."""
    return np.full(len(logits), 1 / len(logits))


def upper_half(logits: np.ndarray) -> np.ndarray:
    """The half with the higher logits alike."""
    return _alike(logits >= np.median(logits))


def mode(logits: np.ndarray) -> np.ndarray:
    """The half that lies closest together alike: the shorth."""
    order = np.argsort(logits, kind="stable")
    count = len(logits) // 2 + 1
    ranked = logits[order]
    start = int(np.argmin(ranked[count - 1 :] - ranked[: len(ranked) - count + 1]))
    shorth = np.zeros(len(logits), dtype=bool)
    shorth[order[start : start + count]] = True
    return _alike(shorth)


def near_median(logits: np.ndarray) -> np.ndarray:
    """Those within `NEAR` robust standard deviations of the median alike."""
    away = np.abs(logits - np.median(logits))
    return _alike(away <= NEAR * 1.4826 * np.median(away))


def _alike(mask: np.ndarray) -> np.ndarray:
    return mask / mask.sum()


WAYS: dict[str, Way] = {
    "plain": uniform,
    "upper_half": upper_half,
    "mode": mode,
    "near_median": near_median,
}
