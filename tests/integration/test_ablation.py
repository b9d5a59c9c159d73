"""`report ablation` on tiny sets of noise."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from pytorch_lightning import Callback

from aonet_core.cli import main
from aonet_core.reports import runs
from aonet_core.training.module import DivergedError


@pytest.fixture(scope="module")
def noise_set(tmp_path_factory):
    """Sixteen identities of four noise images each in Market-1501's layout."""
    root = tmp_path_factory.mktemp("data") / "market1501"
    rng = np.random.default_rng(0)
    for split in ("bounding_box_train", "query", "bounding_box_test"):
        (root / split).mkdir(parents=True)
        for pid in range(1, 17 if split == "bounding_box_train" else 4):
            for index in range(4):
                pixels = rng.integers(0, 256, (64, 32, 3), dtype=np.uint8)
                path = root / split / f"{pid:04d}_c{index + 1}s1_{index:06d}_00.jpg"
                Image.fromarray(pixels).save(path)
    return root


@pytest.fixture
def report(noise_set, tmp_path, capsys):
    """Run the command; return its status, what it wrote and its errors."""
    out = tmp_path / "out" / "table.md"

    def call(*words, rows=("base_gap", "aonet_lens")):
        status = main(
            ["report", "ablation", "--data", str(noise_set), "--test", str(noise_set), "--epochs",
             "2", "--size", "64", "32", "--seeds", "3", "--backbone", "resnet18", "--weights",
             "none", "--workers", "0", "--runs", str(tmp_path / "runs"), "--out", str(out),
             "--only", *rows, *words]
        )  # fmt: skip
        content = json.loads(out.with_suffix(".json").read_text()) if out.exists() else None
        return status, content, capsys.readouterr().err

    return call


def rows_of(content):
    return {row["name"]: row for table in content["tables"] for row in table["rows"]}


@pytest.fixture
def calls(monkeypatch):
    """The recipes' presets and whether each was resumed, of every call of `train`."""
    seen, train = [], runs.train

    def watched(recipe, out, **options):
        seen.append((recipe.preset, options["resume"]))
        return train(recipe, out, **options)

    monkeypatch.setattr(runs, "train", watched)
    return seen


@pytest.mark.slow
def test_rows_are_trained_once_measured_and_compared(report, calls, tmp_path):
    status, content, _ = report()
    assert status == 0 and calls == [("base_gap", False), ("aonet_lens", False)]
    rows = rows_of(content)
    assert content["facts"]["steps"] == [4] and len(rows) == 37  # the pair's plain row is aonet
    assert rows["base_gap"]["figures"]["mean_ap"]["values"].keys() == {"3"}
    assert rows["base_gap"]["missing"] == [] and rows["base_satt"]["missing"] == [3]
    assert "--only" not in content["command"]
    folder = tmp_path / "runs" / "aonet_lens-seed3"
    names = {path.name for path in folder.iterdir()}
    assert {"model.safetensors", "model.json", "figures.json", "run.json"} <= names
    assert "last.ckpt" not in names
    figures = (folder / "figures.json").read_text()

    # Again: nothing is trained. Without figures: only measured, to the same.
    assert report()[0] == 0
    (folder / "figures.json").unlink()
    assert report()[0] == 0 and len(calls) == 2
    assert (folder / "figures.json").read_text() == figures

    # Another recipe or other images are refused.
    status, _, error = report("--epochs", "3")
    assert status == 2 and "base_gap-seed3 holds another run: epochs was 2, got 3" in error
    saved = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(saved | {"training_images": "others"}))
    status, _, error = report()
    assert status == 2 and "training_images was 'others'" in error
    # A field that did not exist yet had its default.
    del saved["temperature"]
    (folder / "run.json").write_text(json.dumps(saved))
    assert report()[0] == 0


@pytest.mark.slow
def test_an_interrupted_run_goes_on(report, calls, monkeypatch, tmp_path):
    class PowerFails(Callback):
        def on_train_epoch_start(self, trainer, module):
            if trainer.current_epoch == 1:
                raise RuntimeError("the power failed")

    watched = runs.train
    monkeypatch.setattr(
        runs, "train", lambda *args, **options: watched(*args, callbacks=[PowerFails()], **options)
    )
    status, _, said = report()
    assert status == 1 and "the power failed" in said and "Traceback" not in said
    assert (tmp_path / "runs" / "base_gap-seed3" / "last.ckpt").exists()
    monkeypatch.setattr(runs, "train", watched)
    # With `--render`, a page of nothing, and nothing is trained.
    status, content, _ = report("--render")
    assert status == 0 and rows_of(content)["base_gap"]["missing"] == [3]
    status, content, _ = report(rows=["base_gap"])
    assert status == 0 and calls == [("base_gap", False), ("base_gap", True)]
    assert content["facts"]["steps"] == [4]


@pytest.mark.slow
def test_a_row_that_diverges_is_recorded_and_the_others_go_on(report, calls, monkeypatch, caplog):
    watched = runs.train

    def diverge(recipe, out, **options):
        if recipe.preset == "base_gap":
            raise DivergedError("the loss became nan at step 1")
        return watched(recipe, out, **options)

    monkeypatch.setattr(runs, "train", diverge)
    status, content, _ = report()
    assert status == 0 and "base_gap, seed 3 failed: the loss became nan" in caplog.text
    assert rows_of(content)["base_gap"]["failed"] == {"3": "the loss became nan at step 1"}
    assert rows_of(content)["aonet_lens"]["figures"]
    monkeypatch.setattr(runs, "train", watched)
    assert report()[0] == 0 and calls == [("aonet_lens", False)]  # it would fail again


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--only", "base_gap", "base_parts"), "rows are base_gap.*got base_parts"),
        (("--weights", "nowhere.pt"), "no backbone weights at nowhere.pt"),
        (("--data", "nowhere"), "no data set at nowhere"),
        (("--epochs", "0"), "epochs must be at least 1"),
    ],
)
def test_wrong_options_are_refused_before_any_run(report, calls, words, sentence):
    status, content, error = report(*words)
    assert status == 2 and content is None and not calls
    assert re.search(sentence, error) and "Traceback" not in error
