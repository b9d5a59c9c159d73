"""`evaluate` and `embed` from the command line, on a small synthetic set."""

import json
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aonet_core.analysis.embedding import Records, run_files
from aonet_core.analysis.evaluation import figures as evaluation
from aonet_core.analysis.evaluation.figures import evaluate_dataset
from aonet_core.analysis.fidelity import OCCLUDED_BIT, pool_area
from aonet_core.cli import main
from aonet_core.data import read_dataset
from aonet_core.model import save_checkpoint
from aonet_core.synthetic.dataset import generate
from aonet_core.synthetic.plan import SetPlan

PROMISED = (
    "rank1", "rank5", "rank10", "mean_ap", "mean_inp", "num_valid_queries", "awareness_auroc",
    "false_alarm_without", "false_alarm_with",
)  # fmt: skip


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    out = tmp_path_factory.mktemp("set") / "synthped"
    plan = SetPlan(train=0, validation=2, test=4, distractors=1, images=6, queries=2, cameras=3)
    generate(plan, out, workers=1, progress=False)
    return out


@pytest.fixture
def checkpoint(tiny_model, tmp_path):
    return save_checkpoint(tmp_path / "tiny.safetensors", tiny_model("aonet"), {"command": "test"})


def run(capsys, *words):
    status = main([str(word) for word in words])
    return status, capsys.readouterr()


def test_evaluate_prints_one_json_object(synthetic, checkpoint, capsys):
    options = ("evaluate", "--data", synthetic, "--checkpoint", checkpoint, "--device", "cpu")
    status, printed = run(capsys, *options, "--json")
    assert status == 0
    figures = json.loads(printed.out)
    assert set(PROMISED) <= set(figures)
    assert figures["data"] == "synthped" and figures["num_queries"] == 8
    assert figures["num_twins"] == 8 and len(figures["landmarks"]) == 6
    assert all(-1 < each["change"] < 1 for each in figures["quality"].values())
    assert 0 <= figures["mean_ap"] <= 1 and figures["rank1"] <= figures["rank10"]
    low, high = figures["mean_ap_interval"]
    assert low <= figures["mean_ap"] <= high
    by_occluder = figures["awareness_by_occluder"]
    assert all(by_occluder) and sum(each["num_twins"] for each in by_occluder.values()) == 8
    hidden = sum(each["num_hidden_landmarks"] for each in by_occluder.values())
    assert hidden == figures["num_hidden_landmarks"]
    by_hidden = figures["mean_ap_by_hidden_share"]
    assert [each["below"] for each in by_hidden] == [0.3, 0.5, 1.0]
    assert sum(each["num_queries"] for each in by_hidden) == figures["num_valid_queries"]
    for form, mean in figures["mean_ap_by_similarity"].items():
        total = sum(e["num_queries"] * (e["mean_ap"][form] or 0) for e in by_hidden)
        assert total / figures["num_valid_queries"] == pytest.approx(mean)
    open_set = figures["open_set"]
    # Every query meets the whole gallery but for its own pictures by its own camera.
    everything = figures["num_queries"] * figures["num_gallery"]
    assert 0 < everything - open_set["genuine_pairs"] - open_set["impostor_pairs"] < 8 * 4
    # The same figures again, and others for the other split and with re-ranking.
    assert json.loads(run(capsys, *options, "--json")[1].out) == figures
    validation = json.loads(run(capsys, *options, "--split", "validation", "--json")[1].out)
    assert validation["num_queries"] == 4
    reranked = json.loads(run(capsys, *options, "--rerank", "--json")[1].out)
    assert reranked["reranked"] and reranked["num_twins"] == 8
    run(capsys, *options, "--record", "--json")
    card = json.loads(checkpoint.with_suffix(".json").read_text())
    assert card["metrics"] == {k: v for k, v in figures.items() if k != "checkpoint"}
    assert card["command"] == "test"
    status, printed = run(capsys, *options)
    assert status == 0 and f" {figures['mean_ap']:.4f} [" in printed.out
    assert not set('{}"') & set(printed.out)
    assert f"│ {min(by_occluder).replace('_', ' ')} " in printed.out
    assert f"│ 0% to 30%   │ {by_hidden[0]['num_queries']} " in printed.out


def test_awareness_that_is_the_truth_scores_perfectly(synthetic, tiny_model, monkeypatch):
    """A network whose referenced map is the visible part of a fixed map finds every hidden one."""
    dataset = read_dataset(synthetic)
    truth = evaluation.read_truth(dataset)
    maps = np.zeros((8, 8, 4))
    for k in range(8):
        maps[k, k] = 0.25  # landmark k spreads over row k

    def ideal(model, files, progress=None, batch=32):
        free = []
        for path in files:
            whole = "twins" in path.parts or "bounding_box_test" in path.parts
            label = np.zeros((256, 128)) if whole else truth.label_of(path)
            free.append(1 - pool_area((label.astype(np.uint8) & OCCLUDED_BIT) > 0, 8, 4))
        referenced = np.stack(free)[:, None] * maps  # (N, K, H, W)
        ones = np.ones((len(files), 8, 2), dtype=np.float32)
        awareness = referenced.sum(axis=(2, 3)).astype(np.float32)
        response = np.broadcast_to(maps, referenced.shape)
        return Records(ones, awareness, awareness, response, referenced)

    monkeypatch.setattr(evaluation, "run_files", ideal)
    figures = evaluate_dataset(tiny_model("aonet"), dataset)
    assert figures["num_hidden_landmarks"] > 5
    assert figures["awareness_auroc"] == 1.0
    assert figures["awareness_spearman"] == pytest.approx(1.0, abs=1e-4)
    assert figures["awareness_kept_where_hidden"] < 0.3 < 0.7 < (
        figures["awareness_kept_where_visible"]
    )  # fmt: skip


def test_awareness_is_told_apart_by_occluder(synthetic, tiny_model, monkeypatch):
    """Awareness that is the truth behind one kind, its opposite behind the others."""
    dataset = read_dataset(synthetic)
    truth = evaluation.read_truth(dataset)
    kinds = [truth.occluder_of(sample.path) for sample in dataset.query]
    chosen = max(set(kinds), key=kinds.count)

    def visibility(twin_map, labels):
        # Landmark 0 is hidden, 1 in between, the others visible.
        return np.tile([0.1, 0.5, 0.9, 1.0, 1.0, 1.0], (len(labels), 1))

    def run(model, files, progress=None, batch=32):
        records = run_files(model, files)
        awareness = np.ones_like(records.awareness)
        for row, path in enumerate(files):
            if path.parent == synthetic / "query":
                true = truth.occluder_of(path) == chosen
                awareness[row] = [0.2, 0.5, 0.8, 1, 1, 1] if true else [2, 1, 0.5, 0.5, 0.5, 0.5]
        return replace(records, awareness=awareness)

    monkeypatch.setattr(evaluation, "true_visibility", visibility)
    monkeypatch.setattr(evaluation, "run_files", run)
    table = evaluate_dataset(tiny_model("aonet"), dataset)["awareness_by_occluder"]
    expected = Counter(kinds)
    assert {kind: each["num_twins"] for kind, each in table.items()} == expected
    for kind, each in table.items():
        true = kind == chosen
        assert each == {
            "num_twins": expected[kind],
            "num_hidden_landmarks": expected[kind],
            "awareness_auroc": 1.0 if true else 0.0,
            "awareness_kept_where_hidden": pytest.approx(0.2 if true else 2.0),
            "awareness_kept_where_visible": pytest.approx((0.8 + 3) / 4 if true else 0.5),
        }


def test_a_set_without_truth_is_measured_without_it(synthetic, checkpoint, tmp_path, capsys):
    for folder in ("query", "bounding_box_test"):
        (tmp_path / "plain" / folder).mkdir(parents=True)
        for path in (synthetic / folder).glob("*.jpg"):
            (tmp_path / "plain" / folder / path.name).write_bytes(path.read_bytes())
    words = ("evaluate", "--data", tmp_path / "plain", "--checkpoint", checkpoint, "--json")
    status, printed = run(capsys, *words)
    assert status == 0
    figures = json.loads(printed.out)
    assert "mean_ap" in figures and "awareness_auroc" not in figures


def test_embed_writes_what_retrieval_needs(synthetic, checkpoint, tmp_path, capsys):
    out = tmp_path / "gallery.npz"
    words = ("embed", "--data", synthetic, "--checkpoint", checkpoint, "--out", out)
    status, _ = run(capsys, *words)
    assert status == 0
    with np.load(out) as arrays:
        counts = {name: len(arrays[name]) for name in arrays.files if arrays[name].ndim}
    assert len(counts) >= 3 and len(set(counts.values())) <= 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--data", "nowhere"), "no data set at nowhere"),
        (("--data", "{set}", "--checkpoint", "missing"), "no checkpoint 'missing'"),
        (("--data", "{broken}"), "is not a readable image"),
    ],
)
def test_trouble_is_one_sentence(synthetic, checkpoint, tmp_path, capsys, words, sentence):
    for folder in ("query", "bounding_box_test"):
        (tmp_path / "broken" / folder).mkdir(parents=True)
        (tmp_path / "broken" / folder / "0001_c1s1_000001_00.jpg").write_text("no picture")
    words = [word.format(set=synthetic, broken=tmp_path / "broken") for word in words]
    if "--checkpoint" not in words:
        words += ["--checkpoint", str(checkpoint)]
    status, printed = run(capsys, "evaluate", *words)
    assert status == 2 and sentence in printed.err
    assert "Traceback" not in printed.err and printed.err.strip().count("\n") == 0


def test_a_progress_bar_does_not_disturb_the_json(synthetic, checkpoint, capsys):
    assert sys.stderr is not None
    status, printed = run(
        capsys, "evaluate", "--data", synthetic, "--checkpoint", checkpoint, "--json"
    )
    assert status == 0 and len(printed.out.strip().split("\n")) == 1


def test_pictures_of_any_size_and_mode_are_measured(checkpoint, tmp_path, capsys):
    pictures = {"query/0001_c1": (17, 90), "bounding_box_test/0001_c2": (300, 41),
                "bounding_box_test/0002_c2": (64, 64)}  # fmt: skip
    for name, size in pictures.items():
        file = tmp_path / "odd" / f"{name}s1_000001_00.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size, size[0]).save(file)
    words = ("evaluate", "--data", tmp_path / "odd", "--checkpoint", checkpoint, "--json")
    status, printed = run(capsys, *words)
    assert status == 0 and json.loads(printed.out)["num_valid_queries"] == 1


def test_report_failures_writes_a_page_and_tables(synthetic, checkpoint, capsys, tmp_path):
    options = ("--data", synthetic, "--checkpoint", checkpoint, "--device", "cpu")
    written = ("--out", tmp_path / "page.md", "--csv", tmp_path / "tables")
    status, printed = run(capsys, "report", "failures", *options, *written)
    assert status == 0 and printed.out == ""
    page = (tmp_path / "page.md").read_text()
    assert "8 queries of synthped" in page and "Checked against the truth" in page
    table = pd.read_csv(tmp_path / "tables" / "failures.csv")
    figures = json.loads(run(capsys, "evaluate", *options, "--json")[1].out)
    assert table["average_precision"].mean() == pytest.approx(figures["mean_ap"], abs=1e-12)
    assert (table["judged_by"] == "truth").all()
    ranks = pd.read_csv(tmp_path / "tables" / "ranks.csv")
    first = ranks[ranks["right"]].groupby("query")["rank"].min()
    assert first.reindex(table["query"]).tolist() == table["first_rank"].tolist()
