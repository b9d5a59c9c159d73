"""The train command on tiny sets of noise."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from aonet_core import load_checkpoint
from aonet_core.cli import main
from aonet_core.training import module, train
from aonet_core.training.run import read_history


def history(out):
    """Loss and learning rate of every step, over all starts of a run."""
    return read_history(out)[["loss", "learning_rate"]]


def test_training_moves_the_network_and_its_memory(recipe, tmp_path):
    path = train(recipe(epochs=1), tmp_path / "run", progress=False)
    trained, card = load_checkpoint(path)
    steps = history(tmp_path / "run")
    assert card["steps"] == len(steps) == 4
    assert np.isfinite(steps["loss"]).all()
    assert (trained.memory.vectors.norm(dim=1) > 0.01).all()
    data = dict(card["data"])
    assert len(data.pop("fingerprint")) == 64
    assert data == {"name": "market1501", "train_images": 20, "train_identities": 5}
    assert card["recipe"]["learning_rate"] == 3.5e-4
    assert set(card["training"]) >= {"loss", "identity", "orthogonal", "consistency", "awareness"}
    assert trained.config.num_landmarks == 3 and trained.config.num_ids == 5


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_a_resumed_run_is_the_uninterrupted_one(recipe, tmp_path, workers):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(recipe(), whole, progress=False)

    calls = []

    def stop_in_the_second_epoch(model):
        calls.append(model.training)
        if len(calls) == 3:  # the first is before the first epoch
            raise RuntimeError("the power failed")
        return {"mean_ap": 0.5}

    with pytest.raises(RuntimeError, match="the power failed"):
        train(
            recipe(validate_every=1, workers=workers),
            broken,
            validate=stop_in_the_second_epoch,
            progress=False,
        )
    path = train(recipe(workers=workers), broken, resume=True, progress=False)
    assert calls == [False] * 3
    assert len(history(whole)) == 12 and history(broken).equals(history(whole))
    expected, got = (load_checkpoint(each)[0] for each in (whole / "model.safetensors", path))
    for (name, first), second in zip(
        expected.state_dict().items(), got.state_dict().values(), strict=True
    ):
        assert torch.equal(first, second), name


class Scripted:
    """A validation whose results are given; it remembers the networks it saw."""

    def __init__(self, *results):
        self.results, self.seen = list(results), []

    def __call__(self, model):
        assert not model.training and not torch.is_grad_enabled()
        self.seen.append(model.activation.patterns.detach().half().clone())
        return self.results[len(self.seen) - 1]


def card_of(path):
    return json.loads(path.with_suffix(".json").read_text())


@pytest.mark.slow
def test_the_best_epoch_is_exported_and_the_last_stays(recipe, tmp_path):
    parts = [(0.9, 0.9), (0.2, 0.7), (0.4, 0.6), (0.6, 0.3)]  # before training, epochs 1 to 3
    results = [{"mean_ap": first, "awareness_auroc": second} for first, second in parts]
    measure = Scripted(*results)
    change = {"validate_every": 1, "select_by": "mean_ap + awareness_auroc"}
    best = train(recipe(**change), tmp_path, validate=measure, progress=False)
    last = tmp_path / "last.safetensors"
    for path, epoch in ((best, 2), (last, 3)):
        network, card = load_checkpoint(path)
        assert torch.equal(network.activation.patterns, measure.seen[epoch].float())
        assert (card["epoch"], card["steps"]) == (epoch, 4 * epoch)
        assert card["validation"] == results[epoch]
        assert card["validations"] == {str(number): each for number, each in enumerate(results)}
    assert not torch.equal(measure.seen[2], measure.seen[3])
    logged = read_history(tmp_path)["validation_mean_ap"].dropna()
    assert logged.to_dict() == pytest.approx({3: 0.2, 7: 0.4, 11: 0.6})  # an epoch's last step


@pytest.mark.slow
def test_validation_is_as_rare_as_asked_and_survives_what_cannot_be_measured(recipe, tmp_path):
    measure = Scripted(*({"mean_ap": value} for value in (0.5, float("nan"), 0.3)))
    path = train(recipe(validate_every=2), tmp_path, validate=measure, progress=False)
    assert len(measure.seen) == 3  # before, after the second epoch and after the last
    assert card_of(path)["epoch"] == 3
    validations = {"0": {"mean_ap": 0.5}, "2": {"mean_ap": None}, "3": {"mean_ap": 0.3}}
    assert card_of(path)["validations"] == validations


def test_a_score_that_is_not_measured_stops_before_training(recipe, tmp_path):
    measure = Scripted({"mean_ap": 0.5})
    with pytest.raises(ValueError, match="select_by expects sharpness, but .* only mean_ap"):
        train(recipe(select_by="mean_ap+sharpness"), tmp_path, validate=measure, progress=False)
    assert len(read_history(tmp_path)) == 0


def test_curves_are_in_tensorboard_too(recipe, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(recipe(epochs=1), tmp_path, progress=False)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    curve = {event.step: event.value for event in events.Scalars("loss")}
    history_file = pd.read_csv(tmp_path / "history.csv", index_col="step")
    assert len(curve) == 4 and curve == pytest.approx(history_file["loss"].to_dict())


@pytest.mark.slow
def test_a_time_budget_ends_the_schedule(recipe, tmp_path, monkeypatch):
    clock = itertools.count(step=15)  # seconds; it is read once a step
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    train(recipe(epochs=500, minutes=5), tmp_path, progress=False)
    rates = history(tmp_path)["learning_rate"]
    assert len(rates) == 20
    assert rates.iloc[-1] < 0.1 * rates.max() and rates.idxmax() < 3


def test_the_command_trains_resumes_and_refuses(noise_set, tmp_path, capsys):
    out = tmp_path / "run"
    words = ["train", "--config", "base_gap", "--data", str(noise_set), "--out", str(out)]
    words += ["--epochs", "1", "--seed", "4"]
    for assignment in (
        "backbone=resnet18",
        "image_size=[64, 32]",
        "identities=2",
        "images=2",
        "workers=0",
        "backbone_weights=none",
    ):
        words += ["--set", assignment]
    assert main(words) == 0
    card = json.loads((out / "model.json").read_text())
    assert card["config"]["preset"] == "base_gap" and card["seed"] == 4
    assert card["command"].startswith("python -m aonet_core train --config base_gap --data")
    assert main(words) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert main([*words, "--resume", "--set", "learning_rate=1e-3"]) == 2
    assert "learning_rate was 0.0005, got 0.001" in capsys.readouterr().err
    assert main([*words[:-2], "--set", "sharpness=3"]) == 2
    assert "has a field sharpness" in capsys.readouterr().err
    assert (
        main(["train", "--config", "base_gap", "--data", "nowhere", "--out", str(out) + "2"]) == 2
    )
    assert "no data set at nowhere" in capsys.readouterr().err


def test_sets_without_training_images_are_refused(noise_set, recipe, tmp_path):
    for split in ("query", "bounding_box_test"):
        (tmp_path / "data" / split).mkdir(parents=True)
        (tmp_path / "data" / split / "0001_c1s1_000001_00.jpg").touch()
    with pytest.raises(FileNotFoundError, match="market1501 needs a folder bounding_box_train"):
        train(recipe(data=str(tmp_path / "data")), tmp_path / "run", progress=False)
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        train(recipe(), tmp_path / "empty", resume=True, progress=False)
