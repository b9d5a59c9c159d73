"""Exact ranking of a gallery, in blocks: memory does not grow with queries times gallery."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.similarity import (
    GALLERY_BLOCK,
    QUERY_BLOCK,
    check_match,
    gallery_side,
    query_side,
)


@dataclass(frozen=True)
class Ranking:
    """The best matches of every query, best first.

    Attributes:
        indices: (Q, top_k) int64 positions in the gallery; equals keep the gallery's order.
        similarity: (Q, top_k) float32.
    """

    indices: Tensor
    similarity: Tensor


def rank(
    query: Embedding,
    gallery: Embedding,
    top_k: int = 50,
    form: str = "eq8",
    query_block: int = QUERY_BLOCK,
    gallery_block: int = GALLERY_BLOCK,
) -> Ranking:
    """Find the best `top_k` gallery images of every query, exactly.

    Args:
        query: Q images.
        gallery: G images.
        top_k: How many to keep; fewer are returned if the gallery is smaller.
        form: Key of `similarity.FORMS`.
        query_block: Queries compared at a time.
        gallery_block: Gallery images compared at a time.

    Raises:
        ValueError: `top_k` is not positive, the gallery is empty, or as in `similarity`.

    Examples:
        >>> features = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 1.0]]])
        >>> pictures = Embedding(features, torch.ones(3, 1))
        >>> rank(Embedding(features[:1], torch.ones(1, 1)), pictures, top_k=2).indices.tolist()
        [[0, 2]]
    """
    if top_k < 1 or len(gallery) == 0:
        raise ValueError(
            f"ranking needs a gallery and top_k of at least 1, got {len(gallery)} images and "
            f"top_k {top_k}"
        )
    check_match(query, gallery, form)
    blocks = [
        _rank_block(query[start : start + query_block], gallery, top_k, form, gallery_block)
        for start in range(0, max(1, len(query)), query_block)
    ]
    return Ranking(
        torch.cat([block.indices for block in blocks]),
        torch.cat([block.similarity for block in blocks]),
    )


def _rank_block(
    query: Embedding, gallery: Embedding, top_k: int, form: str, gallery_block: int
) -> Ranking:
    """Keep a running best while going through the gallery."""
    left = query_side(query, form)
    best = torch.empty(len(query), 0, device=left.vectors.device)
    where = torch.empty(len(query), 0, dtype=torch.int64, device=best.device)
    for start in range(0, len(gallery), gallery_block):
        block = left.compare(gallery_side(gallery[start : start + gallery_block], form))  # (q, g)
        positions = torch.arange(start, start + block.shape[1], device=best.device)
        best = torch.cat([best, block], dim=1)
        where = torch.cat([where, positions.expand(len(query), -1)], dim=1)
        # A stable sort keeps equals in the gallery's order: earlier blocks come first.
        best, order = best.sort(dim=1, descending=True, stable=True)
        best, where = best[:, :top_k], where.gather(1, order)[:, :top_k]
    return Ranking(where, best)
