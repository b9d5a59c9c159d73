"""Whole query sets through the engine: kept on disk, cancelled, and with bad input."""

import io
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aonet_core import engine as core
from aonet_core.analysis.evaluation.queries import evaluate_queries
from aonet_core.analysis.evaluation.query_search import EmbeddedSet
from aonet_core.engine import MatchOptions, Queries, connect
from aonet_core.engine.local import queries as engine_failures
from aonet_core.engine.local.answer_cache import read_answer, write_answer
from aonet_core.engine.local.queries import evaluation_file
from aonet_core.results.evaluation import Evaluation, Setting
from aonet_core.retrieval import Embedding

GALLERY = ((1, 2), (1, 1), (2, 2), (2, 1), (3, 1), (4, 2), (0, 3))
QUERIES = ((1, 1), (2, 3), (9, 1))


def picture(seed, size=(32, 64)):
    """Blotches, so that a tiny network tells pictures apart."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def samples(tmp_path):
    folder = tmp_path / "set"
    rows = []
    for role, ids in (("bounding_box_test", GALLERY), ("query", QUERIES)):
        for number, (pid, camid) in enumerate(ids):
            name = f"{pid:04d}_c{camid}s1_{number:06d}_00.png"
            rows.append({"file": f"{role}/{name}", "pid": pid, "camid": camid})
            rows[-1]["role"] = "query" if role == "query" else "gallery"
    for seed, row in enumerate(rows):
        hidden = row["role"] == "query"
        row |= {"split": "test", "occluder": "car" * hidden, "hidden": 0.5 * hidden}
        row |= {"visible_head": 1.0, "twin": row["file"].replace("query", "twins") * hidden}
        row["mask"] = f"masks/{seed}.png"
        for name in filter(None, (row["file"], row["mask"], row["twin"])):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture(seed).save(folder / row["file"])
        if hidden:
            picture(seed).save(folder / row["twin"])
        label = np.zeros((64, 32), dtype=np.uint8)
        label[32:] = 16 * hidden  # the lower half is hidden
        Image.fromarray(label).save(folder / row["mask"])
    pd.DataFrame(rows).to_parquet(folder / "visibility.parquet")
    return folder


@pytest.fixture
def engine(tiny_checkpoint, samples, tmp_path, monkeypatch):
    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))
    return connect(checkpoint=tiny_checkpoint, samples=samples)


def test_kept_queries_are_evaluated_with_truth_and_kept_on_disk(engine, monkeypatch):
    assert not engine.evaluation_ready()
    told = []
    found = engine.evaluate(progress=lambda *done: told.append(done))
    shares = [done / total for done, total in told[told.index(told[-1]) - 3 :]]
    assert told[-1][0] == told[-1][1] and shares == sorted(shares)
    assert len(found) == 3 and found.num_right.tolist() == [1, 2, 0]
    assert (found.hidden == 0.5).all() and (found.occluder == "car").all()
    assert ((found.visibility > 0) & (found.visibility < 1)).all()
    assert found.setting.form == engine.info().similarity and found.gallery_size == len(GALLERY)
    assert core.diagnose_all(found)[2].cause == "no_match"
    monkeypatch.setattr(engine_failures, "evaluate_queries", None)
    assert engine.evaluation_ready()
    again = engine.evaluate()
    for name, value in vars(found).items():
        if name in ("right", "wrong", "scores"):
            for inner, array in vars(value).items():
                np.testing.assert_array_equal(getattr(getattr(again, name), inner), array)
        else:
            np.testing.assert_array_equal(getattr(again, name), value)
    assert not engine.evaluation_ready(options=MatchOptions(form="unweighted"))


def test_what_is_kept_and_damaged_is_made_anew(engine, caplog):
    found = engine.evaluate()
    file = evaluation_file(found.setting)
    content = file.read_bytes()
    for damaged in (b"", content[: len(content) // 2], content[:200] + b"x" + content[201:]):
        file.write_bytes(damaged)
        with caplog.at_level(logging.WARNING):
            again = engine.evaluate()
        np.testing.assert_array_equal(again.first_rank, found.first_rank)
    assert "is made anew" in caplog.text
    assert read_answer(file, Evaluation) is not None and read_answer(file, dict) is None


def test_an_evaluation_of_another_setting_lies_elsewhere(engine):
    found = engine.evaluate()
    other = Setting(**(vars(found.setting) | {"form": "eq8"}))
    assert evaluation_file(other) != evaluation_file(found.setting)
    assert read_answer(evaluation_file(other), Evaluation) is None


def test_cancel_keeps_nothing_and_a_full_disk_is_told(engine, tmp_path, monkeypatch, caplog):
    engine.gallery()

    def stop(done, total):
        if 3 * done > 2 * total:
            raise core.Cancelled

    with pytest.raises(core.Cancelled):
        engine.evaluate(progress=stop)
    assert not list((tmp_path / "cache").rglob("evaluations/*"))
    found = engine.evaluate()
    evaluation_file(found.setting).unlink()

    def full(path, content):
        with path.open("wb") as stream:
            stream.write(content[:4])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    write_answer(evaluation_file(found.setting), found)
    assert "No space left" in caplog.text
    assert not list((tmp_path / "cache").rglob("evaluations/*"))


def test_folder_and_uploads_are_what_the_kept_queries_are(engine, samples):
    kept = engine.evaluate()
    folder = engine.evaluate(queries=samples)
    images = [Image.open(samples / name) for name in kept.names]
    uploads = Queries(images, kept.pids, kept.camids, list(kept.names))
    uploaded = engine.evaluate(queries=uploads)
    for other in (folder, uploaded):
        assert other.names.tolist() == kept.names.tolist()
        np.testing.assert_array_equal(other.first_rank, kept.first_rank)
        np.testing.assert_allclose(other.right.shares, kept.right.shares, atol=5e-3)
        assert other.setting != kept.setting
    np.testing.assert_allclose(folder.visibility, kept.visibility, atol=1e-2)
    assert np.isnan(uploaded.visibility).all()
    for queries in (None, samples, uploads):
        found = engine.query_picture(str(kept.names[1]), queries=queries)
        assert (np.asarray(found) == np.asarray(images[1])).all()
    with pytest.raises(ValueError, match="no query '../secret'"):
        engine.query_picture("../secret", queries=samples)


def test_a_query_that_is_in_the_gallery_never_counts_for_itself(engine, samples):
    inside = next((samples / "bounding_box_test").glob("0001_c2*"))
    with Image.open(inside) as image:
        queries = Queries([image.convert("RGB")], [1])
    found = engine.evaluate(queries=queries)
    assert "bounding_box_test/" + inside.name not in found.top_names[0].tolist()
    assert found.num_right[0] == 1  # the other one, whatever its camera
    assert any("none counts for itself" in note for note in found.notes)
    assert any("Cameras of queries are unknown" in note for note in found.notes)


def test_galleries_of_one_picture_and_of_one_camera(engine):
    def content(seed):
        file = io.BytesIO()
        picture(seed).save(file, "PNG")
        return file.getvalue()

    queries = Queries([picture(50), picture(51)], [1, 2], [1, 1])
    engine.build_gallery("one", [("0001_c2s1_000000_00.png", content(60))])
    found = engine.evaluate("one", queries)
    assert found.first_rank.tolist()[:1] == [1] and found.wrong.names[0] == ""
    assert (
        found.mean_ap == 1 and found.scores is not None and np.isnan(found.unfamiliar_below).all()
    )
    assert [each.cause for each in core.diagnose_all(found)] == ["found", "no_match"]
    names = [(f"000{n}_c1s1_00000{n}_00.png", content(60 + n)) for n in (1, 2)]
    engine.build_gallery("camera", names)
    found = engine.evaluate("camera", queries)
    assert not found.valid.any() and np.isnan(found.mean_ap)
    assert any("by another camera" in note for note in found.notes)
    assert len(core.failure_table(found)) == 2 and core.cause_shares(found)[0].count == 2
    alone = engine.evaluate("one")  # by its own picture, which has no other to match
    assert len(alone) == 1 and not alone.valid.any() and np.isnan(alone.mean_ap)
    engine.build_gallery("nobody", [("unnamed.png", content(70))])
    with pytest.raises(ValueError, match="no queries are kept with the gallery nobody"):
        engine.evaluate("nobody")


def test_pair_is_ranked_as_the_evaluation_says(engine):
    found = engine.evaluate()
    for row in range(2):
        query = engine.embedded_of("sample", [str(found.names[row])])
        match = str(found.wrong.names[row])
        pair = engine.pair(query, match, pid=int(found.pids[row]), camid=int(found.camids[row]))
        assert pair.match.rank == found.wrong.rank[row] and pair.match_is_right is False
        assert pair.rival.name == found.right.names[row]
        assert pair.right_rank == found.first_rank[row]
        np.testing.assert_allclose(pair.match.shares, found.wrong.shares[row], atol=1e-6)
        np.testing.assert_allclose(pair.lead_by_landmark, found.lead_by_landmark[row], atol=1e-6)
        assert len(pair.without) == 6
    stranger = engine.pair(picture(99), match)
    assert stranger.match_is_right is None and stranger.rival is None
    with pytest.raises(ValueError, match="no picture nobody.png"):
        engine.pair(picture(99), "nobody.png")


def test_options_reach_the_ranking(engine):
    only = engine.evaluate(options=MatchOptions(form="unweighted", only=(2,)))
    assert only.setting.without == (0, 1, 3, 4, 5)
    assert (only.right.shares[:2][:, [0, 1, 3, 4, 5]] == 0).all()
    reranked = engine.evaluate(options=MatchOptions(rerank=True))
    assert reranked.setting.rerank and np.isfinite(reranked.first_rank[:2]).all()


def test_tables_hold_every_query_and_rank(engine):
    found = engine.evaluate()
    ranks = core.rank_table(found)
    assert (ranks["gallery"] != "").all() and ranks.groupby("query").size().tolist() == [6, 7, 7]
    first = ranks[ranks["rank"] == 1]
    assert first["gallery"].tolist() == found.top_names[:, 0].tolist()
    text = core.to_csv(core.failure_table(found)).decode()
    read = pd.read_csv(io.StringIO(text))
    np.testing.assert_allclose(read["average_precision"], found.average_precision)
    assert read["cause"].tolist() == [each.cause for each in core.diagnose_all(found)]
    assert core.to_csv(pd.DataFrame({"name": ["=1+1", "a"]})) == b"name\n'=1+1\na\n"


def test_queries_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="as many pids as pictures, and one at least, got 1 and 2"):
        Queries([picture(1), picture(2)], [1])
    with pytest.raises(ValueError, match="got 0 and 0"):
        Queries([], [])
    with pytest.raises(ValueError, match="names of queries must differ, got 1 for 2"):
        Queries([picture(1), picture(2)], [1, 2], names=["a", "a"])


def test_identical_scores_keep_the_gallery_order_and_nan_is_refused():
    def listed(pids, camids):
        features = np.ones((len(pids), 2, 3), dtype=np.float32)
        features[:, 0] += np.arange(len(pids))[:, None] * 0  # all alike
        weights = np.full((len(pids), 2), 0.5, dtype=np.float32)
        weights[0] = 0.9  # else the query would be taken for every picture
        names = np.array([f"p{n}" for n in range(len(pids))])
        return EmbeddedSet(names, np.array(pids), np.array(camids), Embedding(features, weights))

    setting = Setting("c", "d", "g", "gd", "q", "qd", "unweighted")
    found = evaluate_queries(listed([1], [1]), listed([5, 2, 1], [2, 2, 2]), setting)
    assert found.num_right[0] == 1 and found.top_names[0].tolist() == ["p1", "p2", ""]
    assert found.first_rank[0] == 2 and found.margin[0] == 0
    assert core.diagnose(found, 0).cause in ("camera_shift", "unexplained")
    with pytest.raises(ValueError, match="features must be finite"):
        Embedding(np.full((1, 2, 3), np.nan), np.ones((1, 2)))
    with pytest.raises(ValueError, match="a name, an identity, a camera and an embedding each"):
        EmbeddedSet(
            np.array(["a"]),
            np.array([1, 2]),
            np.array([1]),
            Embedding(np.ones((1, 2, 3)), np.ones((1, 2))),
        )
