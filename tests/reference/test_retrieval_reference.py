"""Similarity, shares, ranking, metrics and re-ranking against slow plain loops in float64."""

import math

import numpy as np
import pytest
import torch

from aonet_core.retrieval import (
    FORMS,
    Embedding,
    Labels,
    evaluate,
    evaluate_embeddings,
    landmark_share,
    open_set,
    rank,
    rerank_blocks,
    similarity,
    similarity_blocks,
)


def embedding(count, seed, landmarks=3, channels=5):
    generator = torch.Generator().manual_seed(seed)
    return Embedding(
        torch.randn(count, landmarks, channels, generator=generator),
        torch.rand(count, landmarks, generator=generator),
    )


def slow_share(query, gallery, form):
    """Eq. 8 pair by pair, landmark by landmark."""
    f_q, b_q = query.features.double().tolist(), query.awareness.double().tolist()
    f_g, b_g = gallery.features.double().tolist(), gallery.awareness.double().tolist()
    share = np.zeros((len(f_q), len(f_g), len(b_q[0])))
    for i, j in np.ndindex(share.shape[:2]):
        weights = []
        for q, g in zip(b_q[i], b_g[j], strict=True):
            q, g = {
                "eq8": (q, g),
                "normalised": (q, g),
                "unweighted": (1, 1),
                "query_weighted": (q, 1),
            }[form]
            weights.append(q * g)
        divisor = sum(weights) if form in ("normalised", "query_weighted") else len(weights)
        for k, weight in enumerate(weights):
            a, b = f_q[i][k], f_g[j][k]
            dot = sum(x * y for x, y in zip(a, b, strict=True))
            lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
            share[i, j, k] = weight * dot / lengths / divisor
    return share


@pytest.mark.parametrize("form", FORMS)
def test_similarity_and_shares(form):
    query, gallery = embedding(4, 0), embedding(6, 1)
    expected = slow_share(query, gallery, form)
    share = landmark_share(query, gallery, form)
    np.testing.assert_allclose(share, expected, atol=1e-6)
    np.testing.assert_allclose(similarity(query, gallery, form), expected.sum(axis=2), atol=1e-6)
    np.testing.assert_allclose(share.sum(dim=2), similarity(query, gallery, form), atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_blocks_and_ranking_are_exact(form):
    query, gallery = embedding(7, 2), embedding(23, 3)
    whole = similarity(query, gallery, form)
    blocks = list(similarity_blocks(query, gallery, form, query_block=3, gallery_block=5))
    assert [start for start, _ in blocks] == [0, 3, 6]
    torch.testing.assert_close(torch.cat([block for _, block in blocks]), whole)
    found = rank(query, gallery, top_k=9, form=form, query_block=2, gallery_block=4)
    order = np.argsort(-whole.numpy(), axis=1, kind="stable")[:, :9]
    np.testing.assert_array_equal(found.indices, order)
    torch.testing.assert_close(found.similarity, whole.gather(1, torch.from_numpy(order)))


def test_equal_similarities_are_ranked_in_the_gallery_s_order():
    gallery = embedding(1, 0)[torch.zeros(11, dtype=torch.int64)]
    found = rank(embedding(2, 1), gallery, top_k=11, gallery_block=3)
    assert found.indices.tolist() == [list(range(11))] * 2


def random_ids(rng, queries, gallery):
    return (
        rng.integers(1, 6, queries),
        rng.integers(-1, 7, gallery),
        rng.integers(1, 4, queries),
        rng.integers(1, 4, gallery),
    )


def slow_metrics(scores, q_pids, g_pids, q_cams, g_cams, ap):
    """Walk down every ranking, image by image: figures of every query, and the CMC."""
    precisions, penalties, firsts = (np.full(len(scores), math.nan) for _ in range(3))
    for i, row in enumerate(scores):
        ranking = sorted(range(len(row)), key=lambda j: (-row[j], j))
        position, hits = 0, []
        for j in ranking:
            if g_pids[j] == -1 or (g_pids[j] == q_pids[i] and g_cams[j] == q_cams[i]):
                continue
            position += 1
            if g_pids[j] == q_pids[i] and q_pids[i] not in (0, -1):
                hits.append(position)
        if not hits:
            continue
        total, old = 0.0, 1.0
        for number, place in enumerate(hits, 1):
            if ap == "step":
                total += number / place
            else:
                old = (number - 1) / (place - 1) if place > 1 else 1.0
                total += (old + number / place) / 2
        precisions[i] = total / len(hits)
        penalties[i], firsts[i] = len(hits) / hits[-1], hits[0]
    valid = [first for first in firsts if not math.isnan(first)]
    ranks = range(1, min(50, len(g_pids)) + 1)
    cmc = [sum(first <= r for first in valid) / max(1, len(valid)) for r in ranks]
    return precisions, penalties, firsts, cmc


@pytest.mark.parametrize("ap", ["step", "trapezoid"])
def test_metrics(ap):
    """More ranks than the CMC has, few different scores; any small case is generated elsewhere."""
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 12, (20, 70)) / 10
    ids = random_ids(rng, 20, 70)
    precisions, penalties, firsts, cmc = slow_metrics(scores, *ids, ap)
    result = evaluate(scores, *ids, ap=ap)
    np.testing.assert_allclose(result.average_precision, precisions, atol=1e-12)
    np.testing.assert_array_equal(result.first_hit_rank, firsts)
    assert result.mean_ap == pytest.approx(np.nanmean(precisions))
    assert result.mean_inp == pytest.approx(np.nanmean(penalties))
    np.testing.assert_allclose(result.cmc, cmc)


def test_metrics_of_embeddings_are_those_of_their_similarity():
    query, gallery = embedding(300, 4), embedding(50, 5)  # more queries than one block
    ids = random_ids(np.random.default_rng(0), 300, 50)
    whole = evaluate(similarity(query, gallery), *ids)
    blocked = evaluate_embeddings(query, gallery, *ids)
    np.testing.assert_allclose(blocked.average_precision, whole.average_precision)


def test_open_set_counts_every_pair():
    rng = np.random.default_rng(1)
    scores = rng.uniform(-1, 1, (12, 30)).astype(np.float32)
    ids = random_ids(rng, 12, 30)
    genuine, impostor = [], []
    for i, j in np.ndindex(scores.shape):
        same = ids[0][i] == ids[1][j]
        if ids[1][j] == -1 or (same and ids[2][i] == ids[3][j]):
            continue
        (genuine if same else impostor).append(scores[i, j])
    found = open_set([(0, scores[:5]), (5, scores[5:])], Labels(*ids))
    assert (found.genuine.sum(), found.impostor.sum()) == (len(genuine), len(impostor))
    wins = np.mean([(g > i) + (g == i) / 2 for g in genuine for i in impostor])
    assert found.auroc == pytest.approx(wins, abs=1e-3)
    for rate in (0.0, 0.05, 0.3, 1.0):
        threshold, matched = found.threshold(rate)
        assert np.mean(np.array(impostor) >= threshold) <= rate
        assert np.mean(np.array(genuine) >= threshold) == pytest.approx(matched)
        # A bin lower would let too many impostors in.
        lower = np.mean(np.array(impostor) >= threshold - 2 / len(found.genuine))
        assert lower > rate or rate == 1.0


def test_open_set_refuses_what_it_cannot_measure():
    labels = Labels([1], [2, 3], [1], [2, 2])
    with pytest.raises(ValueError, match="got 0 and 2"):
        open_set([(0, np.zeros((1, 2)))], labels)
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        open_set([(0, np.full((1, 2), 3.0))], labels)
    genuine = open_set([(0, np.zeros((1, 2)))], Labels([1], [1, 3], [1], [2, 2]))
    with pytest.raises(ValueError, match="got 2"):
        genuine.threshold(2)


def slow_rerank(scores, queries, k1, k2, weight):
    """Zhong et al. 2017 with dense matrices and sets, from similarities of all pairs."""
    count = len(scores)
    distance = np.array([[(1 - s) / max(1 - t for t in row) for s in row] for row in scores])
    ranking = [sorted(range(count), key=lambda j: (-scores[i][j], j)) for i in range(count)]

    def reciprocal(i, k):
        return {j for j in ranking[i][: k + 1] if i in ranking[j][: k + 1]}

    codes = np.zeros((count, count))
    for i in range(count):
        own = reciprocal(i, k1)
        chosen = set(own)
        for j in own:
            theirs = reciprocal(j, round(k1 / 2))
            if len(theirs & own) > 2 / 3 * len(theirs):
                chosen |= theirs
        total = sum(math.exp(-distance[i, j]) for j in chosen)
        for j in chosen:
            codes[i, j] = math.exp(-distance[i, j]) / total
    if k2 > 1:
        codes = np.array([sum(codes[j] for j in ranking[i][:k2]) / k2 for i in range(count)])
    result = np.zeros((queries, count - queries))
    for i, j in np.ndindex(result.shape):
        a, b = codes[i], codes[queries + j]
        jaccard = 1 - np.minimum(a, b).sum() / np.maximum(a, b).sum()
        result[i, j] = 1 - weight * distance[i, queries + j] - (1 - weight) * jaccard
    return result


@pytest.mark.parametrize(("k1", "k2", "form"), [(6, 3, "eq8"), (5, 1, "normalised")])
def test_rerank(k1, k2, form):
    query, gallery = embedding(8, 6), embedding(22, 7)
    everyone = Embedding(
        torch.cat([query.features, gallery.features]),
        torch.cat([query.awareness, gallery.awareness]),
    )
    expected = slow_rerank(similarity(everyone, everyone, form).tolist(), 8, k1, k2, 0.3)
    blocks = rerank_blocks(query, gallery, form, k1, k2, 0.3, query_block=3)
    found = torch.cat([block for _, block in blocks])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_rerank_helps_where_neighbours_agree_and_handles_small_sets():
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(10, 16))
    pids = np.repeat(np.arange(1, 11), 8)
    noisy = centres[pids - 1] + rng.normal(size=(80, 16)) * 0.9
    made = Embedding(torch.from_numpy(noisy)[:, None].float(), torch.ones(80, 1))
    query = torch.arange(80) % 8 == 0
    ids = (pids[query], pids[~query], np.ones(10), np.full(70, 2))
    plain = evaluate_embeddings(made[query], made[~query], *ids)
    better = evaluate_embeddings(made[query], made[~query], *ids, rerank=True)
    assert better.mean_ap > plain.mean_ap
    one = Embedding(torch.ones(1, 1, 2), torch.ones(1, 1))
    assert torch.cat([b for _, b in rerank_blocks(one, one)]).shape == (1, 1)
    with pytest.raises(ValueError, match="got 0, 6 and 0.3"):
        list(rerank_blocks(one, one, k1=0))
