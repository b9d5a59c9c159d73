"""The ablation's rows, and its sums against sums by hand."""

import json
from pathlib import Path

import pytest

from aonet_core.model import PRESETS
from aonet_core.reports.ablation import measures, summarise
from aonet_core.reports.ablation_page import page
from aonet_core.reports.rows import (
    LANDMARK_COUNTS,
    LANDMARKS_OF_THEIR_OWN,
    Row,
    Table,
    rows,
    tables,
)
from aonet_core.reports.runs import FIGURES_FILE, plan

BUDGET = (
    "epochs", "identities", "images", "learning_rate", "schedule", "data", "minutes",
    "weight_decay", "precision",
)  # fmt: skip


def recipes(backbone="mobilenet_v2"):
    common = {
        "backbone": backbone,
        "backbone_weights": "torchvision",
        "epochs": 4,
        "image_size": [128, 64],
    }
    runs = plan(rows(backbone).values(), [1, 2], common, Path("runs"))
    assert len({run.folder for run in runs}) == len(runs)
    return {run.row.name: run.recipe for run in runs}


def test_every_preset_is_a_row_under_one_budget():
    every = recipes()
    assert set(PRESETS) - LANDMARKS_OF_THEIR_OWN <= {recipe.preset for recipe in every.values()}
    for name in BUDGET:
        assert len({getattr(recipe, name) for recipe in every.values()}) == 1, name
    networks = {name: recipe.network(9) for name, recipe in every.items()}
    assert {network.image_size for network in networks.values()} == {(128, 64)}
    on_another = {name for name, network in networks.items() if network.backbone != "mobilenet_v2"}
    assert on_another == {"aonet_resnet18", "aonet_ibn"}
    for full in ("aonet", "aonet_lens"):
        counts = {
            network.num_landmarks for name, network in networks.items()
            if network.preset == full and name not in on_another
        }  # fmt: skip
        assert counts == set(LANDMARK_COUNTS)


def test_a_row_of_aonet_lens_differs_in_one_thing():
    every = recipes()
    full = every["aonet_lens"].to_dict() | every["aonet_lens"].network(9).to_dict()
    lens = {name: recipe for name, recipe in every.items() if name.startswith("lens_")}
    for name, recipe in lens.items():
        own = recipe.to_dict() | recipe.network(9).to_dict()
        assert (
            len([k for k in full if full[k] != own[k] and k not in ("overrides", "seed")]) == 1
        ), name


@pytest.mark.parametrize("backbone", ["resnet50", "mobilenet_v2"])
def test_ibn_is_compared_with_the_same_network_without(backbone):
    every = recipes(backbone)
    (table,) = [table for table in tables(backbone) if "Instance-batch" in table.title]
    plain, ibn = (every[row.name] for row in table.rows)
    assert plain.network(9).backbone + "_ibn" == ibn.network(9).backbone
    assert plain.backbone_weights == ibn.backbone_weights
    assert (plain.backbone_weights == "none") == (backbone == "mobilenet_v2")


def test_a_budget_in_minutes_is_refused():
    with pytest.raises(ValueError, match="minutes must not be set"):
        plan(rows("mobilenet_v2").values(), [1], {"minutes": 5.0}, Path("runs"))


def figures(mean_ap, **others):
    forms = dict.fromkeys(("eq8", "normalised", "unweighted", "query_weighted"), mean_ap)
    return {
        "rank1": mean_ap + 0.1,
        "mean_ap": mean_ap,
        "mean_ap_by_similarity": forms,
        "mean_ap_interval": [mean_ap - 0.05, mean_ap + 0.03],
        "awareness_auroc": 0.8,
        **others,
    }


def landmark(region, share):
    return {"region": region, "share": share}


def test_measures_count_settled_landmarks():
    landmarks = [landmark("head", 0.8), landmark("head", 0.95), landmark("feet", 0.81),
                 landmark("arms", 0.79), landmark(None, 1.0)]  # fmt: skip
    given = figures(0.5, landmarks=landmarks, mean_awareness_twin=[0.2, 0.6],
                    false_alarm_without=0.2, false_alarm_with=None)  # fmt: skip
    result = measures(given, has_landmarks=True)
    assert (result["landmarks"], result["settled"], result["settled_regions"]) == (5, 3, 2)
    assert result["mean_awareness"] == pytest.approx(0.4)
    assert result["false_alarm_with"] is None
    assert result["mean_ap_half_interval"] == pytest.approx(0.04)
    assert "settled" not in measures(given, has_landmarks=False)
    assert measures(figures(0.5), has_landmarks=True)["false_alarm_with"] is None


@pytest.fixture
def comparison(tmp_path):
    """A full row finished with two seeds, one with one, one that failed, one that is missing."""
    made = {
        name: Row(name, f"words of {name}", "base_gap", {"preset": preset}, paper)
        for name, preset, paper in (
            ("full", "aonet", (66.5, 53.1)),
            ("less", "base_gap", None),
            ("broken", "aonet", None),
            ("later", "aonet", None),
        )
    }
    runs = plan(made.values(), [1, 2], {}, tmp_path)
    content = {
        ("full", 1): {"figures": figures(0.5)},
        ("full", 2): {"figures": figures(0.7)},
        ("less", 2): {"figures": figures(0.45)},
        ("broken", 1): {"failed": "the loss became nan at step 3"},
    }
    for run in runs:
        if (run.row.name, run.recipe.seed) in content:
            run.folder.mkdir()
            text = json.dumps(content[run.row.name, run.recipe.seed])
            (run.folder / FIGURES_FILE).write_text(text)
    return summarise([Table("Table 4", "full", tuple(made.values()))], runs)


def test_differences_are_taken_seed_by_seed(comparison):
    full, less, broken, later = comparison[0]["rows"]
    assert full["figures"]["mean_ap"] == {
        "mean": pytest.approx(0.6),
        "spread": pytest.approx(0.02**0.5),  # of .5 and .7, with n - 1
        "values": {1: 0.5, 2: 0.7},
    }
    assert full["difference"] == {} and full["missing"] == []
    # Against the full row's seed 2 alone, not its mean.
    assert less["difference"]["mean_ap"]["mean"] == pytest.approx(-0.25)
    assert less["difference"]["mean_ap"]["spread"] is None and less["missing"] == [1]
    assert "awareness_auroc" not in less["figures"]  # no landmarks
    assert broken["failed"] == {1: "the loss became nan at step 3"} and broken["missing"] == [2]
    assert later["figures"] == {} and later["missing"] == [1, 2]


def test_the_page_says_what_is_there_and_what_is_not(comparison):
    budget = {"epochs": 4, "identities": 16, "images": 4, "occluded_images": 24, "seeds": [1, 2],
              "image_size": [128, 64], "backbone": "b", "test": "t", "queries": 3,
              "gallery": 9}  # fmt: skip
    facts = {"steps": [448], "device": ["cpu"], "backbone_start": ["w"],
             "versions": [{"torch": "2"}],
             "data": [{"name": "d", "train_images": 8, "train_identities": 2}],
             "minutes": 3.2}  # fmt: skip
    text = page({"command": "python x", "budget": budget, "facts": facts, "tables": comparison})
    cells = {
        line.split("`")[1]: [cell.strip() for cell in line.split("|")[2:-1]]
        for line in text.splitlines()
        if line.startswith("| ") and "`" in line
    }
    assert cells["full"][:4] == ["2", "70.0 ± 14.1", "60.0 ± 14.1", "–"]
    assert cells["full"][-1] == "66.5 / 53.1"
    assert cells["less"][:4] == ["1", "55.0", "45.0", "−25.0"]
    assert cells["less"][5:] == ["–"] * 5
    assert cells["broken"][1] == "failed" and cells["later"][1] == "missing"
    assert len({len(row) for row in cells.values()}) == 1
    assert "`broken`, seed 1: the loss became nan at step 3" in text
    assert "`less` (seed 1), `broken` (seed 2), `later` (seed 1, 2)." in text
    for word in ("python x", "4 epochs = 448 steps of 16 x 4 images at 128x64", "torch 2"):
        assert word in text
