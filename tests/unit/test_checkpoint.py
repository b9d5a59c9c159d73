"""Checkpoints: what is written comes back, and what does not fit is explained."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from aonet_core.model import load_checkpoint, read_card, save_checkpoint


@pytest.fixture
def saved(tiny_model, tmp_path):
    model = tiny_model("aonet_lens", backbone="resnet18")
    return model, save_checkpoint(tmp_path / "net", model, {"seed": 3, "data": "noise"})


def test_round_trip_keeps_weights_memory_and_card(saved):
    model, path = saved
    loaded, card = load_checkpoint(path)
    assert card["seed"] == 3 and card["config"]["preset"] == "aonet_lens"
    assert not loaded.training and loaded.config == model.config
    torch.testing.assert_close(loaded.memory.vectors, model.memory.vectors, atol=1e-3, rtol=1e-3)
    images = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        torch.testing.assert_close(
            loaded(images).awareness, model(images).awareness, atol=5e-3, rtol=0
        )


def test_matrices_are_stored_in_half_precision(saved):
    tensors = load_file(saved[1])
    assert tensors["memory.vectors"].dtype == torch.float16
    assert tensors["backbone.bn1.running_var"].dtype == torch.float32


def test_missing_checkpoint_names_what_there_is(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint 'nothing'.*shipped names"):
        load_checkpoint("nothing")
    lone = tmp_path / "lone.safetensors"
    save_file({"a": torch.zeros(1)}, lone)
    with pytest.raises(FileNotFoundError, match="has no card: expected lone.json"):
        read_card(lone)


def test_altered_file_is_refused(saved):
    path = saved[1]
    path.write_bytes(path.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match="is not the file its card describes: expected SHA-256"):
        load_checkpoint(path)


def rewrite(path, tensors, **card_changes):
    """Write other tensors under the same card, with a digest that agrees."""
    import hashlib

    save_file(tensors, path)
    card = json.loads(path.with_suffix(".json").read_text())
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    card["config"] |= card_changes
    path.with_suffix(".json").write_text(json.dumps(card))


def test_mismatch_names_the_tensors(saved):
    path = saved[1]
    tensors = load_file(path)
    rewrite(path, tensors, num_landmarks=4)
    with pytest.raises(ValueError, match=r"activation.patterns must be \(4, 512\), got \(6, 512\)"):
        load_checkpoint(path)
    tensors.pop("memory.vectors")
    rewrite(path, tensors | {"other": torch.zeros(2)}, num_landmarks=6)
    with pytest.raises(ValueError, match="lacks 1 tensors such as memory.vectors; .*unknown 1"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("{}", "lacks config and sha256"),
    ],
    ids=["cut", "deep", "empty"],
)
def test_broken_card(saved, text, message):
    path = saved[1]
    path.with_suffix(".json").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path)


def test_file_of_another_kind_is_never_unpickled(saved):
    path = saved[1]
    torch.save({"a": torch.zeros(1)}, path)
    import hashlib

    card = json.loads(path.with_suffix(".json").read_text())
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(ValueError, match="not a readable safetensors file"):
        load_checkpoint(path)
