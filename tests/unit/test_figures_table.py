"""What `evaluate` prints for people."""

import pytest

from aonet_core.reports.figures_table import print_figures

FIGURES = {
    "checkpoint": "mine",
    "data": "set\x1b[31m",
    "reranked": False,
    "mean_ap": 0.5,
    "mean_ap_interval": [0.25, 0.75],
    "awareness_auroc": None,
    "awareness_auroc_interval": [None, None],
    "open_set": {"auroc": 0.875, "at_false_match_rate": {"0.1": {"threshold": 0.0625}}},
    "awareness_auroc_by_landmark": [0.375, None],
    "mean_awareness": [0.125, 0.9],
    "mean_awareness_interval": [[0.1, 0.2], [0.8, 1.0]],
    "landmarks": [
        {"region": "head", "share": 0.6875, "interval": [0.6, 0.7], "parts": {"": 0.25, "feet": 1}},
        {"region": None, "share": 0.3125, "interval": [0.3, 0.4], "parts": {}},
    ],
    "left_out": {"count": 3, "names": ["a"], "reasons": {"it is no picture": 3}},
}


@pytest.fixture
def printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_figures(FIGURES)
    lines = capsys.readouterr().out.splitlines()
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_single_figures_stand_beside_their_intervals(printed):
    for row in (
        ["data", "set\\x1b[31m"],
        ["reranked", "no"],
        ["mAP", "0.5000 [0.2500, 0.7500]"],
        ["awareness AUROC", "–"],
        ["open set, AUROC", "0.8750"],
        ["open set, at false match rate, 0.1, threshold", "0.0625"],
        ["left out", "3"],
        ["left out, since it is no picture", "3"],
    ):
        assert row in printed


def test_figures_of_landmarks_are_a_table_of_their_own(printed):
    first = ["0.3750", "0.1250 [0.1000, 0.2000]", "head", "0.6875 [0.6000, 0.7000]"]
    second = ["–", "0.9000 [0.8000, 1.0000]", "–", "0.3125 [0.3000, 0.4000]"]
    assert ["1", *first, "none 0.2500, feet 1"] in printed
    assert ["2", *second, ""] in printed
