"""CMC, mAP, mINP by hand-made cases, and the rules of who counts."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch

from aonet_core.retrieval import Embedding, evaluate, evaluate_embeddings
from aonet_core.retrieval.metrics import Labels, measure_blocks, query_figures


def one_query(relevant, ap="step"):
    """A query whose gallery, best first, is relevant or not."""
    pids = np.where(relevant, 1, 2)
    scores = -np.arange(len(pids), dtype=float)[None]
    return evaluate(scores, [1], pids, [1], np.full(len(pids), 2), ap=ap)


def at_ranks(*ranks):
    relevant = np.zeros(10, dtype=bool)
    relevant[np.array(ranks) - 1] = True
    return relevant


@pytest.mark.parametrize(
    ("ranks", "step", "trapezoid"),
    [((1, 3), 5 / 6, 19 / 24), ((2,), 1 / 2, 1 / 4), ((2, 5, 9), 0.4111, 0.2889)],
)
def test_both_average_precisions(ranks, step, trapezoid):
    assert one_query(at_ranks(*ranks)).mean_ap == pytest.approx(step, abs=5e-5)
    assert one_query(at_ranks(*ranks), "trapezoid").mean_ap == pytest.approx(trapezoid, abs=5e-5)


def test_the_step_is_the_usual_average_precision():
    assert query_figures(np.array([1, 3]))[0] == pytest.approx(5 / 6)
    labels = Labels([1], [2, 1], [1], [2, 2])
    assert measure_blocks([(0, np.array([[0.9, 0.8]]))], labels).mean_ap == 0.5


def test_what_was_measured_stays():
    with pytest.raises(FrozenInstanceError):
        one_query(at_ranks(1)).mean_ap = 1.0
    with pytest.raises(FrozenInstanceError):
        Labels([1], [1], [1], [2]).query_pids = [2]


def test_cmc_first_hit_and_penalty():
    result = one_query(at_ranks(2, 5))
    assert result.cmc.tolist() == [0.0] + [1.0] * 9
    assert result.first_hit_rank.tolist() == [2]
    assert result.mean_inp == pytest.approx(2 / 5)
    assert result.num_valid_queries == 1 and result.ap == "step"


def test_same_identity_by_the_same_camera_never_counts_but_others_of_that_camera_do():
    # Best first: own camera (skipped), a stranger by that camera, the match.
    result = evaluate([[0.9, 0.8, 0.7]], [1], [1, 2, 1], [1], [1, 1, 2])
    assert result.first_hit_rank.tolist() == [2]


def test_junk_is_skipped_and_distractors_count_as_wrong():
    result = evaluate([[0.9, 0.8, 0.7]], [1], [-1, 0, 1], [1], [2, 2, 2])
    assert result.first_hit_rank.tolist() == [2]
    assert result.mean_ap == pytest.approx(0.5)


def test_equal_scores_keep_the_order_of_the_gallery():
    result = evaluate([[0.5, 0.5, 0.5]], [1], [2, 1, 2], [1], [2, 2, 2])
    assert result.first_hit_rank.tolist() == [2]


def test_a_query_without_a_valid_match_is_skipped_and_counted():
    scores = [[0.9, 0.1], [0.9, 0.1]]
    result = evaluate(scores, [1, 3], [1, 2], [1, 1], [2, 2])
    assert result.num_valid_queries == 1 and result.mean_ap == 1.0
    assert np.isnan(result.average_precision).tolist() == [False, True]
    assert np.isnan(result.first_hit_rank).tolist() == [False, True]


@pytest.mark.parametrize(
    ("gallery_pids", "gallery_camids"),
    [([-1, -1], [2, 2]), ([0, 0], [2, 2]), ([1, 1], [1, 1]), ([2, 3], [2, 2])],
    ids=["all junk", "distractors only", "own camera only", "strangers"],
)
def test_no_valid_query_at_all_is_an_error(gallery_pids, gallery_camids):
    with pytest.raises(ValueError, match="none of 1 queries has a match .* another camera"):
        evaluate([[0.2, 0.1]], [1], gallery_pids, [1], gallery_camids)


def test_distractors_and_junk_are_no_queries():
    result = evaluate([[1.0, 0.0]] * 3, [0, -1, 5], [0, 5], [1, 1, 1], [2, 2])
    assert result.num_valid_queries == 1 and result.first_hit_rank[2] == 2


def test_one_gallery_image():
    result = evaluate([[0.3]], [1], [1], [1], [2])
    assert result.cmc.tolist() == [1.0] and result.mean_ap == result.mean_inp == 1.0


def test_cmc_has_at_most_fifty_ranks():
    assert len(one_query(np.arange(80) == 70).cmc) == 50


def test_nan_and_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        evaluate([[np.nan, 0.1]], [1], [1, 2], [1], [2, 2])
    with pytest.raises(ValueError, match=r"\(1, 2\), got \(1, 3\)"):
        evaluate([[0.1, 0.2, 0.3]], [1], [1, 2], [1], [2, 2])
    with pytest.raises(ValueError, match=r"\(2, 2\), got 1 rows"):
        evaluate([[0.1, 0.2]], [1, 2], [1, 2], [1, 1], [2, 2])
    with pytest.raises(ValueError, match=r"\(1, 2\)"):
        evaluate([[0.1, 0.2], [0.1, 0.2]], [1], [1, 2], [1], [2, 2])
    with pytest.raises(ValueError, match="gallery pids and camids"):
        evaluate([[0.1, 0.2]], [1], [1, 2], [1], [2])
    with pytest.raises(ValueError, match=r"^ap must be .*step, trapezoid, got 'area'"):
        evaluate([[0.1]], [1], [1], [1], [2], ap="area")


def test_torch_and_numpy_give_the_same():
    scores = torch.rand(3, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    ids = ([1, 2, 3], [1, 2, 3, 1, 2, 3, 1], [1, 1, 1], [2, 2, 2, 3, 3, 3, 1])
    assert evaluate(scores, *ids).mean_ap == evaluate(scores.detach().numpy(), *ids).mean_ap


def test_embeddings_and_identities_must_agree():
    one = Embedding(torch.ones(1, 2, 3), torch.ones(1, 2))
    with pytest.raises(ValueError, match="1 queries with 2 pids"):
        evaluate_embeddings(one, one, [1, 2], [1], [1, 2], [2])
