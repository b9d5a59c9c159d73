"""The train command on tiny sets of noise."""

import csv
import json
import math

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core import load_checkpoint
from aonet_core.cli import main
from aonet_core.training import TrainingRecipe, train

SMALL = {
    "backbone": "resnet18",
    "image_size": [64, 32],
    "num_landmarks": 3,
}


@pytest.fixture(scope="module")
def noise_set(tmp_path_factory):
    """Five identities of four noise images each in Market-1501's layout."""
    root = tmp_path_factory.mktemp("data") / "market1501"
    rng = np.random.default_rng(0)
    for split in ("bounding_box_train", "query", "bounding_box_test"):
        (root / split).mkdir(parents=True)
        for pid in range(1, 6):
            for index in range(4):
                pixels = rng.integers(0, 256, (64, 32, 3), dtype=np.uint8)
                path = root / split / f"{pid:04d}_c{index + 1}s1_{index:06d}_00.jpg"
                Image.fromarray(pixels).save(path)
    return root


@pytest.fixture
def recipe(noise_set):
    def build(**changes):
        base = TrainingRecipe(
            data=str(noise_set), epochs=3, identities=2, images=2, occluded_images=2, workers=0
        )
        return base.change({**SMALL, **changes})

    return build


def history(out):
    """The loss of every step, in order, over all starts of a run."""
    losses = {}
    for path in sorted(out.glob("metrics/*/metrics.csv")):
        with path.open() as file:
            for row in csv.DictReader(file):
                if row["loss"]:
                    losses[int(row["step"])] = (row["loss"], row["learning_rate"])
    return losses


def test_training_moves_the_network_and_its_memory(recipe, tmp_path):
    path = train(recipe(epochs=1), tmp_path / "run", progress=False)
    trained, card = load_checkpoint(path)
    steps = history(tmp_path / "run")
    assert card["steps"] == len(steps) == 4
    assert all(math.isfinite(float(loss)) for loss, _ in steps.values())
    assert (trained.memory.vectors.norm(dim=1) > 0.01).all()
    assert card["data"] == {"name": "market1501", "train_images": 20, "train_identities": 5}
    assert card["recipe"]["learning_rate"] == 3.5e-4
    assert set(card["training"]) >= {"loss", "identity", "orthogonal", "consistency", "awareness"}
    assert trained.config.num_landmarks == 3 and trained.config.num_ids == 5


def test_a_resumed_run_is_the_uninterrupted_one(recipe, tmp_path):
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
            recipe(validate_every=1),
            broken,
            validate=stop_in_the_second_epoch,
            progress=False,
        )
    path = train(recipe(), broken, resume=True, progress=False)
    assert calls == [False] * 3
    assert len(history(whole)) == 12 and history(broken) == history(whole)
    expected, got = (load_checkpoint(each)[0] for each in (whole / "model.safetensors", path))
    for (name, first), second in zip(
        expected.state_dict().items(), got.state_dict().values(), strict=True
    ):
        assert torch.equal(first, second), name


def test_validation_reaches_card_and_log(recipe, tmp_path):
    seen = []

    def measure(model):
        seen.append((model.training, torch.is_grad_enabled()))
        return {"mean_ap": 0.25 * len(seen)}

    path = train(recipe(epochs=3, validate_every=2), tmp_path, validate=measure, progress=False)
    assert seen == [(False, False)] * 3  # before, after the second epoch and after the last
    assert json.loads(path.with_suffix(".json").read_text())["validation"] == {"mean_ap": 0.75}
    log = next(tmp_path.glob("metrics/*/metrics.csv")).read_text()
    assert "validation_mean_ap" in log.splitlines()[0]


def test_a_time_budget_ends_the_schedule(recipe, tmp_path):
    train(recipe(epochs=500, minutes=0.03), tmp_path, progress=False)
    rates = [float(rate) for _, rate in history(tmp_path).values()]
    assert 2 < len(rates) < 2000
    assert rates[-1] < 0.5 * max(rates)


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
    assert "learning_rate was 0.00035, got 0.001" in capsys.readouterr().err
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
