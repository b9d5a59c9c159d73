"""Why a gallery picture is where it is in a query's ranking, landmark by landmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.evaluation.query_search import place_of_best
from aonet_core.results.pair import Matched, Pair, Without
from aonet_core.retrieval import Embedding, similarity_blocks
from aonet_core.retrieval.paired_scores import (
    lead_by_landmark,
    paired_cosines,
    paired_shares,
    paired_weights,
)


@dataclass(frozen=True)
class Ranked:
    """A gallery to be searched for one query; G pictures.

    Attributes:
        names: (G,) of its pictures.
        embedding: Of them.
        counts: (G,) bool, which pictures count.
        right: (G,) bool, which are right; all False where that is not known.
        form: Form of the match.
    """

    names: Sequence[str]
    embedding: Embedding
    counts: np.ndarray
    right: np.ndarray
    form: str


def analyse_pair(
    query: Embedding, match: int, gallery: Ranked, without: Sequence[int] = ()
) -> Pair:
    """Take a query and a match apart.

    Args:
        query: One picture.
        match: Position of the match in the gallery.
        gallery: Where it is ranked.
        without: Landmarks whose weight is 0 all along.
    """
    landmarks = query.awareness.shape[1]
    counts, right = gallery.counts, gallery.right & gallery.counts
    similarity = _similarity(query, gallery, without)
    best_right, right_rank = place_of_best(similarity, right, counts)
    best_wrong, _ = place_of_best(similarity, counts & ~right, counts)
    has_right = best_right >= 0
    is_right = bool(gallery.right[match]) if has_right else None
    other = best_wrong if is_right else best_right
    matched = _matched(query, match, similarity, gallery, without)
    rival = (
        _matched(query, other, similarity, gallery, without) if has_right and other >= 0 else None
    )
    margin = lead = None
    if rival is not None:
        pair = (matched, rival) if is_right else (rival, matched)
        margin = pair[0].shares - pair[1].shares
        places = (match, other) if is_right else (other, match)
        first, second = (gallery.embedding[place : place + 1] for place in places)
        lead = lead_by_landmark(query, first, second, gallery.form, without)[0]
    return Pair(
        awareness=query.awareness[0].float().cpu().numpy(),
        match=matched,
        rival=rival,
        match_is_right=is_right,
        right_rank=right_rank if has_right else None,
        margin_by_landmark=margin,
        lead_by_landmark=lead,
        without=tuple(
            _without(query, match, gallery, (*without, k), right)
            for k in range(landmarks)
            if len({*without, k}) < landmarks
        ),
        total=int(counts.sum()),
        form=gallery.form,
    )


def _similarity(query: Embedding, gallery: Ranked, without: Sequence[int]) -> np.ndarray:
    blocks = similarity_blocks(query, gallery.embedding, gallery.form, without=without)
    ((_, block),) = blocks
    return block[0].cpu().numpy()


def _rank_of(place: int, similarity: np.ndarray, counts: np.ndarray) -> int | None:
    """Rank from 1 of a picture; None where it does not count."""
    if not counts[place]:
        return None
    one = np.zeros_like(counts)
    one[place] = True
    return place_of_best(similarity, one, counts)[1]


def _matched(
    query: Embedding, place: int, similarity: np.ndarray, gallery: Ranked, without: Sequence[int]
) -> Matched:
    match = gallery.embedding[place : place + 1]
    factors = np.ones(query.awareness.shape[1])
    factors[list(without)] = 0
    return Matched(
        name=gallery.names[place],
        rank=_rank_of(place, similarity, gallery.counts),
        awareness=match.awareness[0].float().cpu().numpy(),
        cosine=paired_cosines(query, match)[0],
        weight_product=factors * paired_weights(query, match, gallery.form)[0],
        shares=paired_shares(query, match, gallery.form, without)[0],
    )


def _without(
    query: Embedding, match: int, gallery: Ranked, without: Sequence[int], right: np.ndarray
) -> Without:
    similarity = _similarity(query, gallery, without)
    first, _ = place_of_best(similarity, gallery.counts, gallery.counts)
    right_rank = place_of_best(similarity, right, gallery.counts)[1] if right.any() else None
    return Without(
        landmark=without[-1],
        first=gallery.names[first],
        match_rank=_rank_of(match, similarity, gallery.counts),
        right_rank=right_rank,
    )
