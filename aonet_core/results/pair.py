"""A query beside a gallery picture: plain NumPy, no torch; K landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
            alone adding nothing (`pairwise.lead_by_landmark`); sums to the margin as well.
        without: The ranking without each landmark, in order; not without the only one that counts.
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
