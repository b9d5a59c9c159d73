"""Atlas, facts, costs and networks through the engine: kept, cancelled, and with bad input."""

import io
import logging

import numpy as np
import pytest
from PIL import Image

from aonet_core.analysis.cost import cost_of, measure_cost
from aonet_core.analysis.paper import PAPER_TABLES
from aonet_core.engine import Cancelled, connect, read_samples
from aonet_core.engine.local import atlas as engine_atlases
from aonet_core.model import save_checkpoint
from aonet_core.model.backbones import BACKBONES
from aonet_core.model.untrained import untrained, untrained_names
from aonet_core.reports.rows import rows


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def engine(tiny_checkpoint, small_samples):
    return connect(checkpoint=tiny_checkpoint, samples=small_samples)


def jpeg(seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 30, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


def test_atlas_of_the_samples_is_what_the_network_sees(engine, small_samples, monkeypatch):
    assert not engine.atlas_ready()
    told = []
    found = engine.atlas(progress=lambda *done: told.append(done))
    samples = read_samples(small_samples).samples
    listed = [name for name, sample in samples.items() if sample.role != "twin"]
    assert sorted(found.names) == sorted(listed) and told[-1] == (len(listed), len(listed))
    for row in (0, len(found) // 2, len(found) - 1):
        sample = samples[str(found.names[row])]
        with Image.open(sample.path) as image:
            seen = engine.analyze([image])[0]
        np.testing.assert_allclose(found.awareness[row], seen.awareness, atol=1e-4)
        assert found.roles[row] == sample.role
        assert found.kinds[row] == ("occluded" if sample.occluder else "whole")
    np.testing.assert_allclose(found.body_shares().sum(axis=1), 1)
    assert found.total == len(found) and not found.unreadable

    monkeypatch.setattr(engine_atlases, "Collector", None)
    assert engine.atlas_ready()
    again = engine.atlas()
    for name, value in vars(found).items():
        np.testing.assert_array_equal(getattr(again, name), value, err_msg=name)


def test_cancel_keeps_nothing_and_a_damaged_file_is_made_anew(engine, tmp_path, caplog):
    engine.gallery()

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        engine.atlas(progress=stop)
    assert not list((tmp_path / "cache").rglob("atlases/*"))
    found = engine.atlas()
    (file,) = (tmp_path / "cache").rglob("atlases/*.aonet")
    file.write_bytes(file.read_bytes()[:500])
    with caplog.at_level(logging.WARNING):
        again = engine.atlas()
    assert "is made anew" in caplog.text
    np.testing.assert_array_equal(again.most, found.most)


def test_three_pictures_of_one_person_and_two_landmarks(tiny_model, tmp_path):
    network = tiny_model("aonet_lens", num_landmarks=2)
    engine = connect(checkpoint=save_checkpoint(tmp_path / "two", network, {}))
    pictures = [(f"0001_c{n}s1_00000{n}_00.jpg", jpeg(n)) for n in (1, 2, 3)]
    engine.build_gallery("few", pictures)
    found = engine.atlas("few")
    assert found.most.shape == (2, 3) and (found.most == found.least[:, ::-1]).all()
    assert set(found.kinds) == {""} and np.isnan(found.body_shares()).all()
    assert found.histogram("").sum(axis=1).tolist() == [3, 3]
    with pytest.raises(ValueError, match="no gallery 'none'"):
        engine.atlas("none")


def test_files_that_are_gone_are_left_out_until_they_are_back(engine, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(3):
        (folder / f"{seed}.jpg").write_bytes(jpeg(seed))
    engine.build_gallery("mine", folder)
    (folder / "1.jpg").unlink()
    found = engine.atlas("mine")
    assert (len(found), found.total, found.unreadable) == (2, 3, ("1.jpg",))
    assert not engine.atlas_ready("mine")
    (folder / "1.jpg").write_bytes(jpeg(1))
    assert len(engine.atlas("mine")) == 3


def test_of_many_pictures_some_are_looked_at_evenly(engine, monkeypatch):
    monkeypatch.setattr(engine_atlases, "MOST_PICTURES", 4)
    engine.build_gallery("ten", [(f"{seed}.jpg", jpeg(seed)) for seed in range(10)])
    found = engine.atlas("ten")
    assert found.names.tolist() == ["0.jpg", "3.jpg", "6.jpg", "9.jpg"] and found.total == 10


def test_facts_tell_patterns_memory_and_history(tiny_model, tmp_path):
    network = tiny_model("aonet_lens")
    path = save_checkpoint(tmp_path / "net", network, {})
    found = connect(checkpoint=path).facts()
    rows = network.memory.vectors.numpy().astype(np.float64)
    for a, b in ((0, 1), (2, 5)):
        lengths = np.linalg.norm(rows[a]) * np.linalg.norm(rows[b])
        assert found.memory_cosine[a, b] == pytest.approx(rows[a] @ rows[b] / lengths, abs=2e-3)
    np.testing.assert_allclose(np.diag(found.pattern_cosine), 1, atol=1e-5)
    assert found.history == {} and found.history_problem == ""
    history = path.with_name("net.history.csv")
    history.write_text("step,loss,validation_mean_ap\n0,2.5,\n1,2.0,0.5\n")
    found = connect(checkpoint=path).facts()
    assert found.history["loss"].tolist() == [2.5, 2.0]
    assert np.isnan(found.history["validation_mean_ap"][0])
    history.write_text("step,loss\n0,many\n")
    found = connect(checkpoint=path).facts()
    assert found.history == {} and "net.history.csv cannot be read" in found.history_problem


def test_a_network_without_patterns_or_memory_has_no_cosines(tiny_model, tmp_path):
    found = connect(
        checkpoint=save_checkpoint(tmp_path / "gap", tiny_model("base_gap"), {})
    ).facts()
    assert np.isnan(found.pattern_cosine).all() and np.isnan(found.reference_cosine).all()


def test_untrained_networks_are_the_same_every_time_and_told_apart():
    engine = connect(checkpoint="untrained-aonet_lens")
    info = engine.info()
    assert info.card["untrained"] is True and info.metrics == {} and info.preset == "aonet_lens"
    assert info.digest == untrained("untrained-aonet_lens")[1]["sha256"]
    assert np.isnan(engine.facts().memory_cosine).all() and engine.facts().history == {}
    listed = {network.name: network.trained for network in engine.networks()}
    assert listed["default"] and not any(listed[name] for name in untrained_names())
    with pytest.raises(FileNotFoundError, match="no checkpoint 'untrained-nothing'"):
        connect(checkpoint="untrained-nothing")


def test_costs_begin_with_the_network_that_runs(engine, tiny_model):
    own, *others = engine.costs()
    network = tiny_model("aonet_lens")
    assert own.preset == "aonet_lens" and own == cost_of(network.config)
    assert own.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert others[0] == measure_cost("resnet50", "layer4")
    assert {each.backbone for each in others} == set(BACKBONES)


def test_the_paper_is_quoted_alike_where_it_is_quoted():
    planned = rows("mobilenet_v2")
    compared = 0
    for table in PAPER_TABLES:
        assert len(table.rows) == len(table.ours)
        assert all(len(values) == len(table.columns) for _, values in table.rows)
        for (_, values), ours in zip(table.rows, table.ours, strict=True):
            row = planned.get(ours)
            if row and row.paper and "mAP" in table.columns:
                figures = dict(zip(table.columns, values, strict=True))
                assert (figures["rank-1"], figures["mAP"]) == row.paper, (table.number, ours)
                compared += 1
    assert compared >= 18
    assert {name for table in PAPER_TABLES for name in table.ours if name} <= set(planned)
