"""The paper's tables as printed, for the rows that this project can make."""

from __future__ import annotations

from dataclasses import dataclass

CITATION = (
    "Guangyu Gao, Qianxiang Wang, Jing Ge, Yan Zhang: AONet: Attentional Occlusion-aware Network "
    "for Occluded Person Re-identification"
)


@dataclass(frozen=True)
class PaperTable:
    """One table.

    Attributes:
        number: As in the paper.
        title: What it compares.
        data: What its figures were measured on.
        columns: Names of the figures, percent unless they say otherwise.
        rows: Name of every row and its figures; None where the paper prints none.
        ours: For every row the name of the ablation's row that makes it again; "" where none does.
        command: What measures our own figures.
    """

    number: int
    title: str
    data: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    ours: tuple[str, ...]
    command: str


_DUKE = "Occluded-DukeMTMC, ResNet-50, 120 epochs"
_RANKS = ("rank-1", "rank-5", "rank-10", "mAP")
_ABLATION = "python -m aonet_core report ablation"

PAPER_TABLES = (
    PaperTable(
        1,
        "Occluded people",
        _DUKE,
        _RANKS,
        (("AONet", (66.5, 79.4, 83.8, 53.1)), ("AONet w/ ibn", (68.8, 81.4, 85.8, 57.3))),
        ("aonet", "aonet_ibn"),
        "python -m aonet_core evaluate --data FOLDER --dataset occluded_duke --checkpoint FILE",
    ),
    PaperTable(
        2,
        "People seen whole",
        "Market-1501 and DukeMTMC-reID, ResNet-50",
        ("Market rank-1", "Market mAP", "Duke rank-1", "Duke mAP"),
        (("AONet", (95.2, 86.6, 88.7, 77.4)),),
        ("",),
        "python -m aonet_core evaluate --data FOLDER --dataset market1501 --checkpoint FILE",
    ),
    PaperTable(
        3,
        "People seen in part",
        "Partial-REID and Partial-iLIDS, ResNet-50",
        ("REID rank-1", "REID rank-3", "iLIDS rank-1", "iLIDS rank-3"),
        (("AONet (crop)", (85.0, 92.7, 68.1, 84.9)), ("AONet (whole)", (75.3, 86.3, 80.7, 86.6))),
        ("", ""),
        "python -m aonet_core evaluate --data FOLDER --dataset partial_reid_crop --checkpoint FILE",
    ),
    PaperTable(
        4,
        "The components",
        _DUKE,
        ("rank-1", "mAP"),
        (
            ("Base_GAP", (49.4, 40.0)),
            ("Base_SLFea", (57.3, 43.9)),
            ("Base_SAtt", (58.6, 45.3)),
            ("AONet†", (62.6, 51.3)),
            ("AONet‡", (65.6, 52.5)),
            ("AONet", (66.5, 53.1)),
        ),
        ("base_gap", "base_slfea", "base_satt", "aonet_oafea", "aonet_oascore", "aonet"),
        _ABLATION,
    ),
    PaperTable(
        5,
        "The components against rivals",
        _DUKE,
        _RANKS,
        (
            ("Base_GAP", (49.4, 63.7, 68.9, 40.0)),
            ("Base_Pose", (52.1, 66.2, 71.1, 42.3)),
            ("Base_OAFea (AONet†)", (62.6, 77.1, 81.6, 51.3)),
            ("+Base_Max", (63.4, 77.3, 82.1, 51.7)),
            ("+OAScore (AONet‡)", (65.6, 79.1, 83.6, 52.5)),
            ("+Base_RegL", (65.9, 78.8, 83.7, 52.7)),
            ("+OLoss (AONet)", (66.5, 79.4, 83.8, 53.1)),
        ),
        ("base_gap", "", "aonet_oafea", "base_max", "aonet_oascore", "base_regl", "aonet"),
        _ABLATION,
    ),
    PaperTable(
        6,
        "The number of landmarks",
        _DUKE,
        _RANKS,
        (
            ("AONet (K=2)", (64.3, 79.7, 84.5, 52.3)),
            ("AONet (K=4)", (65.2, 79.0, 84.3, 53.4)),
            ("AONet (K=6)", (66.5, 79.4, 83.8, 53.1)),
            ("AONet (K=8)", (66.2, 79.6, 83.9, 53.0)),
            ("AONet (K=10)", (65.7, 79.8, 84.3, 52.7)),
        ),
        ("aonet_k2", "aonet_k4", "aonet", "aonet_k8", "aonet_k10"),
        _ABLATION,
    ),
    PaperTable(
        7,
        "Cost of one image",
        "256 x 128 input",
        ("multiply-adds, G", "parameters, M"),
        (
            ("PGFA", (29.51, 57.51)),
            ("HOReID", (35.80, 109.23)),
            ("SORN", (24.73, 41.96)),
            ("SGSFA", (16.13, 47.71)),
            ("MoS", (12.57, 24.22)),
            ("AONet", (6.22, 30.22)),
        ),
        ("", "", "", "", "", "aonet"),
        "python -m aonet_core report cost",
    ),
)
