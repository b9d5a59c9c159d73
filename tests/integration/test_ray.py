"""Galleries built on Ray, and searched in shards, against one process doing the same."""

import os
import signal
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core.cli import main
from aonet_core.engine import Cancelled, connect
from aonet_core.engine.on_ray import build as ray_build
from aonet_core.engine.on_ray.cluster import cluster
from aonet_core.gallery import build
from aonet_core.gallery.store import GalleryStore
from aonet_core.retrieval import FORMS, Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search.sharded import ShardedSearch, split

pytestmark = pytest.mark.slow

K, C, G = 3, 24, 53


@pytest.fixture(scope="module", autouse=True)
def ray():
    """Ray on this machine, once for all of these tests."""
    with cluster(processors=2):
        yield


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """Vectors in a file with strangers between its rows; many pictures are alike in every bit."""
    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("vectors") / "gallery.f16"
    vectors = rng.standard_normal((71, K, C))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    vectors = vectors.astype(np.float16)
    places = rng.permutation(71)[:G]
    awareness = rng.random((G, K)).astype(np.float32)
    for row in range(0, G, 2):
        vectors[places[row]], awareness[row] = vectors[places[0]], awareness[0]
    vectors.tofile(path)
    mapped = np.memmap(path, np.float16, mode="c", shape=vectors.shape)
    lengths = np.linalg.norm(vectors[places].astype(np.float64), axis=2).astype(np.float32)
    return mapped, places, awareness, lengths


@pytest.fixture(scope="module")
def questions():
    rng = np.random.default_rng(4)
    query = Embedding(
        rng.standard_normal((1, K, C)).astype(np.float32), rng.random((1, K)).astype(np.float32)
    )
    return [SearchQuery.of(query, form) for form in FORMS]


@pytest.fixture(scope="module")
def sharded(gallery):
    search = ShardedSearch(split(*gallery, 3))
    yield search
    search.close()


def assert_same(found, expected):
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_array_equal(found.similarity, expected.similarity)
    np.testing.assert_array_equal(found.shares, expected.shares)
    assert (found.total, found.above) == (expected.total, expected.above)


def test_shards_answer_as_one_machine_to_the_bit(gallery, questions, sharded):
    exact = ExactSearch(*gallery)
    kept = np.arange(G) % 3 != 1
    middle = float(np.median(exact.best(questions[0], G).similarity))
    for question in questions:
        for top_k in (1, 10, 30, G, 500):
            assert_same(sharded.best(question, top_k), exact.best(question, top_k))
        expected = exact.best(question, 20, kept, middle)
        assert_same(sharded.best(question, 20, kept, middle), expected)
    rows = np.array([5, 0, 52, 17, 5])
    np.testing.assert_array_equal(
        sharded.exact(questions[1], rows), exact.exact(questions[1], rows)
    )
    np.testing.assert_allclose(sharded.shares(questions[1]), exact.shares(questions[1]), atol=1e-6)
    assert len(sharded) == G


def test_equals_over_shards_keep_the_gallery_order(gallery, questions, sharded):
    alike = list(range(0, G, 2))
    rows = sharded.best(questions[0], G).rows.tolist()
    first = rows.index(0)
    assert rows[first : first + len(alike)] == alike
    assert len({int(gallery[1][row]) * 3 // 71 for row in alike}) == 3  # they lie in all shards


def test_a_shard_that_nobody_of_takes_part_is_no_trouble(gallery, questions, sharded):
    kept = np.zeros(G, dtype=bool)
    kept[[4, 9]] = True
    expected = ExactSearch(*gallery).best(questions[0], 10, kept)
    assert_same(sharded.best(questions[0], 10, kept), expected)
    with pytest.raises(ValueError, match="got 0 and 10"):
        sharded.best(questions[0], 10, np.zeros(G, dtype=bool))
    with pytest.raises(ValueError, match="got 53 and 0"):
        sharded.best(questions[0], 0)


def test_a_shard_that_dies_is_brought_up_again(gallery, questions, sharded):
    import ray as library

    actor = sharded._actors[1]
    pid = library.get(actor.__ray_call__.remote(lambda _: os.getpid()))
    os.kill(pid, signal.SIGKILL)
    assert_same(sharded.best(questions[0], 9), ExactSearch(*gallery).best(questions[0], 9))


def test_what_cannot_be_split(gallery):
    assert len(split(*gallery, 1000)) == G  # no shard without a picture
    with pytest.raises(ValueError, match="at least 1 shard, got 71 and 0"):
        split(*gallery, 0)


@pytest.fixture
def pictures(tmp_path):
    """Nine pictures, then one that is broken and one that is there under another name."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(9):
        pixels = np.random.default_rng(number).integers(0, 256, (64, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04d}_c1.png")
    (folder / "x.png").write_bytes(b"broken")
    (folder / "y.png").write_bytes((folder / "0003_c1.png").read_bytes())
    return folder


@pytest.fixture
def archive(pictures, tmp_path):
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as file:
        for picture in pictures.iterdir():
            file.write(picture, picture.name)
    return path


@pytest.fixture
def small_steps(monkeypatch):
    """Few pictures at a time; one thread, like a worker, for the same rounding."""
    monkeypatch.setattr(build, "BATCH", 3)
    monkeypatch.setattr(build, "STORED", 3)
    monkeypatch.setattr(ray_build, "BLOCK", 3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def table(folder, name):
    return GalleryStore(folder / name)._table.to_arrow().sort_by("number")


def test_build_on_ray_gives_the_same_rows_and_goes_on_after_a_stop(
    tiny_checkpoint, archive, small_steps, tmp_path
):
    store = tmp_path / "store"
    engine = connect(checkpoint=tiny_checkpoint, galleries=store)
    expected = engine.build_gallery("plain", archive)
    settings = {"checkpoint": tiny_checkpoint, "workers": 1}

    def stop(done, total):
        assert total == 11
        if done == 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        ray_build.build_on_ray(engine.spec, store, "ray", archive, progress=stop, **settings)
    assert table(store, "ray").equals(table(store, "plain").slice(0, 6))
    report = ray_build.build_on_ray(engine.spec, store, "ray", archive, **settings)
    assert (report.added, report.present) == (3, 6)
    assert report.duplicates == expected.duplicates == ("y.png",)
    assert report.refused == expected.refused and report.refused[0][0] == "x.png"
    assert table(store, "ray").equals(table(store, "plain"))
    assert engine.gallery("ray").complete


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ray", "--address", "auto"), "a cluster needs pictures in a folder that all of its"),
        (("--ray", "--workers", "0"), "a build needs at least 1 worker, got 0"),
        (("--workers", "2"), "--address and --workers are options of --ray"),
    ],
)
def test_what_cannot_be_built_on_ray(tiny_checkpoint, archive, tmp_path, capsys, options, sentence):
    words = ["gallery", "build", "zip", str(archive), "--checkpoint", str(tiny_checkpoint)]
    assert main([*words, "--store", str(tmp_path / "store"), *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error
    assert not (tmp_path / "store" / "zip").exists()


def test_search_over_shards_prints_what_one_machine_does(
    tiny_checkpoint, pictures, tmp_path, capsys
):
    store = ["--store", str(tmp_path / "store"), "--checkpoint", str(tiny_checkpoint)]
    assert main(["gallery", "build", "mine", str(pictures), *store]) == 0
    words = ["gallery", "search", "mine", str(pictures / "0004_c1.png"), *store]
    capsys.readouterr()
    assert main(words) == 0
    alone = capsys.readouterr().out.splitlines()
    assert main([*words, "--shards", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "exact, over 2 shards; 9 of 9 images scored exactly"
    assert lines[1:] == alone[1:] and lines[1].endswith("  0004_c1.png") and len(lines) == 10
    assert main([*words, "--address", "auto"]) == 2
    assert "--address is for a search over --shards" in capsys.readouterr().err
