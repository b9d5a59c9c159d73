"""The space that a map is made of: which vectors, and the metric as plain distances.

Every metric becomes Euclidean before anything else: directions are compared as vectors of unit
length, whose squared distance is 2 − 2 cos, so that neighbours are the same. Principal components
then keep those distances as well as so few coordinates can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.results.projection import ProjectionSpec

TINY = 1e-12
SAME = 1e-6
"""Relative spread below which vectors are said to be the same: that of rounding."""


def point_vectors(features: np.ndarray, awareness: np.ndarray, kind: str) -> np.ndarray:
    """What stands for the points of pictures.

    Args:
        features: (I, K, C) retrieval features.
        awareness: (I, K) their weights.
        kind: One of `KINDS`.

    Returns:
        (I·K, C) the features themselves, or (I, K·C) vectors u whose inner product is Eq. 8:
        u_k = β_k f_k / |f_k| / √K.
    """
    features = np.asarray(features, dtype=np.float32)
    images, landmarks, channels = features.shape
    if kind == "landmarks":
        return features.reshape(images * landmarks, channels)
    scale = np.asarray(awareness, dtype=np.float32) / np.sqrt(np.float32(landmarks))
    scale = scale / np.maximum(np.linalg.norm(features, axis=2), TINY)  # (I, K)
    return (features * scale[:, :, None]).reshape(images, landmarks * channels)


def as_euclidean(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Vectors whose Euclidean distances rank neighbours as the metric does; (N, C) float32."""
    if metric == "euclidean":
        return vectors
    if metric == "correlation":
        vectors = vectors - vectors.mean(axis=1, keepdims=True)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), TINY)


def all_same(vectors: np.ndarray) -> bool:
    """Whether all vectors are the same but for rounding."""
    spread = vectors.max(axis=0) - vectors.min(axis=0)
    return bool(spread.max(initial=0.0) <= SAME * max(1.0, float(np.abs(vectors).max(initial=0.0))))


@dataclass(frozen=True)
class Space:
    """The coordinates that UMAP is given.

    Attributes:
        metric: One of `METRICS`.
        mean: (C,) float32, taken away first.
        axes: (M, C) float32 principal axes; (0, C) where all coordinates are kept.
        variance: Share of the variance that they keep.
    """

    metric: str
    mean: np.ndarray
    axes: np.ndarray
    variance: float

    def reduce(self, vectors: np.ndarray) -> np.ndarray:
        """Bring vectors (N, C) into the space, (N, M)."""
        return self.reduce_prepared(as_euclidean(vectors, self.metric))

    def reduce_prepared(self, prepared: np.ndarray) -> np.ndarray:
        """The same for what `as_euclidean` returned."""
        if not len(self.axes):
            return np.ascontiguousarray(prepared - self.mean, dtype=np.float32)
        # Without a centred copy of everything: it may be large.
        return (prepared @ self.axes.T - self.mean @ self.axes.T).astype(np.float32)


def find_space(prepared: np.ndarray, spec: ProjectionSpec) -> Space:
    """Find the principal components of points, where there are more coordinates than wanted.

    Args:
        prepared: (N, C) from `as_euclidean`.
        spec: How many to keep, and the seed of the randomised solver.
    """
    count, channels = prepared.shape
    mean = prepared.mean(axis=0, dtype=np.float64).astype(np.float32)
    if not 0 < spec.components < min(count, channels):
        return Space(spec.metric, mean, np.empty((0, channels), np.float32), 1.0)
    from sklearn.decomposition import PCA

    pca = PCA(spec.components, svd_solver="randomized", random_state=spec.seed).fit(prepared)
    variance = min(1.0, float(pca.explained_variance_ratio_.sum()))
    # Laid out as it is when read again: a product of other strides is rounded otherwise.
    axes = np.ascontiguousarray(pca.components_, np.float32)
    return Space(spec.metric, pca.mean_.astype(np.float32), axes, variance)
