"""Galleries by way of the engine, on a tiny network."""

import io
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from aonet_core.engine import (
    Cancelled,
    GalleryBusy,
    GalleryError,
    ImageError,
    MatchOptions,
    connect,
)
from aonet_core.gallery import build
from aonet_core.gallery import open_gallery as gallery
from aonet_core.gallery.store import GalleryStore
from aonet_core.model import save_checkpoint
from aonet_core.retrieval import Embedding, rerank_blocks, similarity

NAMES = [f"{pid:04d}_c{camid}.png" for pid in (1, 2, 3) for camid in (1, 2)]


def picture(seed, size=(32, 64)):
    """Blotches, so that a tiny network tells pictures apart."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def png(seed):
    file = io.BytesIO()
    picture(seed).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def engine(tiny_checkpoint, tmp_path):
    return connect(checkpoint=tiny_checkpoint, samples=tmp_path, galleries=tmp_path / "galleries")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        (folder / name).write_bytes(png(seed))
    return folder


def test_folder_becomes_a_gallery(engine, folder, tmp_path):
    (folder / "0009_c1.png").write_bytes(png(3))
    (folder / "broken.jpg").write_bytes(png(3)[:200])
    (folder / "-1_c1.png").write_bytes(png(77))
    told = []
    report = engine.build_gallery("mine", folder, lambda *done: told.append(done))
    assert report.added == 6 and report.present == 0 and told[-1] == (8, 8)
    assert report.duplicates == ("0009_c1.png",)
    (junk, why), (broken, reason) = report.refused
    assert junk == "-1_c1.png" and "junk" in why
    assert broken == "broken.jpg" and "is damaged" in reason
    info = engine.gallery("mine")
    assert list(info.names) == NAMES and info.complete and info.source == "folder pictures"
    assert info.pids == (1, 1, 2, 2, 3, 3) and info.camids == (1, 2) * 3
    assert info.checkpoint == engine.info().digest and engine.gallery_ready("mine")
    assert engine.picture("mine", NAMES[2]).tobytes() == picture(2).tobytes()
    small = Image.open(io.BytesIO(engine.thumbnail("mine", NAMES[2], 20)))
    assert small.size == (10, 20) and small.format == "JPEG"
    stored, fresh = engine.embedded_of("mine", [NAMES[4], NAMES[1]]), engine.embed([picture(4)])
    np.testing.assert_allclose(stored.awareness[0], fresh.awareness[0], atol=1e-5)
    unit = fresh.features[0] / np.linalg.norm(fresh.features[0], axis=1, keepdims=True)
    np.testing.assert_allclose(stored.features[0], unit, atol=1e-3)


def test_build_goes_on_where_it_was_stopped(engine, folder, monkeypatch):
    monkeypatch.setattr(build, "BATCH", 2)
    monkeypatch.setattr(build, "STORED", 3)

    def stop(done, total):
        if done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.build_gallery("mine", folder, stop)
    entry = next(each for each in engine.galleries() if each.name == "mine")
    assert entry.count == 4 and not entry.complete and entry.usable
    (folder / NAMES[0]).write_bytes(png(50))  # another picture in its place
    report = engine.build_gallery("mine", folder)
    assert (report.added, report.present) == (2, 3)
    assert (
        report.refused[0][0] == NAMES[0] and "another picture of this name" in report.refused[0][1]
    )
    assert list(engine.gallery("mine").names) == NAMES
    with pytest.raises(GalleryError, match="its file has changed"):
        engine.picture("mine", NAMES[0])


def test_archive_and_single_pictures_are_copied(engine, folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in NAMES:
            archive.write(folder / name, f"people/{name}")
    assert engine.build_gallery("mine", file.getvalue()).added == 6
    assert engine.build_gallery("mine", [("0007_c3.png", png(9)), ("again", png(0))]).added == 1
    info = engine.gallery("mine")
    assert info.names[0] == f"people/{NAMES[0]}" and info.names[-1] == "0007_c3.png"
    assert info.pids[-1] == 7 and info.source == "folder in ZIP archive; single pictures"
    for path in folder.iterdir():
        path.unlink()
    assert engine.picture("mine", "0007_c3.png").tobytes() == picture(9).tobytes()
    assert engine.picture("mine", f"people/{NAMES[5]}").tobytes() == picture(5).tobytes()


def test_pictures_are_replaced_and_deleted(engine, folder):
    engine.build_gallery("mine", folder)
    before = engine.gallery("mine")
    engine.replace_picture("mine", NAMES[1], png(30), pid=8, camid=4)
    engine.delete_pictures("mine", [NAMES[0]])
    info = engine.gallery("mine")
    assert info.revision > before.revision and len(before.names) == 6
    assert list(info.names) == [*NAMES[2:], NAMES[1]] and info.pids[-1] == 8
    assert engine.rank(picture(30), "mine", 1).names == (NAMES[1],)
    assert engine.rank(picture(0), "mine", 9).total == 5
    for task, error, message in (
        (lambda: engine.replace_picture("mine", "x", png(1)), GalleryError, "has no picture x"),
        (lambda: engine.replace_picture("mine", NAMES[2], b"?"), ImageError, "is not an image"),
        (lambda: engine.replace_picture("mine", NAMES[2], png(30)), GalleryError, "the same pictu"),
        (lambda: engine.delete_pictures("mine", [NAMES[2], "x"]), GalleryError, "no picture x"),
        (lambda: engine.picture("mine", NAMES[0]), GalleryError, "has no picture"),
        (lambda: engine.embedded_of("mine", [NAMES[0]]), ValueError, "has no picture"),
        (lambda: engine.embedded_of("mine", []), ValueError, "at least one picture"),
    ):
        with pytest.raises(error, match=message):
            task()
    assert len(engine.gallery("mine").names) == 5


def test_ranking_with_every_option(engine, folder, monkeypatch):
    engine.build_gallery("mine", folder)
    query = engine.embed([picture(41)])
    stored = Embedding(*engine.embedded_of("mine", NAMES))
    for form in ("eq8", "unweighted", "normalised", "query_weighted"):
        expected = similarity(Embedding(*query), stored, form)[0].numpy()
        matches = engine.rank(query, "mine", 6, options=MatchOptions(form))
        order = np.argsort(-expected, kind="stable")
        assert matches.names == tuple(NAMES[row] for row in order) and matches.above == 6
        np.testing.assert_allclose(matches.similarity, expected[order], atol=1e-5)
        shares = engine.shares(query, "mine", MatchOptions(form))
        np.testing.assert_allclose(shares[order], matches.shares, atol=1e-6)
    assert engine.info().similarity == engine.rank(query, "mine").form == "normalised"
    one = engine.rank(query, "mine", options=MatchOptions("eq8", only=(3,)))
    assert one.shares[:, 3].all() and not np.delete(one.shares, 3, axis=1).any()
    both = engine.rank(query, "mine", options=MatchOptions(only=(3, 4), without=[4]))
    assert both.shares[:, 3].all() and not both.shares[:, 4].any()
    plain = engine.rank(query, "mine", options=MatchOptions(features="sl"))
    assert plain.form == "unweighted"
    second = engine.rank(query, "mine", cameras=[2], top_k=2, lowest=-1.0)
    assert second.total == 3 == second.above and all("_c2" in name for name in second.names)
    few = engine.rank(query, "mine", lowest=float(matches.similarity[2]), form="query_weighted")
    assert few.above == 3 and few.names == matches.names[:3]
    again = engine.rank(query, "mine", options=MatchOptions("eq8", (1,), rerank=True))
    kept = [0, 2, 3, 4, 5]
    left_out = Embedding(query.features[:, kept], query.awareness[:, kept])
    sides = left_out, Embedding(stored.features[:, kept].float(), stored.awareness[:, kept])
    ((_, expected),) = rerank_blocks(*sides, "eq8")
    order = np.argsort(-expected[0].numpy(), kind="stable")
    assert again.names == tuple(NAMES[row] for row in order) and not again.shares[:, 1].any()
    np.testing.assert_allclose(again.similarity, expected[0].numpy()[order], atol=1e-6)
    monkeypatch.setattr(gallery, "RERANKED", 5)
    for options, message in (
        (MatchOptions(rerank=True), "re-ranking needs 1 to 5 pictures .* got 6"),
        (MatchOptions(without=range(6)), "at least one landmark, got none"),
        (MatchOptions(only=(6,)), "numbered 0 to 5, got 6"),
    ):
        with pytest.raises(ValueError, match=message):
            engine.rank(query, "mine", options=options)
    with pytest.raises(ValueError, match="got 0 and 20"):
        engine.rank(query, "mine", cameras=[5])
    with pytest.raises(ValueError, match="features must be retrieval or sl, got 'oa'"):
        MatchOptions(features="oa")


def test_sl_features_point_where_oa_features_do_and_attended_ones_do_not(
    tiny_model, tmp_path, engine, folder
):
    analysis = engine.analyze([picture(1)])[0]
    for sl, oa in zip(analysis.sl_features, analysis.retrieval_features, strict=True):
        assert sl @ oa / np.linalg.norm(sl) / np.linalg.norm(oa) == pytest.approx(1, abs=1e-5)
    other = save_checkpoint(tmp_path / "aonet", tiny_model("aonet"), {})
    attended = connect(checkpoint=other, samples=tmp_path, galleries=tmp_path / "galleries")
    attended.build_gallery("attended", folder)
    with pytest.raises(ValueError, match="retrieves by attended features"):
        attended.rank(picture(1), "attended", options=MatchOptions(features="sl"))


def test_gallery_of_one_picture_and_the_query_itself(engine):
    engine.build_gallery("one", [("only.png", png(1))])
    matches = engine.rank(picture(1), "one")
    assert matches.names == ("only.png",) and matches.total == 1
    # Half precision is off by less than this.
    assert matches.similarity[0] == pytest.approx(1, abs=1e-4)
    reranked = engine.rank(picture(2), "one", options=MatchOptions(rerank=True))
    assert reranked.names == ("only.png",) and np.isfinite(reranked.similarity).all()
    info = engine.gallery("one")
    assert info.pids == info.camids == (0,)
    engine.delete_pictures("one", ["only.png"])
    assert engine.gallery("one").names == () and engine.galleries()[1].count == 0
    with pytest.raises(ValueError, match="got 0 and 20"):
        engine.rank(picture(1), "one")


def test_list_tells_what_cannot_be_used(engine, folder, tiny_model, tmp_path):
    engine.build_gallery("good", folder)
    engine.build_gallery("hurt", folder)
    engine.build_gallery("gone", folder)
    other = save_checkpoint(tmp_path / "other", tiny_model("aonet_lens", seed=1), {})
    place = tmp_path / "galleries"
    stranger = connect(checkpoint=other, samples=tmp_path, galleries=place)
    for file in (place / "hurt/images.lance/_versions").glob("*.manifest"):
        file.write_bytes(b"?")
    (place / "no gallery").mkdir()
    engine.delete_gallery("gone")
    sample, good, hurt = engine.galleries()
    assert sample.name == "sample" and "have no gallery" in sample.problem
    assert (good.name, good.count, good.queries) == ("good", 6, 0)
    assert good.pids_known and good.camids_known
    assert good.usable and good.complete and good.checkpoint == engine.info().digest
    assert hurt.name == "hurt" and "gallery hurt is damaged" in hurt.problem
    foreign = stranger.galleries()[1]
    assert foreign.count == 6 and "made with another checkpoint" in foreign.problem
    for task in (lambda: stranger.rank(picture(1), "good"), lambda: stranger.gallery("good")):
        with pytest.raises(GalleryError, match="made with another checkpoint: expected other .*ti"):
            task()
    with pytest.raises(GalleryError, match="made with another checkpoint"):
        stranger.build_gallery("good", folder)
    engine.delete_gallery("hurt")
    stranger.delete_gallery("good")
    assert len(engine.galleries()) == 1 and (place / "no gallery").is_dir()
    for name in ("good", "no gallery"):
        with pytest.raises(GalleryError, match="there is no gallery .*: expected one of sample"):
            engine.delete_gallery(name)


@pytest.mark.parametrize("name", ["", "sample", "sample-1", "../x", "a/b", ".x", "x ", "a" * 65])
def test_names_that_cannot_be(engine, folder, name):
    with pytest.raises(GalleryError, match="a gallery's name must be 1 to 64 letters"):
        engine.build_gallery(name, folder)
    with pytest.raises(GalleryError, match="a gallery's name must be"):
        engine.delete_gallery(name)


def test_gallery_that_somebody_writes_to_can_be_searched_but_not_changed(engine, folder, tmp_path):
    engine.build_gallery("mine", folder)
    with GalleryStore(tmp_path / "galleries" / "mine").writing():
        for task in (
            lambda: engine.build_gallery("mine", folder),
            lambda: engine.delete_pictures("mine", NAMES[:1]),
            lambda: engine.delete_gallery("mine"),
        ):
            with pytest.raises(GalleryBusy, match="gallery mine is being written by another proce"):
                task()
        assert len(engine.rank(picture(1), "mine").names) == 6
    assert engine.build_gallery("mine", folder).present == 6


def test_disk_that_fills_up_while_building_loses_nothing(engine, folder, monkeypatch):
    monkeypatch.setattr(build, "BATCH", 2)
    monkeypatch.setattr(build, "STORED", 2)
    add = GalleryStore.add
    stored = []

    def full(store, records):
        if len(stored) == 4 and records:
            raise OSError("the disk is full: the gallery mine keeps what was stored before")
        add(store, records)
        stored.extend(records)

    with monkeypatch.context() as patch:
        patch.setattr(GalleryStore, "add", full)
        with pytest.raises(OSError, match="the disk is full"):
            engine.build_gallery("mine", folder)
    info = engine.gallery("mine")
    assert list(info.names) == NAMES[:4] and not info.complete
    report = engine.build_gallery("mine", folder)
    assert (report.added, report.present) == (2, 4) and engine.gallery("mine").complete


def test_sample_that_cannot_be_read_leaves_no_gallery_without_it(tiny_checkpoint, tmp_path):
    import pandas as pd

    folder = tmp_path / "set"
    (folder / "gallery").mkdir(parents=True)
    rows = []
    for number in range(3):
        name = f"gallery/{number}.png"
        (folder / name).write_bytes(png(number) if number else b"?")
        rows.append({"file": name, "role": "gallery", "pid": 1, "camid": 1, "split": "test"})
        rows[-1] |= {"occluder": "", "hidden": 0.0, "visible_head": 1.0, "twin": "", "mask": ""}
    pd.DataFrame(rows).to_parquet(folder / "visibility.parquet")
    engine = connect(checkpoint=tiny_checkpoint, samples=folder, galleries=tmp_path / "galleries")
    for _ in range(2):
        with pytest.raises(ValueError, match="the sample gallery/0.png cannot be used: gallery/0"):
            engine.gallery()
        assert not engine.gallery_ready()
    assert engine.galleries()[0].count == 3


def test_samples_that_moved_are_embedded_again(tiny_checkpoint, small_samples, tmp_path):
    """Two checkouts of the same samples, one after the other."""
    for place in ("first", "second"):
        folder = tmp_path / place
        shutil.copytree(small_samples, folder)
        (folder / "SHA256SUMS").write_text("of both the same")
        galleries = tmp_path / "galleries"
        engine = connect(checkpoint=tiny_checkpoint, samples=folder, galleries=galleries)
        assert engine.picture("sample", engine.gallery().names[0])
        shutil.rmtree(folder)
