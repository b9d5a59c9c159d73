"""Does the gallery know what a landmark shows? A hidden landmark mostly resembles nobody."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from aonet_core.retrieval import Embedding, gallery_side, query_side, similarity_blocks
from aonet_core.retrieval.similarity import GALLERY_BLOCK

QUANTILE = 0.05
"""Share of gallery pictures whose landmark is as unfamiliar as is called unfamiliar."""
MOST_SAMPLED, FEWEST_SAMPLED = 256, 20
"""Gallery pictures that familiarity is measured on; with fewer nothing is told."""
BLOCK = 64
SAME, SAME_AWARENESS = 0.9995, 0.02
"""Mean cosine, and largest difference of awareness, of what is taken for one picture."""


def familiarity(
    pictures: Embedding, gallery: Embedding, counts: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Find how much a gallery picture resembles each landmark at most.

    Args:
        pictures: N pictures.
        gallery: G pictures.
        counts: Maps the number of a picture to the gallery pictures (G,) bool that count for it.

    Returns:
        (N, K) cosines; NaN where none counts.
    """
    landmarks = pictures.awareness.shape[1]
    result = np.empty((len(pictures), landmarks))
    for start in range(0, len(pictures), BLOCK):
        part = slice(start, start + BLOCK)
        left = query_side(pictures[part], "unweighted")
        rows = range(start, start + len(left.vectors))
        counted = torch.from_numpy(np.stack([counts(row) for row in rows]))
        best = torch.full((len(rows), landmarks), -torch.inf)
        for low in range(0, len(gallery), GALLERY_BLOCK):
            columns = slice(low, low + GALLERY_BLOCK)
            cosine = landmarks * left.share(gallery_side(gallery[columns], "unweighted"))
            cosine = cosine.cpu().masked_fill_(~counted[:, columns, None], -torch.inf)  # (n, g, K)
            best = torch.maximum(best, cosine.amax(dim=1))
        result[part] = best.numpy()
    return np.where(np.isfinite(result), result, np.nan)


def unfamiliar_below(gallery: Embedding, pids: np.ndarray, camids: np.ndarray) -> np.ndarray:
    """What all but 5 % of gallery pictures reach among each other, by landmark: (K,).

    A picture is not compared with itself, nor with those of its identity by its own camera.

    Args:
        gallery: G pictures, of which evenly spaced ones are sampled.
        pids: (G,) identities; 0 where unknown.
        camids: (G,) cameras.

    Returns:
        (K,) cosines; NaN where the gallery is too small to tell.
    """
    pids, camids = np.asarray(pids), np.asarray(camids)
    sampled = np.unique(
        np.linspace(0, len(gallery) - 1, min(MOST_SAMPLED, len(gallery))).astype(np.int64)
    )

    def counts(row: int) -> np.ndarray:
        own = sampled[row]
        counted = (pids != pids[own]) | (camids != camids[own]) | (pids[own] <= 0)
        counted[own] = False
        return counted

    cosines = familiarity(gallery[torch.from_numpy(sampled)], gallery, counts)
    if np.isfinite(cosines).all(axis=1).sum() < FEWEST_SAMPLED:
        return np.full(cosines.shape[1], np.nan)
    return np.nanquantile(cosines, QUANTILE, axis=0)


def same_pictures(
    query: Embedding, gallery: Embedding, report: Callable[[int], None] = lambda done: None
) -> list[np.ndarray]:
    """Find the gallery pictures that are a query picture itself, by what the network says of both.

    Args:
        query: Q pictures.
        gallery: G pictures.
        report: Told of queries done.

    Returns:
        Positions in the gallery, for every query.
    """
    awareness = gallery.awareness.float()
    matches = []
    for start, block in similarity_blocks(query, gallery, "unweighted"):
        for row, similarity in enumerate(block, start):
            near = (similarity > SAME).nonzero()[:, 0]
            apart = (awareness[near] - query.awareness[row].float()).abs().amax(dim=1)
            matches.append(near[apart < SAME_AWARENESS].cpu().numpy())
        report(len(matches))
    return matches
