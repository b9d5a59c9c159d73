"""What is kept so that the first screen waits for no network."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image

from aonet_core.engine.local.first_answer import (
    FEATURES,
    keep_first_answer,
    kept_first_answer,
    picture_digest,
    shipped_first_answer,
)
from aonet_core.gallery.samples import read_samples
from aonet_core.model.checkpoint import read_card
from aonet_core.results.landmarks import EngineInfo, LandmarkAnalysis

INFO = EngineInfo("net", "abc", "cpu", "float32", True, "aonet", "resnet18", 3, (32, 16), (4, 2),
                  "eq8", {"rank1": 0.5}, {})  # fmt: skip
PICTURES = [Image.new("RGB", (16, 32), colour) for colour in ("red", "blue")]


class Engine:
    """Says the same of every picture, but for its number."""

    def info(self):
        return INFO

    def analyze(self, pictures):
        names = [field.name for field in fields(LandmarkAnalysis)]
        seen = {name: np.ones((3, 4, 2), np.float32) for name in names} | {"milliseconds": 1.0}
        return [
            LandmarkAnalysis(**seen | {"awareness": np.full(3, 0.1 * number, np.float32)})
            for number in range(len(pictures))
        ]


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "net.safetensors"
    path.touch()
    write_card(path, "abc")
    return path


def write_card(path, digest):
    card = {"config": {}, "sha256": digest, "metrics": {"rank1": 0.5}}
    path.with_suffix(".json").write_text(json.dumps(card))


@pytest.mark.parametrize("shipped", [False, True])
def test_what_is_kept_is_read_again(checkpoint, shipped):
    assert kept_first_answer(checkpoint) is None
    keep_first_answer(Engine(), PICTURES, shipped_first_answer(checkpoint) if shipped else None)
    found = kept_first_answer(checkpoint)
    assert replace(found.info, card={}) == INFO and found.info.card["sha256"] == "abc"
    red, blue = (found.analyses[picture_digest(picture)] for picture in PICTURES)
    assert blue.awareness.tolist() == pytest.approx([0.1] * 3) and not red.awareness.any()
    assert red.response_map.shape == (3, 4, 2) and np.isnan(red.milliseconds)
    assert all(getattr(red, name).shape == (3, 0) for name in FEATURES)


def test_what_belongs_to_other_weights_or_is_damaged_is_left_aside(checkpoint, caplog):
    file = keep_first_answer(Engine(), PICTURES, shipped_first_answer(checkpoint))
    write_card(checkpoint, "other")
    assert kept_first_answer(checkpoint) is None and not caplog.text
    write_card(checkpoint, "abc")
    file.write_bytes(file.read_bytes()[:200])
    assert kept_first_answer(checkpoint) is None and "is left aside" in caplog.text


def test_the_shipped_answer_is_of_the_shipped_checkpoint_and_samples(tmp_path, monkeypatch):
    """After another checkpoint or other samples: `python -m aonet_core prepare --ship`."""
    monkeypatch.setenv("AONET_CACHE", str(tmp_path))
    found = kept_first_answer("default")
    assert found is not None and found.info.digest == read_card("default")["sha256"]
    samples = read_samples()
    for name in samples.default_pair():
        with Image.open(samples.samples[name].path) as file:
            assert picture_digest(file.convert("RGB")) in found.analyses
