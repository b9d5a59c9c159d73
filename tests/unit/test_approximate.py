"""Approximate search: with everything looked at it is exact; with less, recall is what is told."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from aonet_core.cli import main
from aonet_core.engine import GalleryError, connect
from aonet_core.gallery.approximate import ApproximateIndex, ApproximateSearch
from aonet_core.gallery.feature_file import FeatureFile
from aonet_core.gallery.index import index_gallery
from aonet_core.gallery.index_card import Card, Recall
from aonet_core.gallery.records import EmbeddingSpec, Record
from aonet_core.gallery.store import GalleryStore
from aonet_core.model import save_checkpoint
from aonet_core.retrieval import FORMS, Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search.landmark_pca import Weighted, components, project_query, reduced

K, C, G = 2, 16, 300
MADE = EmbeddingSpec("a" * 64, K, C, "tiny")


def record(number, features, awareness, role="gallery"):
    name = f"{role}/{number:04d}.jpg"
    digest = hashlib.sha256(name.encode()).digest()
    return Record(name, role, 1 + number // 6, 1, digest, b"", "", features, awareness)


@pytest.fixture(scope="module")
def galleries(tmp_path_factory):
    """A gallery of 50 identities, six pictures and one query each, in few directions."""
    folder = tmp_path_factory.mktemp("galleries")
    rng = np.random.default_rng(1)
    plane = rng.standard_normal((K, 5, C))
    identities = rng.standard_normal((50, K, 5))

    def picture(identity):
        where = identities[identity] + 0.3 * rng.standard_normal((K, 5))
        return np.einsum("km,kmc->kc", where, plane) + 0.05 * rng.standard_normal((K, C))

    records = [record(n, picture(n // 6), rng.uniform(0.3, 1, K)) for n in range(G)]
    records += [record(n, picture(n), rng.uniform(0.3, 1, K), "query") for n in range(50)]
    GalleryStore(folder / "mine", MADE).add(records)
    return folder


def opened(folder, form="eq8"):
    store = GalleryStore(folder / "mine")
    catalogue = store.catalogue().of("gallery")
    vectors, places = FeatureFile(store, "gallery").open(catalogue)
    exact = ExactSearch(vectors, places, catalogue.awareness, catalogue.lengths)
    return store, catalogue, exact, Weighted(vectors, places, catalogue.awareness, form)


def question(form, seed=7, without=()):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((1, K, C)).astype(np.float32)
    return SearchQuery.of(
        Embedding(features, rng.uniform(0.2, 1, (1, K)).astype(np.float32)), form, without
    )


@pytest.mark.parametrize(("form", "kind"), [*((form, "flat") for form in FORMS), ("eq8", "pq")])
def test_all_probes_and_all_candidates_are_the_exact_search(galleries, form, kind):
    card = index_gallery(galleries, "mine", form, 4, kind, partitions=6)
    assert (card.count, card.components, card.kind, card.partitions) == (G, 4, kind, 6)
    assert card.measured[-1].recall > 0.95 and card.exact_milliseconds > 0
    store, catalogue, exact, _ = opened(galleries)
    index = ApproximateIndex(store.folder, MADE, catalogue)
    assert index.card == card
    everything = ApproximateSearch(index, exact, 6, G)
    kept = np.arange(G) % 4 != 0
    for asking in (question(form), question(form, 8, without=(1,))):
        for arguments in ((G,), (10,), (25, kept, 0.05)):
            found, expected = everything.best(asking, *arguments), exact.best(asking, *arguments)
            np.testing.assert_array_equal(found.rows, expected.rows)
            np.testing.assert_array_equal(found.similarity, expected.similarity)
            np.testing.assert_array_equal(found.shares, expected.shares)
            assert (found.total, found.above) == (expected.total, expected.above)
        rows = np.array([7, 0, 299])
        np.testing.assert_array_equal(everything.shares(asking), exact.shares(asking))
        np.testing.assert_array_equal(everything.exact(asking, rows), exact.exact(asking, rows))
        few = ApproximateSearch(index, exact, 1, 12).best(asking, 10)
        assert few.total <= 12  # what is returned has its true similarity
        np.testing.assert_array_equal(few.similarity, exact.exact(asking, few.rows).sum(axis=1))


@pytest.mark.parametrize("form", FORMS)
def test_components_are_those_of_a_singular_value_decomposition(galleries, form):
    *_, weighted = opened(galleries, form)
    vectors = weighted.of(np.arange(G)).numpy().astype(np.float64)
    basis = components(weighted, 5)
    rows = np.concatenate(list(reduced(weighted, basis))).reshape(G, K, 5)
    for k in range(K):
        left, values, right = np.linalg.svd(vectors[:, k], full_matrices=False)
        best = (left[:, :5] * values[:5]) @ right[:5]
        np.testing.assert_allclose(rows[:, k] @ basis[k].T, best, atol=1e-4)
    whole = components(weighted, C)
    asking = question(form)
    products = np.concatenate(list(reduced(weighted, whole))) @ project_query(asking, whole)
    weight = asking.unit * asking.weights[:, None]
    np.testing.assert_allclose(products, np.einsum("nkc,kc->n", vectors, weight), atol=1e-5)


def test_measured_recall_is_that_of_looking_at_both_rankings(galleries):
    card = index_gallery(galleries, "mine", "normalised", 3, "flat", partitions=20)
    store, catalogue, exact, _ = opened(galleries)
    queries = store.catalogue().of("query")
    vectors, places = FeatureFile(store, "query").open(queries)
    index = ApproximateIndex(store.folder, MADE, catalogue)
    told = card.measured[0]
    search = ApproximateSearch(index, exact, told.probes, told.candidates)
    hits = 0
    for at in np.linspace(0, 49, 32).astype(int):
        query = Embedding(vectors[places[at]][None].astype(np.float32), queries.awareness[[at]])
        asking = SearchQuery.of(query, "normalised")
        hits += len({*search.best(asking, 10).rows} & {*exact.best(asking, 10).rows})
    assert told.recall == pytest.approx(hits / 320) and 0.1 < told.recall < 1


def test_settings_are_the_fastest_that_reach_a_recall():
    measured = (Recall(1, 100, 0.8, 1.0), Recall(4, 100, 0.96, 3.0), Recall(9, 100, 0.97, 2.0))
    card = Card("", "", "eq8", 4, "flat", 9, 10, measured=measured)
    assert [card.setting(recall).probes for recall in (0.5, 0.95, 0.99)] == [1, 9, 9]


def test_index_that_cannot_be_used_says_why(galleries, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(galleries / "mine", folder)
    shutil.rmtree(folder / "approximate", ignore_errors=True)
    store, catalogue, exact, _ = opened(tmp_path)
    with pytest.raises(GalleryError, match="mine has no index for approximate search: run galler"):
        ApproximateIndex(folder, MADE, catalogue)
    index_gallery(tmp_path, "mine", "eq8", 4)
    index = ApproximateIndex(folder, MADE, catalogue)
    with pytest.raises(ValueError, match="is for the form eq8, got normalised: make another with"):
        index.candidates(question("normalised"), 1, 10)
    with pytest.raises(ValueError, match="must be at least 1, got 0 and 10"):
        index.candidates(question("eq8"), 0, 10)
    with pytest.raises(ValueError, match="best of 5 candidates are 1 to 5, got 6"):
        ApproximateSearch(index, exact, 1, 5).best(question("eq8"), 6)
    other = EmbeddingSpec("b" * 64, K, C)
    with pytest.raises(GalleryError, match="another checkpoint: expected bbbbbbbbbbbb, got aaaaa"):
        ApproximateIndex(folder, other, catalogue)
    store.delete([catalogue.names[0]])
    with pytest.raises(GalleryError, match="has changed since .* one of 299 pictures .* of 300"):
        ApproximateIndex(folder, MADE, store.catalogue().of("gallery"))
    card = folder / "approximate" / "index.json"
    card.write_text(json.dumps({"measured": []}))
    with pytest.raises(GalleryError, match="the index of the gallery mine is damaged"):
        ApproximateIndex(folder, MADE, catalogue)


def test_index_that_cannot_be_made_says_why(galleries, tmp_path, capsys):
    GalleryStore(tmp_path / "small", MADE).add(
        [record(n, np.random.default_rng(n).standard_normal((K, C)), np.ones(K)) for n in range(9)]
    )
    GalleryStore(tmp_path / "empty", MADE)
    for words, sentence in (
        (("none",), "there is no gallery 'none'"),
        (("empty",), "the gallery empty has no pictures to index"),
        (("small",), "components of a landmark must be 1 to 16, its channels, got 32"),
        (("small", "--components", "0"), "must be 1 to 16, its channels, got 0"),
        (("small", "--components", "4", "--kind", "pq"), "needs at least 256 pictures, got 9"),
        (("small", "--components", "4", "--partitions", "10"), "partitions must be 1 to 9, got 10"),
        (("small", "--components", "4", "--form", "best"), "form must be one of eq8"),
    ):
        assert main(["gallery", "index", *words, "--store", str(tmp_path)]) == 2
        error = capsys.readouterr().err
        assert sentence in error and error.strip().count("\n") == 0
    assert main(["gallery", "index", "small", "--components", "4", "--store", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("small: index of 9 images, 4 components a landmark, flat, 1 part")
    assert lines[2].split()[:3] == ["1", "9", "1.000"] and lines[-1].startswith("exact search: ")


def test_search_says_that_it_is_approximate_and_a_deleted_picture_is_gone(
    tiny_model, tmp_path, capsys
):
    checkpoint = save_checkpoint(tmp_path / "tiny", tiny_model(), {})
    engine = connect(checkpoint=checkpoint, galleries=tmp_path)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(20):
        pixels = np.random.default_rng(number).integers(0, 256, (64, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    engine.build_gallery("mine", folder)
    index_gallery(tmp_path, "mine", engine.info().similarity, 4)
    words = ["gallery", "search", "mine", str(folder / "03.png"), "--store", str(tmp_path)]
    words += ["--checkpoint", str(checkpoint), "--top", "2"]
    assert main(words) == 0
    exact = capsys.readouterr().out.splitlines()
    assert exact[0] == "exact; 20 of 20 images scored exactly" and exact[1].endswith("  03.png")
    assert main([*words, "--approximate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("approximate: 1 probes, 20 candidates, recall@10 against exact 1.0")
    assert lines[1:] == exact[1:]
    assert main([*words, "--approximate", "--candidates", "7"]) == 0
    told = capsys.readouterr().out.splitlines()[0]
    assert told.endswith("recall@10 against exact not measured; 7 of 20 images scored exactly")
    assert main([*words, "--probes", "3"]) == 2
    assert "are settings of --approximate" in capsys.readouterr().err
    engine.delete_pictures("mine", ["03.png"])
    assert not (tmp_path / "mine" / "approximate").exists()
    assert main([*words, "--approximate"]) == 2
    assert "has no index for approximate search" in capsys.readouterr().err
