"""Exact nearest neighbours, and what a map keeps of them; blocked, so memory stays small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from aonet_core.occlusion import Progress

BLOCK_VALUES = 32_000_000
"""Distances that are held at a time."""


def nearest(
    points: np.ndarray, count: int, progress: Progress | None = None, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest of N points to each of them, exactly.

    Args:
        points: (N, C) float32.
        count: How many, the point itself included and first.
        progress: Told of points done and their number.
        device: Where the products are formed.

    Returns:
        (N, count) int32 rows, and (N, count) float32 Euclidean distances, ascending.
    """
    everything = torch.from_numpy(points).to(device)
    rows = torch.arange(len(points), device=device)
    indices = np.empty((len(points), count), np.int32)
    distances = np.empty((len(points), count), np.float32)
    for block in _blocks(rows, len(points), progress):
        squared = _squared(everything, block)
        # Before its equals, and before what rounding put nearer.
        squared[torch.arange(len(block), device=device), block] = -1.0
        closest = squared.topk(count, largest=False, sorted=True)
        where = slice(int(block[0]), int(block[-1]) + 1)
        indices[where] = closest.indices.int().cpu().numpy()
        distances[where] = closest.values.clamp_min(0).sqrt().cpu().numpy()
    return indices, distances


@dataclass(frozen=True)
class Kept:
    """What a map keeps of the neighbourhoods of M measured points.

    Attributes:
        trustworthiness: Of all of them; NaN for fewer than three points.
        pure: (M, L) share of the nearest points of other pictures with the same label, in the
            original space; a column a kind of label, NaN where the label is unknown.
        pure_map: (M, L) the same in the map.
    """

    trustworthiness: float
    pure: np.ndarray
    pure_map: np.ndarray


def kept(
    points: np.ndarray,
    coordinates: np.ndarray,
    rows: np.ndarray,
    image: np.ndarray,
    labels: np.ndarray,
    count: int,
    progress: Progress | None = None,
    device: str = "cpu",
) -> Kept:
    """Compare neighbourhoods in the original space and in the map.

    Trustworthiness is Venna and Kaski's (2001), 1 − 2 / (M k (2N − 3k − 1)) · Σ max(0, rank − k)
    over the k nearest in the map, ranks being those in the original space; equals rank in favour.
    With all rows measured it is scikit-learn's.

    Args:
        points: (N, C) float32 in the original space.
        coordinates: (N, D) in the map.
        rows: (M,) points to measure, each against all N.
        image: (N,) which picture a point belongs to.
        labels: (N, L) int64; below zero where unknown.
        count: k neighbours; fewer where there are not so many points.
        progress: Told of points measured and their number.
        device: Where the products are formed.
    """
    total = len(points)
    count = min(count, (total - 1) // 2)
    if count < 1:
        unknown = np.full((len(rows), labels.shape[1]), np.nan)
        return Kept(float("nan"), unknown, unknown)
    spaces = [torch.from_numpy(np.ascontiguousarray(each, np.float32)).to(device)
              for each in (points, coordinates)]  # fmt: skip
    owner, label = torch.from_numpy(image).to(device), torch.from_numpy(labels).to(device)
    penalty = 0
    pure: tuple[list, list] = ([], [])
    for block in _blocks(torch.from_numpy(rows).to(device), total, progress):
        original, drawn = (_squared(space, block) for space in spaces)
        itself = torch.arange(len(block), device=device), block
        original[itself] = drawn[itself] = torch.inf
        penalty += _intrusion(original, drawn, count)
        own = owner[block][:, None] == owner[None]
        for squared, shares in zip((original, drawn), pure, strict=True):
            shares.append(_purity(squared.masked_fill_(own, torch.inf), label, block, count))
    scale = 2.0 / (len(rows) * count * (2 * total - 3 * count - 1))
    return Kept(1.0 - scale * penalty, *(torch.cat(each).cpu().numpy() for each in pure))


def _intrusion(original: Tensor, drawn: Tensor, count: int) -> int:
    """How far beyond the nearest `count` the neighbours in the map were, summed."""
    near = drawn.topk(count, largest=False).indices
    limit = original.gather(1, near)
    ranks = torch.stack([(original < limit[:, [j]]).sum(dim=1) for j in range(count)], dim=1)
    return int((ranks + 1 - count).clamp_min(0).sum())


def _purity(squared: Tensor, label: Tensor, block: Tensor, count: int) -> Tensor:
    """Share of the nearest with the same label, (B, L); infinite distances do not count."""
    closest = squared.topk(count, largest=False)
    finite = closest.values.isfinite()[:, :, None]
    same = (label[closest.indices] == label[block][:, None]) & finite
    share = same.sum(dim=1) / finite.sum(dim=1)
    return share.masked_fill_(label[block] < 0, torch.nan)


def _squared(points: Tensor, rows: Tensor) -> Tensor:
    """Squared distances of some points to all, (B, N); a little below zero by rounding."""
    some = points[rows]
    lengths = (points * points).sum(dim=1)
    return torch.addmm(lengths[None], some, points.T, alpha=-2).add_(lengths[rows][:, None])


def _blocks(rows: Tensor, total: int, progress: Progress | None):
    size = max(1, BLOCK_VALUES // max(1, total))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
        if progress:
            progress(min(start + size, len(rows)), len(rows))
