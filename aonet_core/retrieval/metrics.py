"""CMC, mAP and mINP by the rules of Market-1501, for one query image at a time.

A query never counts gallery images of its own identity taken by its own camera; images of pid -1
are junk and never count; pid 0 is a distractor and always counts as wrong. A query without a valid
match is skipped, and the number of those that were not is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from aonet_core.errors import check_choice
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.rerank import rerank_blocks
from aonet_core.retrieval.similarity import similarity_blocks

JUNK_PID, DISTRACTOR_PID = -1, 0
MAX_RANK = 50
AVERAGE_PRECISIONS = ("step", "trapezoid")


@dataclass(frozen=True)
class RetrievalMetrics:
    """Figures of a retrieval run; shares in [0, 1].

    Attributes:
        cmc: (R,) share of valid queries with a correct match among the first r + 1, R at most 50
            and never more than the gallery holds.
        mean_ap: Mean average precision over valid queries.
        mean_inp: Mean inverse negative penalty: hits over the rank of the last hit.
        num_valid_queries: Queries that have a correct match to find.
        average_precision: (Q,) of every query, NaN where skipped.
        first_hit_rank: (Q,) rank from 1 of the first correct match, NaN where skipped.
        ap: Which average precision: "step" or "trapezoid".
    """

    cmc: np.ndarray
    mean_ap: float
    mean_inp: float
    num_valid_queries: int
    average_precision: np.ndarray
    first_hit_rank: np.ndarray
    ap: str


@dataclass(frozen=True)
class Labels:
    """Who and which camera is in every query and gallery image: (Q,) or (G,) each."""

    query_pids: np.ndarray
    gallery_pids: np.ndarray
    query_camids: np.ndarray
    gallery_camids: np.ndarray

    def __init__(
        self,
        query_pids: ArrayLike,
        gallery_pids: ArrayLike,
        query_camids: ArrayLike,
        gallery_camids: ArrayLike,
    ) -> None:
        """Take whatever NumPy can read.

        Raises:
            ValueError: Identities and cameras of a side are not vectors of one length.
        """
        object.__setattr__(self, "query_pids", np.asarray(query_pids))
        object.__setattr__(self, "gallery_pids", np.asarray(gallery_pids))
        object.__setattr__(self, "query_camids", np.asarray(query_camids))
        object.__setattr__(self, "gallery_camids", np.asarray(gallery_camids))
        for side in ("query", "gallery"):
            pids, camids = getattr(self, f"{side}_pids"), getattr(self, f"{side}_camids")
            if pids.ndim != 1 or pids.shape != camids.shape:
                raise ValueError(
                    f"{side} pids and camids must be vectors of one length, got {pids.shape} and "
                    f"{camids.shape}"
                )

    def compared(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Which gallery images count for a query, and which of all show the same identity."""
        same = self.gallery_pids == self.query_pids[row]
        own_camera = same & (self.gallery_camids == self.query_camids[row])
        if self.query_pids[row] in (JUNK_PID, DISTRACTOR_PID):
            same = np.zeros_like(same)
        return (self.gallery_pids != JUNK_PID) & ~own_camera, same


def evaluate(
    similarity: ArrayLike,
    query_pids: ArrayLike,
    gallery_pids: ArrayLike,
    query_camids: ArrayLike,
    gallery_camids: ArrayLike,
    ap: str = "step",
) -> RetrievalMetrics:
    """Measure a whole similarity matrix.

    Args:
        similarity: (Q, G), higher is more alike; NumPy or torch.
        query_pids: (Q,) identities.
        gallery_pids: (G,) identities.
        query_camids: (Q,) cameras.
        gallery_camids: (G,) cameras.
        ap: "step": mean over hits of hits so far / rank. "trapezoid": mean of old and new
            precision, as the original Market-1501 script.

    Raises:
        ValueError: Shapes differ, a value is NaN, `ap` is unknown, or no query has a match.
    """
    matrix = similarity.detach().cpu() if hasattr(similarity, "detach") else similarity
    labels = Labels(query_pids, gallery_pids, query_camids, gallery_camids)
    return measure_blocks([(0, np.asarray(matrix))], labels, ap)


def evaluate_embeddings(
    query: Embedding,
    gallery: Embedding,
    query_pids: ArrayLike,
    gallery_pids: ArrayLike,
    query_camids: ArrayLike,
    gallery_camids: ArrayLike,
    ap: str = "step",
    form: str = "eq8",
    rerank: bool = False,
) -> RetrievalMetrics:
    """Measure embeddings without ever holding the whole similarity matrix.

    Args:
        query: Q images.
        gallery: G images.
        query_pids: (Q,) identities.
        gallery_pids: (G,) identities.
        query_camids: (Q,) cameras.
        gallery_camids: (G,) cameras.
        ap: As in `evaluate`.
        form: Key of `similarity.FORMS`.
        rerank: Apply k-reciprocal re-ranking first (see `rerank.rerank_blocks`).

    Raises:
        ValueError: As in `evaluate` and `similarity.similarity`.
    """
    labels = Labels(query_pids, gallery_pids, query_camids, gallery_camids)
    if (len(query), len(gallery)) != (len(labels.query_pids), len(labels.gallery_pids)):
        raise ValueError(
            "embeddings and identities must agree, got "
            f"{len(query)} queries with {len(labels.query_pids)} pids and "
            f"{len(gallery)} gallery images with {len(labels.gallery_pids)}"
        )
    blocks = (rerank_blocks if rerank else similarity_blocks)(query, gallery, form)
    return measure_blocks(((start, block.cpu().numpy()) for start, block in blocks), labels, ap)


def measure_blocks(
    blocks: Iterable[tuple[int, np.ndarray]], labels: Labels, ap: str = "step"
) -> RetrievalMetrics:
    """Measure blocks of queries: the number of the first one and similarities (q, G).

    Raises:
        ValueError: As in `evaluate`.
    """
    check_choice("ap", ap, AVERAGE_PRECISIONS)
    count, gallery = len(labels.query_pids), len(labels.gallery_pids)
    precision, penalty, first = (np.full(count, np.nan) for _ in range(3))
    measured = 0
    for start, block in blocks:
        measured += len(block)
        if block.ndim != 2 or block.shape[1] != gallery or measured > count:
            raise ValueError(f"similarity must be (Q, G) = ({count}, {gallery}), got {block.shape}")
        if np.isnan(block).any():
            raise ValueError("similarity must not hold NaN")
        for row, similarity in enumerate(block, start):
            ranks = hit_ranks(similarity, *labels.compared(row))
            precision[row], penalty[row], first[row] = query_figures(ranks, ap)
    if measured != count:
        raise ValueError(f"similarity must be (Q, G) = ({count}, {gallery}), got {measured} rows")
    return summarise(precision, penalty, first, gallery, ap)


def summarise(
    precision: np.ndarray, penalty: np.ndarray, first: np.ndarray, gallery: int, ap: str
) -> RetrievalMetrics:
    """Gather the figures of queries, `query_figures` of each: (Q,) every one.

    Raises:
        ValueError: No query has a match.
    """
    valid = np.isfinite(first)
    if not valid.any():
        raise ValueError(
            f"none of {len(first)} queries has a match in the gallery by another camera: "
            "nothing can be measured"
        )
    return RetrievalMetrics(
        cmc=(first[valid][:, None] <= np.arange(1, min(MAX_RANK, gallery) + 1)).mean(axis=0),
        mean_ap=float(precision[valid].mean()),
        mean_inp=float(penalty[valid].mean()),
        num_valid_queries=int(valid.sum()),
        average_precision=precision,
        first_hit_rank=first,
        ap=ap,
    )


def hit_ranks(similarity: np.ndarray, counts: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Ranks from 1 of a query's correct matches, ascending; equals keep the gallery's order.

    Args:
        similarity: (G,) similarities, without NaN.
        counts: (G,) which gallery images count.
        same: (G,) which show the same identity.
    """
    hits = np.flatnonzero(counts & same)
    if not len(hits):
        return hits
    of_hits = similarity[hits]
    above = np.sort(similarity[counts & (similarity >= of_hits.min())])  # quicker than positions
    end = np.searchsorted(above, of_hits, "right")
    ranks = len(above) - end + 1
    for tie in np.flatnonzero(end - np.searchsorted(above, of_hits) > 1):
        ranks[tie] += np.count_nonzero((counts & (similarity == of_hits[tie]))[: hits[tie]])
    return np.sort(ranks)


def query_figures(ranks: np.ndarray, ap: str = "step") -> tuple[float, float, float]:
    """Average precision, inverse negative penalty and first rank; NaN each without a match.

    Args:
        ranks: As `hit_ranks` gives them.
        ap: As in `evaluate`.
    """
    if not len(ranks):
        return (float("nan"),) * 3
    return _average_precision(ranks, ap), float(len(ranks) / ranks[-1]), float(ranks[0])


def _average_precision(ranks: np.ndarray, ap: str) -> float:
    """Average precision of correct matches at these ranks, all of them found."""
    hits = np.arange(1, len(ranks) + 1)
    after = hits / ranks
    if ap == "step":
        return float(after.mean())
    # The precision just before a hit; by convention 1 before the first rank.
    before = np.where(ranks > 1, (hits - 1) / np.maximum(ranks - 1, 1), 1.0)
    return float(((before + after) / 2).mean())
