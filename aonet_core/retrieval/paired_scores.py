"""Landmark shares of pictures pair by pair: picture i of one side with picture i of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aonet_core.retrieval import FORMS, Embedding, gallery_side, query_side


def paired_cosines(query: Embedding, gallery: Embedding) -> np.ndarray:
    """Cosine (N, K) float64 of the landmark features."""
    return query.awareness.shape[1] * paired_shares(query, gallery, "unweighted")


def paired_weights(query: Embedding, gallery: Embedding, form: str) -> np.ndarray:
    """What the cosine of each landmark is multiplied with (N, K), before any division."""
    weights = FORMS[form].query(query.awareness) * FORMS[form].gallery(gallery.awareness)
    return weights.double().cpu().numpy()


def paired_shares(
    query: Embedding, gallery: Embedding, form: str, without: Sequence[int] = ()
) -> np.ndarray:
    """The part (N, K) float64 of each landmark in the similarity of pictures pair by pair."""
    left = query_side(query, form).without(without)
    return left.paired_share(gallery_side(gallery, form)).double().cpu().numpy()


def lead_by_landmark(
    query: Embedding, right: Embedding, wrong: Embedding, form: str, without: Sequence[int] = ()
) -> np.ndarray:
    """What each landmark adds to the lead of a right match over a wrong one: (N, K) float64.

    It sums over the landmarks to the difference of the similarities. In forms that divide by the
    weights, a landmark that weighs more has a larger share even where it is no more alike than the
    rest. There the shares are measured from the level of both matches, the mean of their
    similarities; since weights sum to 1 on either side, the sum stays what it was.

    Args:
        query: N queries.
        right: The right match of each.
        wrong: The wrong match of each.
        form: Key of `FORMS`.
        without: Landmarks whose weight is 0.
    """
    left = query_side(query, form).without(without)
    sides = [gallery_side(gallery, form) for gallery in (right, wrong)]
    shares = [left.paired_share(side).double() for side in sides]
    weights = [weight for side in sides if (weight := left.paired_weight(side)) is not None]
    if weights:
        level = (shares[0] + shares[1]).sum(dim=1, keepdim=True) / 2
        shares = [share - weight * level for share, weight in zip(shares, weights, strict=True)]
    return (shares[0] - shares[1]).cpu().numpy()
