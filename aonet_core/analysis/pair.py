"""Why a gallery picture is where it is in a query's ranking, landmark by landmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.query_search import lead_by_landmark, paired_shares, place_of_best
from aonet_core.retrieval import Embedding, Side, query_side


@dataclass(frozen=True)
class Matched:
    """A query beside one gallery picture; K landmarks.

    Attributes:
        name: Of the gallery picture.
        rank: From 1, among the pictures that count; None where it does not count.
        awareness: (K,) weight of each landmark of the gallery picture.
        cosine: (K,) of the landmark features.
        weight_product: (K,) weight of each landmark in the match, query times gallery, before any
            division.
        shares: (K,) float64, the part of each landmark in the similarity.
    """

    name: str
    rank: int | None
    awareness: np.ndarray
    cosine: np.ndarray
    weight_product: np.ndarray
    shares: np.ndarray

    @property
    def similarity(self) -> float:
        """The sum of the shares."""
        return float(self.shares.sum())


@dataclass(frozen=True)
class Without:
    """The ranking with one landmark's weight 0.

    Attributes:
        landmark: Which, from 0 on.
        first: Name of the picture that comes first.
        match_rank: Rank from 1 of the match; None where it does not count.
        right_rank: Rank from 1 of the first right match; None where none is known.
    """

    landmark: int
    first: str
    match_rank: int | None
    right_rank: int | None


@dataclass(frozen=True)
class Pair:
    """A query, a match, and what stands on the other side.

    Attributes:
        awareness: (K,) weight of each landmark of the query.
        match: The gallery picture asked for.
        rival: The best wrong one where the match is right, the best right one where it is wrong;
            None where who is right is not known or there is none.
        match_is_right: None where who is right is not known.
        right_rank: Rank from 1 of the first right match; None where none is known.
        margin_by_landmark: (K,) share in the right match less that in the wrong one; None without
            a rival.
        lead_by_landmark: (K,) what each landmark adds to the lead of the right match, its weight
            alone adding nothing (`query_search.lead_by_landmark`); sums to the margin as well.
        without: The ranking without each landmark, in order.
        total: Gallery pictures that count.
        form: Form of the match.
    """

    awareness: np.ndarray
    match: Matched
    rival: Matched | None
    match_is_right: bool | None
    right_rank: int | None
    margin_by_landmark: np.ndarray | None
    lead_by_landmark: np.ndarray | None
    without: tuple[Without, ...]
    total: int
    form: str

    @property
    def margin(self) -> float | None:
        """Similarity of the right match less that of the wrong one; None without a rival."""
        return None if self.margin_by_landmark is None else float(self.margin_by_landmark.sum())


@dataclass(frozen=True)
class Ranked:
    """A gallery to be searched for one query; G pictures.

    Attributes:
        names: (G,) of its pictures.
        embedding: Of them.
        side: Of them, in the form of the match.
        counts: (G,) bool, which pictures count.
        right: (G,) bool, which are right; all False where that is not known.
        form: Form of the match.
    """

    names: Sequence[str]
    embedding: Embedding
    side: Side
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
    counts, right = gallery.counts, gallery.right & gallery.counts
    scores = _scores(query, gallery, without)
    best_right, right_rank = place_of_best(scores, right, counts)
    best_wrong, _ = place_of_best(scores, counts & ~right, counts)
    known = best_right >= 0
    is_right = bool(gallery.right[match]) if known else None
    other = best_wrong if is_right else best_right
    matched = _matched(query, match, scores, gallery, without)
    rival = _matched(query, other, scores, gallery, without) if known and other >= 0 else None
    margin = lead = None
    if rival is not None:
        pair = (matched, rival) if is_right else (rival, matched)
        margin = pair[0].shares - pair[1].shares
        places = (match, other) if is_right else (other, match)
        sides = (gallery.embedding[place : place + 1] for place in places)
        lead = lead_by_landmark(query, *sides, gallery.form, without)[0]
    return Pair(
        awareness=query.awareness[0].float().cpu().numpy(),
        match=matched,
        rival=rival,
        match_is_right=is_right,
        right_rank=right_rank if known else None,
        margin_by_landmark=margin,
        lead_by_landmark=lead,
        without=tuple(
            _without(query, match, gallery, (*without, k), right)
            for k in range(query.awareness.shape[1])
        ),
        total=int(counts.sum()),
        form=gallery.form,
    )


def _scores(query: Embedding, gallery: Ranked, without: Sequence[int]) -> np.ndarray:
    left = query_side(query, gallery.form).without(without)
    return left.compare(gallery.side)[0].cpu().numpy()


def _rank_of(place: int, scores: np.ndarray, counts: np.ndarray) -> int | None:
    """Rank from 1 of a picture; None where it does not count."""
    if not counts[place]:
        return None
    one = np.zeros_like(counts)
    one[place] = True
    return place_of_best(scores, one, counts)[1]


def _matched(
    query: Embedding, place: int, scores: np.ndarray, gallery: Ranked, without: Sequence[int]
) -> Matched:
    there = gallery.embedding[place : place + 1]
    kept = np.ones(query.awareness.shape[1])
    kept[list(without)] = 0
    return Matched(
        name=gallery.names[place],
        rank=_rank_of(place, scores, gallery.counts),
        awareness=there.awareness[0].float().cpu().numpy(),
        cosine=len(kept) * paired_shares(query, there, "unweighted")[0],
        weight_product=kept * pair_weights(query, there, gallery.form),
        shares=paired_shares(query, there, gallery.form, without)[0],
    )


def pair_weights(query: Embedding, gallery: Embedding, form: str) -> np.ndarray:
    """Weight (K,) of each landmark in the match of one picture with another."""
    from aonet_core.retrieval import FORMS

    weights = FORMS[form].query(query.awareness.double()) * FORMS[form].gallery(
        gallery.awareness.double()
    )
    return weights[0].cpu().numpy()


def _without(
    query: Embedding, match: int, gallery: Ranked, without: Sequence[int], right: np.ndarray
) -> Without:
    scores = _scores(query, gallery, without)
    first, _ = place_of_best(scores, gallery.counts, gallery.counts)
    right_rank = place_of_best(scores, right, gallery.counts)[1] if right.any() else None
    return Without(
        landmark=without[-1],
        first=gallery.names[first],
        match_rank=_rank_of(match, scores, gallery.counts),
        right_rank=right_rank,
    )
