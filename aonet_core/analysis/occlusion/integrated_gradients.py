"""Integrated gradients of any differentiable target, with as many steps as it takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from aonet_core.model.precision import AT_A_TIME

Told = Callable[[int], None]
"""Told of every few network runs how many they were."""
PIECES = (24, 72)
"""Numbers of pieces that the way is cut into; each piece is cut in three by the next number."""
COMPLETE = 0.05
"""Part of the difference that may stay unexplained, or there are more pieces."""
BATCH = 32
"""Pictures at a time, except on a processor."""


def integrated(
    target: Callable[..., Tensor], start: tuple[Tensor, ...], end: tuple[Tensor, ...], advance: Told
) -> list[np.ndarray]:
    """Integrated gradients (Sundararajan et al., 2017) along the straight way from start to end.

    The way is cut into equal pieces with a gradient in the middle of each: into more of them where
    what they add up to is not the difference that they must explain.

    Args:
        target: Maps batches of all inputs to (B,), with a gradient.
        start: Of every input, (1, …).
        end: Of every input, (1, …).
        advance: Told of gradients taken.

    Returns:
        What every element of every input contributes to the difference of the target, (…).
    """
    with torch.no_grad():
        difference = (target(*end) - target(*start)).item()
    ways = [(high - low)[0] for low, high in zip(start, end, strict=True)]
    totals, taken = [torch.zeros_like(way) for way in ways], torch.empty(0)
    for pieces in PIECES:
        middles = (torch.arange(pieces) + 0.5) / pieces
        new = middles[~torch.isclose(middles[:, None], taken).any(dim=1)]
        for part in new.split(at_a_time(ways[0].device)):
            for total, slope in zip(totals, _slopes(target, start, end, part), strict=True):
                total += slope
            advance(len(part))
        taken = torch.cat([taken, new])
        contributions = [
            (total * way / pieces).double().cpu().numpy()
            for total, way in zip(totals, ways, strict=True)
        ]
        explained = sum(each.sum() for each in contributions)
        if abs(explained - difference) <= COMPLETE * abs(difference):
            break
    return contributions


def _slopes(target, start, end, where: Tensor) -> list[Tensor]:
    """Gradients of a target at places along the way, added up, of every input."""
    points = []
    for low, high in zip(start, end, strict=True):
        at = where.to(low.device).view(-1, *[1] * (low.ndim - 1))
        points.append(torch.lerp(low, high, at).requires_grad_())
    with torch.enable_grad():
        value = target(*points).sum()
    # A target need not depend on every input.
    slopes = torch.autograd.grad(value, points, allow_unused=True)
    return [
        torch.zeros_like(point[0]) if slope is None else slope.sum(dim=0)
        for point, slope in zip(points, slopes, strict=True)
    ]


def at_a_time(device: torch.device) -> int:
    """How many pictures go through the network together."""
    return AT_A_TIME if device.type == "cpu" else BATCH
