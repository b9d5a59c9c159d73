"""Re-ranking with k-reciprocal encoding (Zhong et al., CVPR 2017), on sparse neighbour lists.

Two images are alike if their nearest neighbours are. The published code holds several square
matrices over queries and gallery together; here only neighbour lists and sparse rows are held.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.ranking import rank
from aonet_core.retrieval.similarity import (
    QUERY_BLOCK,
    TINY,
    gallery_side,
    query_side,
    similarity_blocks,
)


def rerank_blocks(
    query: Embedding,
    gallery: Embedding,
    form: str = "eq8",
    k1: int = 20,
    k2: int = 6,
    weight: float = 0.3,
    query_block: int = QUERY_BLOCK,
) -> Iterator[tuple[int, Tensor]]:
    """Compare some queries at a time with the whole gallery, re-ranked.

    The distance re-ranked is 1 - similarity over its largest value for the image, in [0, 1].

    Args:
        query: Q images.
        gallery: G images.
        form: Key of `similarity.FORMS`.
        k1: Size of the neighbourhood that must be reciprocal.
        k2: Neighbours whose encodings are averaged; 1 for none.
        weight: Share of the first distance in the final one; the rest is Jaccard distance.
        query_block: Queries at a time.

    Yields:
        The number of the first query of a block, and (q, G) float32, higher is more alike:
        1 - final distance, in [0, 1].

    Raises:
        ValueError: A parameter is out of range, or as in `similarity.similarity`.
    """
    if k1 < 1 or k2 < 1 or not 0 <= weight <= 1:
        raise ValueError(
            "re-ranking needs k1 and k2 of at least 1 and a weight in [0, 1], got "
            f"{k1}, {k2} and {weight}"
        )
    everyone = Embedding(
        torch.cat([query.features, gallery.features]),
        torch.cat([query.awareness, gallery.awareness]),
    )
    neighbours = rank(everyone, everyone, max(k1 + 1, k2), form).indices.cpu().numpy()
    lowest = [block.amin(dim=1) for _, block in similarity_blocks(everyone, everyone, form)]
    farthest = (1 - torch.cat(lowest)).clamp_min(TINY)  # (N,)
    codes = _encode(everyone, form, _expanded(neighbours, k1), farthest)
    if k2 > 1:
        codes = _mean_of(neighbours[:, :k2]) @ codes
    of_gallery = codes[len(query) :].tocsc()
    for start, block in similarity_blocks(query, gallery, form, query_block):
        largest = farthest[start : start + len(block), None]
        rows = [_jaccard(codes[[start + row]], of_gallery) for row in range(len(block))]
        jaccard = torch.from_numpy(np.stack(rows)).to(block)
        yield start, 1 - weight * (1 - block) / largest - (1 - weight) * jaccard


def _reciprocal(neighbours: np.ndarray, image: int, k: int) -> set[int]:
    """Those among the nearest k + 1 of an image that have it among their nearest k + 1."""
    near = neighbours[image, : k + 1]
    return set(near[(neighbours[near, : k + 1] == image).any(axis=1)].tolist())


def _expanded(neighbours: np.ndarray, k1: int) -> list[np.ndarray]:
    """Reciprocal neighbours of every image, with those of neighbours that it shares most with."""
    half = round(k1 / 2)
    images = range(len(neighbours))
    wide = [_reciprocal(neighbours, image, k1) for image in images]
    narrow = [_reciprocal(neighbours, image, half) for image in images]
    result = []
    for own in wide:
        shared = [narrow[c] for c in own if len(own & narrow[c]) > 2 / 3 * len(narrow[c])]
        result.append(np.sort(np.fromiter(own.union(*shared), dtype=np.int64)))
    return result


def _encode(
    everyone: Embedding, form: str, neighbours: list[np.ndarray], farthest: Tensor
) -> sparse.csr_array:
    """Weights exp(-distance) of every image's chosen neighbours: (N, N), rows sum to 1."""
    weights = []
    for image, columns in enumerate(neighbours):
        own = query_side(everyone[image : image + 1], form)
        distance = 1 - own.compare(gallery_side(everyone[torch.from_numpy(columns)], form))[0]
        weights.append(torch.softmax(-distance / farthest[image], dim=0).cpu().numpy())
    return _rows(weights, neighbours)


def _mean_of(neighbours: np.ndarray) -> sparse.csr_array:
    """The matrix (N, N) that averages over every image's neighbours (N, k)."""
    share = np.full(neighbours.shape, 1 / neighbours.shape[1], dtype=np.float32)
    return _rows(list(share), list(neighbours))


def _rows(values: list[np.ndarray], columns: list[np.ndarray]) -> sparse.csr_array:
    """A square sparse matrix from the values and columns of each row."""
    ends = np.cumsum([0, *(len(row) for row in columns)])
    content = (np.concatenate(values), np.concatenate(columns), ends)
    return sparse.csr_array(content, shape=(len(values), len(values)))


def _jaccard(code: sparse.csr_array, of_gallery: sparse.csc_array) -> np.ndarray:
    """Jaccard distance (G,) of one code (1, N) to all of the gallery's (G, N).

    Codes sum to 1, so the larger of two sums to 2 minus what the smaller sums to.
    """
    common = np.zeros(of_gallery.shape[0], dtype=np.float32)
    for column, value in zip(code.indices, code.data, strict=True):
        part = slice(*of_gallery.indptr[column : column + 2])
        common[of_gallery.indices[part]] += np.minimum(value, of_gallery.data[part])
    return 1 - common / (2 - common)
