"""Whole sets on disk: the same bytes however they come about, and a table that tells the truth."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation

from aonet_core.data import read_dataset
from aonet_core.synthetic import dataset
from aonet_core.synthetic.dataset import PROGRESS_FILE, generate
from aonet_core.synthetic.plan import SetPlan, plan_shots

ROOT = Path(__file__).resolve().parents[2]
PLAN = SetPlan(seed=3, train=2, validation=1, test=2, distractors=1, images=5, queries=2, cameras=2)
PARTS = {
    1: "head", 2: "upper_torso", 3: "lower_torso", 4: "left_arm",
    5: "right_arm", 6: "upper_legs", 7: "lower_legs", 8: "feet",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The tiny set, written by one process, and its table."""
    out = tmp_path_factory.mktemp("set") / "one"
    counts = generate(PLAN, out, workers=1, progress=False)
    return out, pd.read_parquet(out / "visibility.parquet"), counts


def contents(folder):
    """Bytes of every file below a folder, by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def start(out, monkeypatch, identities):
    """Begin a run and break it off after some identities."""
    taken = []
    take = dataset._take

    def tired(job):
        if len(taken) == identities:
            raise KeyboardInterrupt
        taken.append(job)
        return take(job)

    with monkeypatch.context() as patch:
        patch.setattr(dataset, "_take", tired)
        with pytest.raises(KeyboardInterrupt):
            generate(PLAN, out, workers=1, progress=False)
    return out / PROGRESS_FILE


def test_two_workers_write_the_bytes_of_one(made, tmp_path):
    out, _, counts = made
    assert generate(PLAN, tmp_path / "two", workers=2, progress=False) == counts
    assert contents(tmp_path / "two") == contents(out)


def test_a_worker_that_dies_ends_the_run_with_a_sentence():
    with pytest.raises(ChildProcessError, match="a worker process ended.*fewer workers"):
        list(dataset._map(os._exit, [1, 1], workers=2))


def test_an_interrupted_run_is_taken_up(made, tmp_path, monkeypatch):
    out, table, counts = made
    broken = tmp_path / "broken"
    log = start(broken, monkeypatch, identities=4)
    rows = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    # One picture, one mask and one twin are lost, and the last line is torn in the middle.
    (broken / rows[2]["file"]).unlink()
    (broken / next(row["mask"] for row in rows if row["mask"])).unlink()
    (broken / next(row["twin"] for row in rows if row["twin"])).unlink()
    log.write_text(log.read_text()[:-60])
    taken = []
    take = dataset._take_one
    monkeypatch.setattr(dataset, "_take_one", lambda *a: taken.append(a[-1].file) or take(*a))
    assert generate(PLAN, broken, workers=1, progress=False) == counts
    assert contents(broken) == contents(out)
    assert rows[2]["file"] in taken and rows[-1]["file"] in taken
    assert len(taken) < len(table) - 10  # what was whole is not rendered again


def test_a_finished_set_is_left_alone(made, monkeypatch):
    out, _, counts = made
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    monkeypatch.setattr(dataset, "_take", None)
    assert generate(PLAN, out, workers=1, progress=False) == counts
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_digests_name_every_file_and_are_right(made):
    out, _, _ = made
    lines = (out / "SHA256SUMS").read_text().splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = contents(out)
    files.pop("SHA256SUMS")
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert list(digests) == sorted(digests) and PROGRESS_FILE not in digests


def test_the_table_has_a_row_for_every_planned_picture(made):
    out, table, counts = made
    shots = plan_shots(PLAN)
    assert table["file"].tolist() == [shot.file for shot in shots]
    for name in ("split", "role", "pid", "camid", "frame"):
        assert table[name].tolist() == [getattr(shot, name) for shot in shots]
    assert (table["occluder"] != "").tolist() == [shot.occluded for shot in shots]
    assert counts["images"] == len(shots) == 30 and counts["test_query"] == 4
    pictures = {name for name in contents(out) if name.endswith((".jpg", ".png"))}
    assert pictures == {*table["file"], *table["twin"], *table["mask"]} - {""}
    assert json.loads((out / "synth.json").read_text())["counts"] == counts


def test_training_pictures_have_neither_mask_nor_twin(made):
    _, table, _ = made
    train = table["split"] == "train"
    assert train.any() and (table[train][["mask", "twin"]] == "").all(axis=None)
    assert (table[~train]["mask"] != "").all()
    assert ((table["twin"] != "") == (~train & (table["occluder"] != ""))).all()


def test_distractors_are_nobody(made):
    _, table, _ = made
    nobody = table[table["pid"] == 0]
    assert len(nobody) == PLAN.images
    assert set(nobody["split"] + nobody["role"]) == {"testgallery"}
    assert nobody["file"].str.startswith("bounding_box_test/0000_").all()


def test_visibility_agrees_with_the_masks(made):
    out, table, _ = made
    for row in table[table["mask"] != ""].to_dict("records"):
        label = np.asarray(Image.open(out / row["mask"]))
        assert label.shape == (256, 128) and label.dtype == np.uint8
        for number, part in PARTS.items():
            free, hidden = int((label == number).sum()), int((label == number + 16).sum())
            share = free / (free + hidden) if free + hidden else np.nan
            assert row[f"visible_{part}"] == pytest.approx(share, nan_ok=True), row["file"]
        body = (label % 16 >= 1) & (label % 16 <= 8)
        assert row["hidden"] == pytest.approx((label[body] >= 16).mean(), abs=0.02)
        assert (row["occluder"] != "") == bool((label >= 16).any())


def test_a_twin_differs_behind_the_occluder_alone(made):
    out, table, _ = made
    pairs = table[table["twin"] != ""]
    assert len(pairs) >= 6
    for row in pairs.to_dict("records"):
        image, twin = (
            np.asarray(Image.open(out / row[key])).astype(int) for key in ("file", "twin")
        )
        label = np.asarray(Image.open(out / row["mask"]))
        difference = np.abs(image - twin).mean(axis=2)
        # Blur, and JPEG's blocks of 16 pixels where it halves the colours, reach a little further.
        away = ~binary_dilation(label >= 16, np.ones((3, 3)), iterations=20)
        if away.sum() > 500:
            assert difference[away].mean() < 1 and difference[away].max() < 30, row["file"]
        assert difference[label >= 16].mean() > 8, row["file"]


def test_the_readers_find_all_splits(made):
    out, _, counts = made
    test, validation = read_dataset(out), read_dataset(out, "synthped_validation")
    assert test.name == "synthped" and test.num_ids == PLAN.train
    assert len(test.query) == counts["test_query"] and len(test.gallery) == counts["test_gallery"]
    assert len(validation.query) == counts["validation_query"]


def test_folders_of_others_are_refused(made, tmp_path, monkeypatch):
    out, _, _ = made
    other = SetPlan(seed=4, train=2, validation=1, test=2)
    with pytest.raises(ValueError, match="holds another set .*choose a new folder"):
        generate(other, out, workers=1, progress=False)
    shutil.copytree(out, tmp_path / "older")
    monkeypatch.setattr(dataset, "VERSION", dataset.VERSION + 1)
    with pytest.raises(ValueError, match="holds another set"):
        generate(PLAN, tmp_path / "older", workers=1, progress=False)
    monkeypatch.undo()
    start(tmp_path / "begun", monkeypatch, identities=0)
    with pytest.raises(ValueError, match="unfinished set of another plan"):
        generate(other, tmp_path / "begun", workers=1, progress=False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.jpg").touch()
    with pytest.raises(ValueError, match="mine is not empty and was not written by this command"):
        generate(PLAN, tmp_path / "mine", workers=1, progress=False)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["holiday.jpg"]
    with pytest.raises(ValueError, match="holiday.jpg must be a folder, got a file"):
        generate(PLAN, tmp_path / "mine" / "holiday.jpg", workers=1, progress=False)
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        generate(PLAN, tmp_path / "new", workers=0, progress=False)
    assert not (tmp_path / "new").exists()


def test_generating_needs_neither_torch_nor_the_body_package(tmp_path):
    script = (
        "import sys\n"
        "from aonet_core.cli import main\n"
        "words = '--identities 1 --validation 0 --test 0 --distractors 0 --images 1 --workers 1'\n"
        f"code = main(['synth', *words.split(), '--out', {str(tmp_path / 'set')!r}])\n"
        "heavy = {'torch', 'anny', 'torchvision', 'streamlit'} & set(sys.modules)\n"
        "sys.exit(code or ', '.join(heavy) or 0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["images"] == 1
