"""Starts for the landmark patterns, from what the backbone sees in training images."""

from __future__ import annotations

import copy

import torch
from torch import Generator, Tensor
from torch.nn import functional

from aonet_core.model import AONet

CLUSTERS = 16
ITERATIONS = 30


@torch.no_grad()
def kmeans_patterns(model: AONet, images: Tensor, seed: int, batch: int = 64) -> Tensor:
    """Find directions of features that lie where persons stand.

    Spherical k-means over the pixels of feature maps; people stand upright in the middle, so the K
    clusters whose pixels lie nearest the vertical axis are kept, ordered from top to bottom.

    Args:
        model: The network, not changed.
        images: (M, 3, H, W) normalised training images.
        seed: Of the clusters' start.
        batch: Images at a time.

    Returns:
        (K, C) unit vectors.

    Raises:
        ValueError: There are fewer clusters than landmarks.
    """
    maps = _feature_maps(model, images, batch)  # (M, C, H, W)
    count, channels, height, width = maps.shape
    pixels = functional.normalize(maps.permute(0, 2, 3, 1).reshape(-1, channels), dim=1)
    centres, cluster = spherical_kmeans(pixels, CLUSTERS, seed)
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    row = row.to(pixels).expand(count, -1, -1).reshape(-1)  # (M * P,)
    column = column.to(pixels).expand(count, -1, -1).reshape(-1)
    off_axis = _cluster_mean((column - (width - 1) / 2).abs(), cluster)  # (CLUSTERS,)
    central = off_axis.argsort(stable=True)[: model.config.num_landmarks]
    if off_axis[central].isinf().any() or len(central) < model.config.num_landmarks:
        raise ValueError(
            f"k-means found {int(off_axis.isfinite().sum())} clusters for "
            f"{model.config.num_landmarks} landmarks: use more images or random patterns"
        )
    order = _cluster_mean(row, cluster)[central].argsort(stable=True)
    return centres[central[order]]


@torch.no_grad()
def band_patterns(model: AONet, images: Tensor, seed: int, batch: int = 64) -> Tensor:
    """Take the mean feature of K horizontal bands of equal height, near the vertical axis.

    People stand upright in the middle: over many of them clothes and street average out, and what
    is left is what sets a height of the body apart.

    Args:
        model: The network, not changed.
        images: (M, 3, H, W) normalised training images.
        seed: Without effect: nothing is drawn.
        batch: Images at a time.

    Returns:
        (K, C) unit vectors, from top to bottom.
    """
    maps = functional.normalize(_feature_maps(model, images, batch), dim=1)  # (M, C, H, W)
    width = maps.shape[3]
    middle = slice(width // 2 - max(1, width // 8), (width + 1) // 2 + max(1, width // 8))
    rows = maps[:, :, :, middle].mean(dim=(0, 3))  # (C, H)
    # Where there are fewer rows than landmarks, neighbours share one.
    means = functional.adaptive_avg_pool1d(rows[None], model.config.num_landmarks)[0]  # (C, K)
    return functional.normalize(means.T, dim=1)


STARTS = {"kmeans": kmeans_patterns, "bands": band_patterns}
"""Functions of network, images and seed that return patterns, by `AONetConfig.pattern_start`."""


def _feature_maps(model: AONet, images: Tensor, batch: int) -> Tensor:
    """What patterns are compared with, (M, C, H, W), under the batch statistics of training."""
    network = copy.deepcopy(model).train()
    return torch.cat([network(chunk).landmark_map for chunk in images.split(batch)])


def spherical_kmeans(points: Tensor, clusters: int, seed: int) -> tuple[Tensor, Tensor]:
    """Cluster unit vectors by their cosine.

    Centres start at points drawn far from those before (k-means++).

    Args:
        points: (M, C) unit vectors, M at least `clusters`.
        clusters: Number of centres.
        seed: Of the start.

    Returns:
        Centres (clusters, C) of unit length, and the cluster (M,) of every point.
    """
    generator = Generator(points.device).manual_seed(seed)
    first = torch.randint(len(points), (1,), generator=generator, device=points.device)
    centres = points[first]  # (1, C)
    distance = 1.0 - points @ centres[0]  # (M,)
    for _ in range(clusters - 1):
        chance = distance.clamp_min(1e-12)
        centre = points[torch.multinomial(chance, 1, generator=generator)]
        centres = torch.cat([centres, centre])
        distance = torch.minimum(distance, 1.0 - points @ centre[0])
    for _ in range(ITERATIONS):
        cluster = (points @ centres.T).argmax(dim=1)
        sums = torch.zeros_like(centres).index_add_(0, cluster, points)
        filled = cluster.bincount(minlength=clusters) > 0
        centres = torch.where(filled[:, None], functional.normalize(sums, dim=1), centres)
    return centres, (points @ centres.T).argmax(dim=1)


def _cluster_mean(values: Tensor, cluster: Tensor) -> Tensor:
    """Mean of a value (M,) over each cluster's points; infinite for an empty cluster."""
    total = torch.zeros(CLUSTERS, device=values.device).index_add_(0, cluster, values)
    count = cluster.bincount(minlength=CLUSTERS)
    return torch.where(count > 0, total / count.clamp_min(1), torch.inf)
