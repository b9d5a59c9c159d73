"""CMC, mAP and mINP by the rules of Market-1501, for one query image at a time.

A query never counts gallery images of its own identity taken by its own camera; images of pid -1
are junk and never count; pid 0 is a distractor and always counts as wrong. A query without a valid
match is skipped, and the number of those that were not is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.similarity import similarity as compare

JUNK_PID = -1
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
        query_pids, gallery_pids: (Q,) and (G,) identities.
        query_camids, gallery_camids: (Q,) and (G,) cameras.
        ap: "step": mean over hits of hits so far / rank. "trapezoid": mean of old and new
            precision, as the original Market-1501 script.

    Raises:
        ValueError: Shapes differ, a value is NaN, `ap` is unknown, or no query has a match.
    """
    scores = np.asarray(similarity)
    ids = _identities(query_pids, gallery_pids, query_camids, gallery_camids)
    if scores.shape != (len(ids[0]), len(ids[1])):
        raise ValueError(
            f"similarity must be (Q, G) = ({len(ids[0])}, {len(ids[1])}), got {scores.shape}"
        )
    return _measure(iter([(0, scores)]), *ids, ap=ap)


def evaluate_embeddings(
    query: Embedding,
    gallery: Embedding,
    query_pids: ArrayLike,
    gallery_pids: ArrayLike,
    query_camids: ArrayLike,
    gallery_camids: ArrayLike,
    ap: str = "step",
    form: str = "eq8",
    block: int = 128,
) -> RetrievalMetrics:
    """Measure embeddings without ever holding the whole similarity matrix.

    Args:
        query: Q images.
        gallery: G images.
        query_pids, gallery_pids, query_camids, gallery_camids: As in `evaluate`.
        ap: As in `evaluate`.
        form: Key of `similarity.FORMS`.
        block: Queries compared at a time.

    Raises:
        ValueError: As in `evaluate` and `similarity.similarity`.
    """
    ids = _identities(query_pids, gallery_pids, query_camids, gallery_camids)
    if (len(query), len(gallery)) != (len(ids[0]), len(ids[1])):
        raise ValueError(
            f"embeddings and identities must agree, got {len(query)} queries with {len(ids[0])} "
            f"pids and {len(gallery)} gallery images with {len(ids[1])}"
        )
    blocks = (
        (start, compare(query[start : start + block], gallery, form).numpy())
        for start in range(0, len(query), block)
    )
    return _measure(blocks, *ids, ap=ap)


def _identities(query_pids, gallery_pids, query_camids, gallery_camids) -> tuple[np.ndarray, ...]:
    arrays = [np.asarray(a) for a in (query_pids, gallery_pids, query_camids, gallery_camids)]
    for name, pids, camids in (("query", *arrays[::2]), ("gallery", *arrays[1::2])):
        if pids.ndim != 1 or pids.shape != camids.shape:
            raise ValueError(
                f"{name} pids and camids must be vectors of one length, got {pids.shape} and "
                f"{camids.shape}"
            )
    return tuple(arrays)


def _measure(
    blocks: Iterator[tuple[int, np.ndarray]],
    query_pids: np.ndarray,
    gallery_pids: np.ndarray,
    query_camids: np.ndarray,
    gallery_camids: np.ndarray,
    ap: str,
) -> RetrievalMetrics:
    """Go through blocks of queries; each comes as its first query's number and its scores."""
    if ap not in AVERAGE_PRECISIONS:
        raise ValueError(f"ap must be one of {', '.join(AVERAGE_PRECISIONS)}, got {ap!r}")
    count = len(query_pids)
    precision, penalty, first = (np.full(count, np.nan) for _ in range(3))
    not_junk = gallery_pids != JUNK_PID
    for start, scores in blocks:
        if np.isnan(scores).any():
            raise ValueError("similarity must not hold NaN")
        order = np.argsort(-scores, axis=1, kind="stable")
        for row, ranked in enumerate(order, start=start):
            same = gallery_pids[ranked] == query_pids[row]
            valid = not_junk[ranked] & ~(same & (gallery_camids[ranked] == query_camids[row]))
            hits = same[valid]
            if query_pids[row] in (JUNK_PID, 0) or not hits.any():
                continue
            ranks = np.flatnonzero(hits) + 1  # of the correct matches, from 1
            precision[row] = _average_precision(ranks, ap)
            penalty[row] = len(ranks) / ranks[-1]
            first[row] = ranks[0]
    valid = np.isfinite(first)
    if not valid.any():
        raise ValueError(
            f"none of {count} queries has a match in the gallery by another camera: "
            "nothing can be measured"
        )
    length = min(MAX_RANK, len(gallery_pids))
    cmc = (first[valid][:, None] <= np.arange(1, length + 1)).mean(axis=0)
    return RetrievalMetrics(
        cmc=cmc,
        mean_ap=float(precision[valid].mean()),
        mean_inp=float(penalty[valid].mean()),
        num_valid_queries=int(valid.sum()),
        average_precision=precision,
        first_hit_rank=first,
        ap=ap,
    )


def _average_precision(ranks: np.ndarray, ap: str) -> float:
    """Average precision of correct matches at these ranks, all of them found."""
    found = np.arange(1, len(ranks) + 1)
    after = found / ranks
    if ap == "step":
        return float(after.mean())
    # The precision just before a hit; by convention 1 before the first rank.
    before = np.where(ranks > 1, (found - 1) / np.maximum(ranks - 1, 1), 1.0)
    return float(((before + after) / 2).mean())
