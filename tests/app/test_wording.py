"""What landmarks are called, and what a pair's verdict says."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from app.shared import maps
from app.shared.markup import percent
from app.shared.wording import MEANING
from app.views.inspect.strip import unseen
from app.views.pair.parts import part_of, verdict


def test_a_landmark_is_named_with_how_sure_the_name_is():
    measured = [
        {"region": "head", "share": 0.847},
        {"region": "upper legs", "share": 0.706},
        {"region": "upper legs", "share": 0.544},
        {"region": "lower legs", "share": 0.174},
        {"region": None, "share": None},
    ]
    names = maps.landmark_names({"landmarks": measured}, 6)
    assert [name.replace("\u00a0", " ") for name in names] == [
        "1 head 85 %", "2 upper legs a 71 %", "3 upper legs b 54 %", "4 lower legs? 17 %", "5", "6",
    ]  # fmt: skip
    assert len(set(names)) == 6
    assert maps.landmark_names({}, 2) == ["1", "2"]


def test_a_part_is_of_all_that_speaks_for_the_same_side():
    leads = np.array([0.3, 0.1, -0.2])
    assert part_of(leads, 0) == pytest.approx(0.75)
    assert part_of(leads, 2) == 1 and part_of(np.zeros(2), 0) == 0


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        ([0.3, 0.1, -0.2], "most of what speaks for it, 75\u00a0%, comes from"),
        ([0.2, 0.2, -0.1], "the largest part of what speaks for it, 50\u00a0%, comes from"),
        ([-0.4, 0.3, -0.5], "most of what speaks for it, 56\u00a0%, comes from"),
    ],
)
def test_most_is_said_only_above_half(leads, words):
    leads = np.array(leads)
    pair = SimpleNamespace(lead_by_landmark=leads, margin=float(leads.sum()))
    told = verdict(SimpleNamespace(pair=pair), ["1 head", "2 torso", "3 feet"])
    assert words in told


@pytest.mark.parametrize(("awareness", "said"), [([0.1, 0.29], 1), ([0.1, 0.31], 0)])
def test_a_picture_of_which_hardly_anything_is_seen_is_told_so(awareness, said):
    panel = SimpleNamespace(analysis=SimpleNamespace(awareness=np.array(awareness)))
    found = unseen(panel)
    assert len(found) == said
    assert all("Every landmark's β is below 0.3" in sentence for sentence in found)


def test_shares_are_written_in_one_way():
    assert percent(0.94, 1) == "94.0\u00a0%" and percent(0.175) == "18\u00a0%"
    assert percent(float("nan")) == "–"


def test_every_word_with_a_dotted_line_has_a_meaning():
    for file in (Path(__file__).resolve().parents[2] / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            alone = isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
            if (
                alone
                and ast.unparse(node.func) == "helped"
                and isinstance(node.args[0], ast.Constant)
            ):
                assert node.args[0].value in MEANING, f"{file.name}:{node.lineno}"
