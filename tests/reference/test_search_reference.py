"""Exact search against sorting all similarities, computed in double precision from the formulas."""

from itertools import product

import numpy as np
import pytest
import torch

from aonet_core.retrieval import FORMS, Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search import scoring, screening
from aonet_core.retrieval.search.half_precision import PART, cosines, device_products, products
from aonet_core.retrieval.search.tiles import device_scores, scores
from tests.unit.test_shared_reading import Gate

K, C = 3, 40


def unit_halves(rng, count):
    vectors = rng.standard_normal((count, K, C))
    return (vectors / np.linalg.norm(vectors, axis=2, keepdims=True)).astype(np.float16)


def slow_shares(query, beta, vectors, awareness, form, without=()):
    """Eq. 8 and its other forms, pair by pair and landmark by landmark."""
    shares = np.zeros((len(vectors), K))
    for g, (rows, seen) in enumerate(zip(vectors.astype(np.float64), awareness, strict=True)):
        of_query = {"unweighted": np.ones(K)}.get(form, np.asarray(beta, dtype=np.float64)).copy()
        of_query[list(without)] = 0
        of_gallery = seen if form in ("eq8", "normalised") else np.ones(K)
        weights = of_query * of_gallery
        for k in range(K):
            a, b = query[k].astype(np.float64), rows[k]
            cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
            total = weights.sum() if form in ("normalised", "query_weighted") else K
            shares[g, k] = weights[k] * cosine / total
    return shares


@pytest.fixture
def case():
    """A gallery in a file with strangers between its rows, and a query."""
    rng = np.random.default_rng(5)
    vectors = unit_halves(rng, 90)
    places = rng.permutation(90)[:61]
    vectors[places[40]] = vectors[places[7]]  # two pictures alike in every bit
    awareness = rng.random((61, K)).astype(np.float32)
    awareness[40] = awareness[7]
    lengths = np.linalg.norm(vectors[places].astype(np.float64), axis=2).astype(np.float32)
    query = Embedding(
        rng.standard_normal((1, K, C)).astype(np.float32), rng.random((1, K)).astype(np.float32)
    )
    return ExactSearch(vectors, places, awareness, lengths), query, vectors[places], awareness


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("without", [(), (1,), (0, 2)])
def test_search_is_that_of_double_precision(case, form, without):
    searched, query, vectors, awareness = case
    question = SearchQuery.of(query, form, without)
    expected = slow_shares(
        query.features[0].numpy(), query.awareness[0].numpy(), vectors, awareness, form, without
    )
    order = np.argsort(-expected.sum(axis=1), kind="stable")
    for top_k in (1, 7, 61, 200):
        found = searched.best(question, top_k)
        np.testing.assert_array_equal(found.rows, order[:top_k])
        np.testing.assert_allclose(found.shares, expected[order[:top_k]], atol=1e-12)
        assert (found.shares.sum(axis=1) == found.similarity).all() and found.total == 61
    np.testing.assert_allclose(searched.shares(question), expected, atol=1e-6)


def test_equal_pictures_keep_the_gallery_order(case):
    searched, query, _, _ = case
    rows = searched.best(SearchQuery.of(query, "eq8"), 61).rows.tolist()
    assert rows.index(40) == rows.index(7) + 1


def test_only_those_that_are_kept_and_near_enough(case):
    searched, query, vectors, awareness = case
    arrays = query.features[0].numpy(), query.awareness[0].numpy(), vectors, awareness
    score = slow_shares(*arrays, "normalised").sum(axis=1)
    kept = np.arange(61) % 3 != 0
    question = SearchQuery.of(query, "normalised")
    lowest = float(np.sort(searched.best(question, 61).similarity)[-9])  # one of them has just that
    found = searched.best(question, 50, kept, lowest)
    expected = [row for row in np.argsort(-score, kind="stable") if kept[row]]
    assert found.total == kept.sum() and found.above == len(found.rows)
    assert found.rows.tolist() == [row for row in expected if score[row] >= lowest - 1e-13]
    few = searched.best(question, 2, kept, lowest)
    assert few.rows.tolist() == found.rows.tolist()[:2] and few.above == found.above
    everyone = searched.best(question, 61, lowest=lowest)
    assert everyone.above == 9 == len(everyone.rows)
    assert not len(searched.best(question, 5, lowest=2.0).rows)


def test_many_within_rounding_of_each_other_are_told_apart(monkeypatch):
    """Scores that differ by less than single precision can tell, in more rows than the pool."""
    monkeypatch.setattr(screening, "POOL", 50)
    rng = np.random.default_rng(2)
    vectors = np.repeat(unit_halves(rng, 1), 3000, axis=0)
    bits = vectors.view(np.uint16)
    bits[np.arange(3000), rng.integers(K, size=3000), rng.integers(C, size=3000)] ^= 1
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=2).astype(np.float32)
    searched = ExactSearch(vectors, np.arange(3000), np.ones((3000, K), np.float32), lengths)
    query = Embedding(vectors[:1].astype(np.float32), np.ones((1, K), np.float32))
    question = SearchQuery.of(query, "eq8")
    expected = slow_shares(vectors[0], np.ones(K), vectors, np.ones((3000, K)), "eq8").sum(axis=1)
    found = searched.best(question, 100)
    np.testing.assert_allclose(found.similarity, np.sort(expected)[::-1][:100], atol=1e-15)
    assert len(np.unique(np.float32(expected))) < len(np.unique(expected)) / 2


def test_who_asks_together_is_answered_as_alone(case, monkeypatch):
    """Every form, landmarks left out, filters, thresholds and ties, in one reading for all."""
    monkeypatch.setattr(scoring, "PART", 16)
    _, query, vectors, awareness = case
    awareness[[3, 7, 40]] = 0.0  # nothing of them is seen: absent, not a division by zero
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=2).astype(np.float32)
    together = ExactSearch(vectors, np.arange(61), awareness, lengths)
    alone = ExactSearch(vectors, np.arange(61), awareness, lengths)
    hidden = Embedding(query.features.flip(2), torch.tensor([[0.0, 0.4, 0.0]]))
    some = np.arange(61) % 3 != 0
    asked = [
        (SearchQuery.of(each, form, without), *rest)
        for each, form, without in product((query, hidden), FORMS, [(), (1,)])
        for rest in ((61,), (5, some), (9, some, 0.01))
    ]
    gate = Gate(4, together._scoring.scores, len(asked))
    together._reading = gate.reading
    answers = gate.answers(lambda each: together.best(*each), asked)
    assert gate.parts == [0, 1, 2, 3, 0]
    for question, answer in zip(asked, answers, strict=True):
        found, expected = answer.result(), alone.best(*question)
        assert (found.total, found.above) == (expected.total, expected.above)
        for name in ("rows", "shares", "similarity"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_scores_in_tiles_are_those_of_numpy():
    """Rows, queries and channels that leave a remainder, in registers of both lengths."""
    rng = np.random.default_rng(8)
    for n, channels, count in ((50, 37, 5), (1, 5, 2), (26, 40, 9), (24, 64, 4), (7, 16, 1)):
        rows = rng.standard_normal((n, 3, channels)).astype(np.float16)
        queries = rng.standard_normal((count, 3, channels)).astype(np.float32)
        scales, kinds = rng.random((2, n, 3)).astype(np.float32), rng.integers(2, size=count)
        doubles = [each.astype(np.float64) for each in (rows, queries, scales[kinds])]
        expected = np.einsum("nkc,qkc,qnk->qn", *doubles)
        size = np.einsum("nkc,qkc,qnk->qn", *map(abs, doubles))
        for lanes in (8, 16):
            found = scores(rows, queries, scales, kinds, lanes)
            assert (abs(found - expected) <= 1e-6 * size).all()
        found = device_scores(torch.from_numpy(rows), queries, scales, kinds)
        assert (abs(found - expected) <= 1e-6 * size).all()


def test_cosines_are_those_of_double_precision(case):
    _, query, vectors, _ = case
    unit = SearchQuery.of(query, "eq8").unit
    places = np.array([5, 60, 5, 0])
    doubles = vectors[places].astype(np.float64)
    expected = (doubles * unit).sum(axis=2) / np.linalg.norm(doubles, axis=2)
    unit.flags.writeable = False  # as Ray brings it
    np.testing.assert_allclose(cosines(vectors, places, unit), expected, atol=1e-15)
    assert not cosines(np.zeros_like(vectors), places, unit).any()


def test_products_of_every_half_are_those_of_numpy():
    """All finite half-precision numbers, subnormal ones too, in rows that leave a remainder."""
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    rows = np.resize(finite, (PART + 3, 2, 37))
    query = np.random.default_rng(0).standard_normal((2, 37)).astype(np.float32)
    expected = np.einsum("nkc,kc->nk", rows.astype(np.float64), query.astype(np.float64))
    scale = np.einsum("nkc,kc->nk", abs(rows.astype(np.float64)), abs(query.astype(np.float64)))
    for parts in (products(rows, query), device_products(torch.from_numpy(rows), query)):
        starts, values = zip(*parts, strict=True)
        found = np.concatenate(values)
        assert found.dtype == np.float32 and list(starts) == sorted(starts) and starts[0] == 0
        assert (abs(found - expected) <= 1e-6 * scale).all()
    ones = np.tile(finite[:, None, None], (1, 1, 1))
    (_, first), *_ = products(ones, np.ones((1, 1), np.float32))
    np.testing.assert_array_equal(first[:, 0], finite[:PART].astype(np.float32))


def test_what_cannot_be_asked(case):
    searched, query, _, _ = case
    with pytest.raises(ValueError, match="form must be one of"):
        SearchQuery.of(query, "best")
    with pytest.raises(ValueError, match="embedding of one picture, got 2"):
        SearchQuery.of(Embedding(torch.ones(2, K, C), torch.ones(2, K)), "eq8")
    question = SearchQuery.of(query, "eq8")
    with pytest.raises(ValueError, match="got 61 and 0"):
        searched.best(question, 0)
    narrow = SearchQuery.of(Embedding(torch.ones(1, K, 7), torch.ones(1, K)), "eq8")
    with pytest.raises(ValueError, match=r"expected a query of \(3, 40\), got \(3, 7\)"):
        searched.best(narrow, 5)
    with pytest.raises(ValueError, match="got 0 and 5"):
        searched.best(question, 5, np.zeros(61, dtype=bool))
