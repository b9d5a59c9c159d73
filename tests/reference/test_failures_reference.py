"""Evaluations, pairs and comparisons against slow loops over single pairs of pictures."""

import numpy as np
import pytest
import torch

from aonet_core.analysis.evaluation.familiarity import familiarity, unfamiliar_below
from aonet_core.analysis.evaluation.queries import evaluate_queries
from aonet_core.analysis.evaluation.query_search import EmbeddedSet, best_first, first_rank
from aonet_core.analysis.failures.difference import contrast
from aonet_core.analysis.pair import Ranked, analyse_pair
from aonet_core.results.evaluation import Setting
from aonet_core.retrieval import Embedding, evaluate_embeddings, open_set, similarity_blocks
from aonet_core.retrieval.metrics import Labels
from aonet_core.retrieval.paired_scores import lead_by_landmark

FORMS = ("eq8", "normalised", "unweighted", "query_weighted")
K, C = 3, 4


def listed(count, seed, persons=5, cameras=3, prefix="g"):
    rng = np.random.default_rng(seed)
    pids, camids = rng.integers(0, persons, count), rng.integers(1, cameras + 1, count)
    centres = np.random.default_rng(7).normal(size=(persons, K, C))
    features = centres[pids] + 1.2 * rng.normal(size=(count, K, C))
    embedding = Embedding(
        torch.tensor(features, dtype=torch.float32),
        torch.tensor(rng.uniform(0.1, 1, (count, K)), dtype=torch.float32),
    )
    return EmbeddedSet(np.array([f"{prefix}{n}" for n in range(count)]), pids, camids, embedding)


def slow_shares(query, i, gallery, j, form, without=()):
    """Eq. 8 and its other forms for one pair, landmark by landmark."""
    f, g = query.embedding.features[i].double().numpy(), gallery.embedding.features[j].double()
    b, d = query.embedding.awareness[i].double().numpy(), gallery.embedding.awareness[j].double()
    g, d = g.numpy(), d.numpy()
    weights = {
        "eq8": b * d, "normalised": b * d, "unweighted": np.ones(K), "query_weighted": b,
    }[form].copy()  # fmt: skip
    weights[list(without)] = 0
    cosine = [f[k] @ g[k] / np.linalg.norm(f[k]) / np.linalg.norm(g[k]) for k in range(K)]
    total = K if form in ("eq8", "unweighted") else weights.sum()
    return weights * cosine / total, np.array(cosine), weights


def slow_ranking(query, i, gallery, form, without=()):
    """Positions of the pictures that count, best first, and which are right."""
    places = [
        j
        for j in range(len(gallery.names))
        if not (gallery.pids[j] == query.pids[i] and gallery.camids[j] == query.camids[i])
    ]
    scores = {j: slow_shares(query, i, gallery, j, form, without)[0].sum() for j in places}
    order = sorted(places, key=lambda j: -scores[j])
    return order, [gallery.pids[j] == query.pids[i] != 0 for j in order], scores


@pytest.fixture(scope="module", params=[(form, ()) for form in FORMS] + [("normalised", (1,))])
def evaluated(request):
    form, without = request.param
    query, gallery = listed(12, 1, prefix="q"), listed(60, 2)
    setting = Setting("c", "d", "g", "gd", "q", "qd", form, without)
    return query, gallery, setting, evaluate_queries(query, gallery, setting)


def test_figures_are_those_of_the_metrics_exactly(evaluated):
    query, gallery, setting, evaluation = evaluated
    if setting.without:
        return
    ids = (query.pids, gallery.pids, query.camids, gallery.camids)
    metrics = evaluate_embeddings(query.embedding, gallery.embedding, *ids, form=setting.form)
    assert evaluation.mean_ap == metrics.mean_ap and evaluation.mean_inp == metrics.mean_inp
    np.testing.assert_array_equal(evaluation.cmc, metrics.cmc)
    np.testing.assert_array_equal(evaluation.average_precision, metrics.average_precision)
    np.testing.assert_array_equal(evaluation.first_rank, metrics.first_hit_rank)
    blocks = similarity_blocks(query.embedding, gallery.embedding, setting.form)
    pairs = open_set([(start, block.numpy()) for start, block in blocks], Labels(*ids))
    np.testing.assert_array_equal(evaluation.scores.genuine, pairs.genuine)
    np.testing.assert_array_equal(evaluation.scores.impostor, pairs.impostor)
    assert evaluation.scores.thresholds[1].tolist() == [0.01, *pairs.threshold(0.01)]
    edges, genuine, impostor = evaluation.scores.coarse(10)
    assert genuine.sum() == pairs.genuine.sum() and impostor.sum() == pairs.impostor.sum()
    assert len(edges) == len(genuine) + 1 <= 11
    inside = pairs.genuine[(pairs.edges[:-1] >= edges[2]) & (pairs.edges[:-1] < edges[3])]
    assert genuine[2] == inside.sum()


def test_every_query_against_slow_loops(evaluated):
    query, gallery, setting, evaluation = evaluated
    assert evaluation.failed.any()
    for i in range(len(query.names)):
        order, right, scores = slow_ranking(query, i, gallery, setting.form, setting.without)
        names = [gallery.names[j] for j in order]
        assert [name for name in evaluation.top_names[i] if name] == names[:50]
        assert evaluation.top_right[i, : min(50, len(names))].tolist() == right[:50]
        assert evaluation.num_right[i] == sum(right)
        for found, wanted in ((evaluation.right, True), (evaluation.wrong, False)):
            if wanted not in right:
                assert found.names[i] == "" and np.isnan(found.shares[i]).all()
                continue
            place = right.index(wanted)
            j = order[place]
            shares, cosine, _ = slow_shares(query, i, gallery, j, setting.form, setting.without)
            assert found.names[i] == gallery.names[j] and found.rank[i] == place + 1
            assert (found.pids[i], found.camids[i]) == (gallery.pids[j], gallery.camids[j])
            np.testing.assert_allclose(found.shares[i], shares, atol=1e-6)
            np.testing.assert_allclose(found.cosine[i], cosine, atol=1e-6)
            assert found.similarity[i] == pytest.approx(scores[j], abs=1e-6)
        if evaluation.valid[i]:
            np.testing.assert_allclose(
                evaluation.lead_by_landmark[i].sum(), evaluation.margin[i], atol=1e-12
            )
            others = [r for j, r in zip(order, right, strict=True)
                      if gallery.camids[j] != query.camids[i]]  # fmt: skip
            assert evaluation.other_camera_rank[i] == others.index(True) + 1


def test_failures_without_each_landmark_against_slow_loops(evaluated):
    query, gallery, setting, evaluation = evaluated
    for i in range(len(query.names)):
        if not evaluation.failed[i]:
            assert np.isnan(evaluation.rank_without[i]).all()
            assert np.isnan(evaluation.familiarity[i]).all()
            continue
        for k in range(K):
            without = (*setting.without, k)
            if len(set(without)) == K:
                continue
            right = slow_ranking(query, i, gallery, setting.form, without)[1]
            assert evaluation.rank_without[i, k] == right.index(True) + 1
        order = slow_ranking(query, i, gallery, setting.form)[0]
        cosines = [slow_shares(query, i, gallery, j, "eq8")[1] for j in order]
        np.testing.assert_allclose(evaluation.familiarity[i], np.max(cosines, axis=0), atol=1e-6)


def test_unfamiliar_is_below_what_most_gallery_pictures_reach():
    gallery = listed(40, 3)
    found = unfamiliar_below(gallery.embedding, gallery.pids, gallery.camids)
    best = []
    for i in range(40):
        own = (gallery.pids == gallery.pids[i]) & (gallery.camids == gallery.camids[i])
        if gallery.pids[i] == 0:
            own = np.arange(40) == i
        best.append(
            np.max(
                [slow_shares(gallery, i, gallery, j, "eq8")[1] for j in np.flatnonzero(~own)],
                axis=0,
            )
        )
    np.testing.assert_allclose(found, np.quantile(best, 0.05, axis=0), atol=1e-6)
    few = listed(5, 3)
    assert np.isnan(unfamiliar_below(few.embedding, few.pids, few.camids)).all()
    none = familiarity(few.embedding[:1], few.embedding, lambda row: np.zeros(5, dtype=bool))
    assert np.isnan(none).all()


@pytest.mark.parametrize("form", FORMS)
def test_leads_sum_to_the_margin_and_weights_alone_lead_nowhere(form):
    query, right, wrong = (listed(8, seed) for seed in (4, 5, 6))
    lead = lead_by_landmark(query.embedding, right.embedding, wrong.embedding, form)
    for i in range(8):
        pair = [slow_shares(query, i, side, i, form)[0].sum() for side in (right, wrong)]
        assert lead[i].sum() == pytest.approx(pair[0] - pair[1], abs=1e-6)
    if form in ("normalised", "query_weighted"):
        # The same picture with other awareness: every cosine is alike, so is every lead.
        one = Embedding(torch.ones(1, K, C), torch.tensor([[0.2, 0.9, 0.5]]))
        other = Embedding(torch.ones(1, K, C), torch.tensor([[0.9, 0.1, 0.5]]))
        np.testing.assert_allclose(lead_by_landmark(one, one, other, form), 0, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_a_pair_against_slow_loops(form):
    query, gallery = listed(4, 1, prefix="q"), listed(30, 2)
    for i in range(4):
        order, right, scores = slow_ranking(query, i, gallery, form)
        counts = np.isin(np.arange(30), order)
        is_right = (gallery.pids == query.pids[i]) & (query.pids[i] != 0)
        ranked = Ranked(gallery.names, gallery.embedding, counts, is_right, form)
        for place in (0, 7):
            j = order[place]
            pair = analyse_pair(query.embedding[i : i + 1], j, ranked)
            shares, cosine, weights = slow_shares(query, i, gallery, j, form)
            assert (pair.match.name, pair.match.rank) == (gallery.names[j], place + 1)
            np.testing.assert_allclose(pair.match.shares, shares, atol=1e-6)
            np.testing.assert_allclose(pair.match.cosine, cosine, atol=1e-6)
            np.testing.assert_allclose(pair.match.weight_product, weights, atol=1e-6)
            for k, without in enumerate(pair.without):
                there, hits, _ = slow_ranking(query, i, gallery, form, (k,))
                assert without.first == gallery.names[there[0]]
                assert without.match_rank == there.index(j) + 1
                assert without.right_rank == (hits.index(True) + 1 if any(hits) else None)
            if not any(right):
                assert pair.rival is None and pair.margin is None and pair.match_is_right is None
                continue
            assert pair.right_rank == right.index(True) + 1
            assert pair.match_is_right == right[place]
            rival = order[right.index(not right[place])]
            assert pair.rival.name == gallery.names[rival]
            best = (j, rival) if right[place] else (rival, j)
            margin = scores[best[0]] - scores[best[1]]
            assert pair.margin == pytest.approx(margin, abs=1e-6)
            assert pair.lead_by_landmark.sum() == pytest.approx(pair.margin, abs=1e-12)


def test_contrast_tells_what_was_won_query_by_query(evaluated):
    query, gallery, setting, before = evaluated
    after = evaluate_queries(query, gallery, Setting(**(vars(setting) | {"form": "unweighted"})))
    found = contrast(before, after)
    rows = [i for i in range(len(query.names)) if before.num_right[i]]
    assert found.names.tolist() == [query.names[i] for i in rows]
    for place, i in enumerate(rows):
        rise = after.average_precision[i] - before.average_precision[i]
        assert found.difference[place] == rise
        assert found.outcome[place] == ("won" if rise > 0 else "lost" if rise < 0 else "same")
    assert sum(map(found.count, ("won", "lost", "same"))) == len(rows)
    assert found.mean_ap.value == pytest.approx(after.mean_ap - before.mean_ap)
    assert found.rank1.value == pytest.approx(after.cmc[0] - before.cmc[0])
    rng, means = np.random.default_rng(0), []
    for _ in range(400):
        chosen = rng.integers(len(rows), size=len(rows))
        means.append(found.difference[chosen].mean())
    np.testing.assert_allclose(
        [found.mean_ap.low, found.mean_ap.high], np.percentile(means, [2.5, 97.5])
    )
    assert found.skipped == len(query.names) - len(rows)


def test_contrast_refuses_other_queries():
    gallery, setting = listed(20, 2), Setting("c", "d", "g", "gd", "q", "qd", "eq8")
    sides = [evaluate_queries(listed(4, 1, prefix=p), gallery, setting) for p in "qr"]
    with pytest.raises(ValueError, match="the same queries on both sides, got 4 and 4, 8 of them"):
        contrast(*sides)


def test_best_first_and_ranks_keep_the_order_of_equals():
    scores = np.array([0.5, 0.9, 0.5, 0.9, 0.5])
    counts = np.array([True, True, True, True, False])
    for top in range(1, 6):
        assert best_first(scores, counts, top).tolist() == [1, 3, 0, 2][:top]
    same = np.array([False, False, True, False, False])
    assert first_rank(scores, counts, same) == 4
    assert np.isnan(first_rank(scores, counts, same & False))
