"""Learning rates over a run, as a factor of the peak."""

from __future__ import annotations

import math

COSINE_WARM_UP = 0.05
"""Share of a run in which the cosine schedule warms up."""


def paper(progress: float) -> float:
    """Warm up linearly over 20 epochs, then a tenth from epoch 50 and from epoch 90, of 120.

    Runs of other lengths keep these shares.

    Args:
        progress: Share of the run that is done, in [0, 1].
    """
    epoch = 120 * progress
    return min(1.0, epoch / 20) * 0.1 ** ((epoch >= 50) + (epoch >= 90))


def cosine(progress: float) -> float:
    """Warm up linearly over a twentieth of the run, then fall to 0 along half a cosine.

    Args:
        progress: Share of the run that is done, in [0, 1].
    """
    if progress < COSINE_WARM_UP:
        return progress / COSINE_WARM_UP
    done = min(1.0, (progress - COSINE_WARM_UP) / (1.0 - COSINE_WARM_UP))
    return 0.5 * (1.0 + math.cos(math.pi * done))


SCHEDULES = {"paper": paper, "cosine": cosine}
