"""What holds for the match of any two sets of pictures, and for any ranking of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aonet_core.retrieval import FORMS, Embedding, evaluate, landmark_share, rank, similarity
from tests.comparing import assert_same_ranking
from tests.reference.test_retrieval_reference import slow_metrics

ROUNDING = 1e-5
SYMMETRIC = sorted(set(FORMS) - {"query_weighted"})
# Features are zero or have a length far from the smallest that a cosine divides by.
values = st.floats(-100, 100, width=32).map(lambda value: value if abs(value) > 1e-6 else 0.0)
weights = st.floats(0, 1, width=32)


@st.composite
def sides(draw):
    """A query and a gallery side of the same landmarks and channels; features may be zero."""
    landmarks, channels = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    return tuple(
        Embedding(
            torch.from_numpy(draw(arrays(np.float32, (n, landmarks, channels), elements=values))),
            torch.from_numpy(draw(arrays(np.float32, (n, landmarks), elements=weights))),
        )
        for n in (draw(st.integers(1, 4)), draw(st.integers(1, 6)))
    )


@given(sides(), st.sampled_from(sorted(FORMS)))
def test_similarity_is_bounded_and_made_of_the_landmarks_shares(pair, form):
    query, gallery = pair
    scores = similarity(query, gallery, form)
    assert scores.shape == (len(query), len(gallery)) and scores.isfinite().all()
    assert (scores.abs() <= 1 + ROUNDING).all()
    share = landmark_share(query, gallery, form)
    torch.testing.assert_close(share.sum(dim=2), scores, atol=ROUNDING, rtol=0)


@given(sides(), st.sampled_from(SYMMETRIC))
def test_who_asks_whom_makes_no_difference(pair, form):
    query, gallery = pair
    torch.testing.assert_close(
        similarity(query, gallery, form), similarity(gallery, query, form).T, atol=ROUNDING, rtol=0
    )


@given(sides(), st.sampled_from(sorted(FORMS)), st.randoms(use_true_random=False))
def test_the_order_of_landmarks_makes_no_difference(pair, form, random):
    order = list(range(pair[0].awareness.shape[1]))
    random.shuffle(order)
    moved = [Embedding(e.features[:, order], e.awareness[:, order]) for e in pair]
    torch.testing.assert_close(
        similarity(*moved, form), similarity(*pair, form), atol=ROUNDING, rtol=0
    )
    torch.testing.assert_close(
        landmark_share(*moved, form),
        landmark_share(*pair, form)[:, :, order],
        atol=ROUNDING,
        rtol=0,
    )


@given(sides(), st.sampled_from(sorted(FORMS)), st.sampled_from([0.25, 2.0, 1024.0]))
def test_only_the_direction_of_features_counts(pair, form, scale):
    query, gallery = pair
    scaled = Embedding(query.features * scale, query.awareness)
    torch.testing.assert_close(
        similarity(scaled, gallery, form), similarity(query, gallery, form), atol=ROUNDING, rtol=0
    )


@given(sides(), st.sampled_from(sorted(FORMS)), st.integers(1, 8), st.integers(1, 3))
def test_a_ranking_in_blocks_is_that_of_all_similarities(pair, form, top_k, block):
    query, gallery = pair
    whole = similarity(query, gallery, form).numpy()
    found = rank(query, gallery, top_k=top_k, form=form, query_block=block, gallery_block=block)
    for row, scores in enumerate(whole):
        order = np.argsort(-scores, kind="stable")
        assert_same_ranking(
            (found.indices[row].numpy(), found.similarity[row].numpy()),
            (order[: min(top_k, len(gallery))], scores[order][: min(top_k, len(gallery))]),
            ROUNDING,
            everyone=dict(enumerate(scores)),
        )


@st.composite
def retrievals(draw):
    """Scores with many ties, and identities and cameras with junk, distractors and strangers."""
    queries, gallery = draw(st.integers(1, 6)), draw(st.integers(1, 14))

    def numbers(count, low, high):
        return draw(arrays(np.int64, (count,), elements=st.integers(low, high)))

    scores = draw(arrays(np.int64, (queries, gallery), elements=st.integers(-4, 4))) / 4
    pids = numbers(queries, -1, 3), numbers(gallery, -1, 3)
    return scores, (*pids, numbers(queries, 1, 2), numbers(gallery, 1, 2))


@given(retrievals(), st.sampled_from(["step", "trapezoid"]))
def test_metrics_are_those_of_walking_down_every_ranking(case, ap):
    scores, ids = case
    precisions, penalties, firsts, cmc = slow_metrics(scores, *ids, ap)
    if np.isnan(precisions).all():
        with pytest.raises(ValueError, match=f"none of {len(scores)} queries has a match"):
            evaluate(scores, *ids, ap=ap)
        return
    found = evaluate(scores, *ids, ap=ap)
    np.testing.assert_allclose(found.average_precision, precisions, atol=1e-12)
    np.testing.assert_allclose(found.first_hit_rank, firsts)
    np.testing.assert_allclose(found.cmc, cmc, atol=1e-12)
    assert found.mean_ap == pytest.approx(np.nanmean(precisions))
    assert found.mean_inp == pytest.approx(np.nanmean(penalties))
    assert found.num_valid_queries == np.isfinite(firsts).sum()


@given(retrievals())
def test_whoever_never_counts_changes_no_figure(case):
    """Junk, and one's own camera, may come first or last."""
    scores, ids = case
    q_pids, g_pids, q_cams, g_cams = ids
    never = (g_pids == -1) | ((q_pids[:, None] == g_pids) & (q_cams[:, None] == g_cams))
    results = []
    for moved in (np.where(never, 9.0, scores), np.where(never, -9.0, scores)):
        try:
            results.append(evaluate(moved, *ids).average_precision)
        except ValueError as error:
            results.append(str(error))
    np.testing.assert_array_equal(*results)
