"""Networks of somebody's own beside the one that runs: what they share, and what they don't."""

import io
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save

from aonet_core.adaptation import adapt as adapting
from aonet_core.adaptation.carry import changed, changes, private_copy
from aonet_core.adaptation.features import landmark_norm
from aonet_core.cli import main
from aonet_core.engine import MIN_PICTURES_TO_ADAPT, Adaptation, GalleryError, connect
from aonet_core.gallery.retention import ADAPTED, ADAPTED_HOURS, ADAPTED_MOST, expire
from aonet_core.model import load_checkpoint, read_card, save_checkpoint
from aonet_core.results import adaptation as results
from tests.comparing import assert_alike


def png(seed):
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), dtype=np.uint8))
    file = io.BytesIO()
    coarse.resize((32, 64), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def crowd(count=24):
    return [(f"{number:02d}.png", png(number)) for number in range(count)]


def image(seed):
    return Image.open(io.BytesIO(png(seed)))


@pytest.fixture(scope="module")
def checkpoint(tiny_model, tmp_path_factory):
    """One with a landmark head, as the default has."""
    net = tiny_model("aonet_context", backbone="mobilenet_v2", landmark_head=8, landmark_context=4)
    return save_checkpoint(tmp_path_factory.mktemp("net") / "net", net, {"command": "test"})


@pytest.fixture
def engine(checkpoint, small_samples, tmp_path):
    return connect(checkpoint=checkpoint, samples=small_samples, galleries=tmp_path / "galleries")


@pytest.fixture(scope="module")
def own(checkpoint, small_samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("galleries")
    return connect(checkpoint=checkpoint, samples=small_samples, galleries=folder).adapt(crowd())


def test_an_engine_adapts_as_the_command_does(engine, own, tmp_path):
    folder = tmp_path / "crops"
    folder.mkdir()
    for name, content in crowd():
        (folder / name).write_bytes(content)
    words = ["adapt", "--data", str(folder), "--checkpoint", str(engine._checkpoint)]
    assert main([*words, "--device", "cpu", "--out", str(tmp_path / "mine")]) == 0
    said = read_card(tmp_path / "mine.safetensors")["adapted"]
    assert_alike(said["landmarks"], own.adapted["landmarks"])
    written = connect(checkpoint=tmp_path / "mine.safetensors").analyze([image(1)])[0]
    mine = engine.adapted(own).analyze([image(1)])[0]
    assert mine.awareness == pytest.approx(written.awareness, abs=0.01)  # half precision there
    assert own.arrays.keys() == {"memory.vectors"} and own.parent == engine.info().digest


def test_what_was_saved_becomes_a_checkpoint(engine, own, tmp_path, capsys):
    (tmp_path / "own.safetensors").write_bytes(own.to_bytes())
    again = Adaptation.from_bytes(own.to_bytes())
    assert again.digest == own.digest and again.card == own.card
    words = ["adapt", "--saved", str(tmp_path / "own.safetensors"), "--out", str(tmp_path / "mine")]
    assert main([*words, "--checkpoint", str(engine._checkpoint)]) == 0
    assert "adapted to 24 pictures" in capsys.readouterr().out
    model, card = load_checkpoint(tmp_path / "mine.safetensors")
    assert card["adapted"] == own.adapted and card["command"] == "test"
    assert model.memory.vectors.numpy() == pytest.approx(own.arrays["memory.vectors"], abs=1e-3)
    assert main([*words, "--checkpoint", "default"]) == 2
    assert "belongs to another checkpoint" in capsys.readouterr().err


def test_any_part_but_the_backbone_may_be_somebodys_own(tiny_model):
    net = tiny_model("aonet_context", backbone="mobilenet_v2", landmark_head=8, landmark_context=4)
    learnt = private_copy(net)
    assert learnt.backbone is net.backbone
    before = [value.clone() for value in net.landmark_head.parameters()]
    with torch.no_grad():
        for value in learnt.landmark_head.parameters():
            value += 0.5
    assert all(map(torch.equal, before, net.landmark_head.parameters()))
    arrays = changes(net, learnt)
    assert all(name.startswith(("landmark_head.", "memory.vectors")) for name in arrays)
    images = torch.rand(2, 3, *net.config.image_size)
    with torch.inference_mode():
        expected, found = learnt(images), changed(net, arrays)(images)
        assert not torch.equal(net(images).landmark_logits, expected.landmark_logits)
    assert torch.equal(found.landmark_logits, expected.landmark_logits)


def test_others_are_looked_at_meanwhile_and_leave_nothing(engine):
    """The features of one caller's pictures must not be caught in another's adaptation."""
    seen = []

    def meanwhile(done, total):
        if done:
            seen.append(engine.analyze([image(90)]))
            assert not landmark_norm(engine._model)._forward_pre_hooks

    again = engine.adapt(crowd(), progress=meanwhile)
    assert seen and again.digest == engine.adapt(crowd()).digest


def test_an_own_gallery_is_embedded_again_and_nothing_of_it_is_lost(engine, own):
    engine.build_gallery("mine", [(f"{n:04d}_c1.png", png(n)) for n in range(1, 7)])
    mine = engine.adapted(own)
    assert engine.gallery_ready("mine") and not mine.gallery_ready("mine")
    # Pictures and queries can be seen before that.
    assert mine.picture("mine", "0001_c1.png").size == (32, 64)
    assert mine.queries("mine").names == ()
    told = []
    info = mine.gallery("mine", lambda *done: told.append(done))
    assert told[-1] == (6, 6) and mine.gallery_ready("mine")
    plain = engine.gallery("mine")
    assert info.checkpoint == own.digest and plain.checkpoint == engine.info().digest
    assert replace(info, checkpoint="") == replace(plain, checkpoint="")
    stored = mine.embedded_of("mine", ["0003_c1.png"])
    assert stored.awareness == pytest.approx(mine.embed([image(3)]).awareness, abs=1e-3)
    found = mine.rank(image(3), "mine", top_k=2)
    assert found.names[0] == "0003_c1.png"
    assert mine.thumbnail("mine", "0003_c1.png") == engine.thumbnail("mine", "0003_c1.png")
    # Whoever changes it changes it for all.
    mine.delete_pictures("mine", ["0003_c1.png"])
    assert len(engine.gallery("mine").names) == 5 and not mine.gallery_ready("mine")
    assert len(mine.gallery("mine").names) == 5
    with pytest.raises(GalleryError, match="no gallery 'nowhere'"):
        mine.gallery_ready("nowhere")


def test_galleries_of_adapted_networks_are_listed_nowhere_and_go(engine, own, tmp_path):
    mine = engine.adapted(own)
    mine.gallery()
    galleries = tmp_path / "galleries"
    (folder,) = galleries.glob(f"{ADAPTED}*")
    assert [each.name for each in engine.galleries()] == ["sample"]
    assert not any(os.walk(folder / "nothing")) and mine.gallery_ready()
    late = time.time() + 3600 * ADAPTED_HOURS
    expire(galleries, None, late - 60)
    assert folder.is_dir()
    expire(galleries, None, late + 60)
    assert not folder.exists() and not mine.gallery_ready()
    assert mine.gallery().checkpoint == own.digest  # made again when it is needed
    for number in range(ADAPTED_MOST + 1):
        (galleries / f"{ADAPTED}{number}").mkdir()
    expire(galleries, None)
    assert len([*galleries.glob(f"{ADAPTED}*")]) == ADAPTED_MOST


def test_answers_of_adapted_networks_go_with_them(engine, own, tmp_path, monkeypatch):
    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))
    mine = engine.adapted(own)
    mine.evaluate()
    assert mine.evaluation_ready() and not engine.evaluation_ready()
    assert not (tmp_path / "cache").exists()


def test_one_adapts_again_from_there(engine, own):
    mine = engine.adapted(own)
    twice = mine.adapt(crowd(30))
    assert twice.parent == own.parent == engine.info().digest
    assert twice.adapted["parent"]["sha256"] == own.digest
    engine.adapted(twice).analyze([image(0)])


@pytest.mark.parametrize(
    "arrays, words",
    [
        ({}, "1 to 256 arrays, got 0"),
        ({"memory.vectors": np.ones(3)}, "finite float32, got float64"),
        ({"memory.vectors": np.full(3, np.nan, "f4")}, "not finite"),
        ({"memory.vectors": np.zeros(results.LARGEST, "f4")}, "at most"),
    ],
)
def test_what_cannot_be_part_of_a_network_is_refused(arrays, words):
    with pytest.raises(ValueError, match=words):
        Adaptation("0" * 64, arrays, {})


def test_files_that_hold_none_are_refused(checkpoint):
    told = {"format": results.FORMAT, "parent": "0" * 64, "card": "[" * 100_000}
    deep = save({"memory.vectors": np.zeros(1, "f4")}, metadata=told)
    for content in (b"", b"no", checkpoint.read_bytes(), deep):
        with pytest.raises(ValueError, match="is no adapted network of this application"):
            Adaptation.from_bytes(content)


def test_the_fewest_are_the_same_everywhere():
    assert MIN_PICTURES_TO_ADAPT == adapting.MIN_PICTURES
