"""How far a map can be trusted: what it keeps of the original space's neighbourhoods."""

from __future__ import annotations

import numpy as np

from aonet_core.analysis.projection.neighbours import kept
from aonet_core.analysis.projection.space import as_euclidean
from aonet_core.analysis.projection.umap_projection import Layout
from aonet_core.occlusion import Progress
from aonet_core.results.projection import Quality, within

MEASURED = 2000
"""Points whose neighbourhoods are measured at most."""
NEIGHBOURS = 10
"""Neighbours that trustworthiness and purity look at."""


def measure(
    vectors: np.ndarray,
    layout: Layout,
    image: np.ndarray,
    landmark: np.ndarray,
    pids: np.ndarray,
    progress: Progress | None = None,
    device: str = "cpu",
) -> tuple[Quality, np.ndarray]:
    """Measure what a map keeps, in the original space: all coordinates, before any reduction.

    Args:
        vectors: (N, C) as for `lay_out`.
        layout: What came of them.
        image: (N,) the picture of each point.
        landmark: (N,) its landmark; below zero for whole pictures.
        pids: (N,) its person; unknown unless above zero.
        progress: Told of percent done of 100, in the last stage.
        device: Where distances are computed.

    Returns:
        The quality, and (N, 2) float32 purity by landmark and person of the points measured.
    """
    total = len(vectors)
    rng = np.random.default_rng(layout.spec.seed)
    rows = np.sort(rng.choice(total, min(total, MEASURED), replace=False))
    labels = np.stack([landmark, np.where(pids > 0, pids, -1)], axis=1).astype(np.int64)
    prepared = as_euclidean(vectors, layout.spec.metric) - layout.space.mean
    places = layout.coordinates[:total]  # stars come after them
    neighbourhoods = kept(
        prepared, places, rows, image, labels, NEIGHBOURS, within(progress, 4), device
    )
    original, drawn, chance = (
        _means(each)
        for each in (neighbourhoods.pure, neighbourhoods.pure_map, _chance(labels, image)[rows])
    )
    points = np.full((total, 2), np.nan, np.float32)
    points[rows] = neighbourhoods.pure
    shares = [value for trio in zip(original, drawn, chance, strict=True) for value in trio]
    count = min(NEIGHBOURS, (total - 1) // 2)
    return Quality(count, len(rows), neighbourhoods.trustworthiness, *shares), points


def _chance(labels: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Share of the points of other pictures with a point's label, (N, L); NaN where unknown."""
    result = np.full(labels.shape, np.nan)
    others = len(labels) - np.bincount(image)[image]
    for column in range(labels.shape[1]):
        label = labels[:, column]
        _, number, total = np.unique(label, return_inverse=True, return_counts=True)
        pair = number.astype(np.int64) * (int(image.max(initial=0)) + 1) + image
        _, where, own = np.unique(pair, return_inverse=True, return_counts=True)
        share = (total[number] - own[where]) / np.maximum(1, others)
        result[:, column] = np.where((label >= 0) & (others > 0), share, np.nan)
    return result


def _means(values: np.ndarray) -> list[float]:
    """The mean of each column over what is known; NaN for none."""
    known = np.isfinite(values)
    return [float(values[k, c].mean()) if (k := known[:, c]).any() else float("nan")
            for c in range(values.shape[1])]  # fmt: skip
