"""The cost table against counts by hand."""

import json
from collections import Counter

import pytest

from aonet_core.analysis import cost as analysis_cost
from aonet_core.analysis.cost import measure_cost
from aonet_core.cli import main


@pytest.mark.parametrize(
    ("stage", "giga"),
    [("layer4", 4.05), ("layer3", 6.92)],  # METHOD's counts of the bare backbone
)
def test_resnet50_in_both_readings(stage, giga):
    cost = measure_cost("resnet50", stage)
    assert cost.backbone_multiply_adds / 1e9 == pytest.approx(giga, abs=0.01)
    assert cost.parameters / 1e6 == pytest.approx(30.20, abs=0.01)
    # The classifier: one matrix of 2048 x 702, for 6 landmarks before and after attention.
    assert cost.parameters - cost.parameters_in_use == 2048 * 702
    assert cost.classifier_multiply_adds == 2 * 6 * 2048 * 702
    channels, pixels, landmarks = 2048, 16 * 8, 6
    patterns = pooling = landmarks * channels * pixels
    projections = landmarks * channels * (2 * channels // 8 + channels)
    products = landmarks**2 * (channels // 8 + channels)
    # Both kinds of features are pooled, for display.
    assert cost.head_multiply_adds == patterns + 2 * pooling + projections + products
    assert cost.milliseconds is None


def test_the_baseline_costs_its_pooling_alone():
    cost = measure_cost("resnet18", name="base_gap")
    # The maps of one landmark, two poolings; no attention, one position to classify.
    assert cost.head_multiply_adds <= 3 * 512 * 16 * 8
    assert cost.classifier_multiply_adds == 512 * 702
    assert cost.backbone_multiply_adds == measure_cost("resnet18").backbone_multiply_adds
    assert cost.multiply_adds == cost.backbone_multiply_adds + cost.head_multiply_adds


def test_times_and_command(capsys, tmp_path, monkeypatch):
    cost = measure_cost("mobilenet_v2", rounds=1, batch=2, image_size=(64, 32))
    assert cost.milliseconds > 0 and cost.images_per_second > 0
    out = tmp_path / "new" / "cost.md"
    assert main(["report", "cost", "--rounds", "0", "--json", "--out", str(out)]) == 0
    costs = json.loads(capsys.readouterr().out)["costs"]
    readings = Counter((row["preset"], row["backbone"]) for row in costs)
    assert readings["aonet", "resnet50"] == 2 and readings["base_gap", "resnet50"] == 1
    text = out.read_text()
    assert "−34 % with stride 1 in layer4, +12 % with stride 1 in layer3" in text
    rows = [line for line in text.splitlines() if line.startswith("| aonet | resnet50 |")]
    assert [row.split(" | ")[3:8] for row in rows] == [
        ["30.20", "28.76", "4.053", "0.0363", "4.090"],
        ["30.20", "28.76", "6.922", "0.0363", "6.958"],
    ]
    monkeypatch.setattr(analysis_cost, "READINGS", (("resnet50", "layer4"),))
    assert main(["report", "cost", "--rounds", "0"]) == 0
    assert "6.22 G" in capsys.readouterr().out
    assert main(["report", "cost", "--identities", "0"]) == 2
    assert "--identities must be 1 to 1000000" in capsys.readouterr().err
