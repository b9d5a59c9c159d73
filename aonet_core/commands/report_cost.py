"""`python -m aonet_core report cost`: Table 7 for every backbone."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from aonet_core.reports.markdown import markdown_table

if TYPE_CHECKING:
    from aonet_core.analysis.cost import Cost

_HEADER = (
    "network", "backbone", "stride 1 in", "parameters, M", "of them in use, M", "backbone, G",
    "head, G", "both, G", "head to backbone", "classifier, G", "one image, ms", "images/s",
)  # fmt: skip


MOST_IDENTITIES = 10**6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subject's options."""
    parser.add_argument("--identities", type=int, default=702, help="width of the classifier")
    parser.add_argument("--rounds", type=int, default=10, help="timed calls; 0 for none")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, help="also write the table as Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from aonet_core.analysis.cost import READINGS, device_in_words, measure_cost

    if not 1 <= arguments.identities <= MOST_IDENTITIES or arguments.rounds < 0:
        raise ValueError(
            f"--identities must be 1 to {MOST_IDENTITIES} and --rounds not negative, got "
            f"{arguments.identities} and {arguments.rounds}"
        )
    variants = [("aonet", *reading) for reading in READINGS]
    # The baseline's head is next to nothing: one reading of each backbone is enough.
    variants += [("base_gap", name, stage) for name, stage in READINGS if stage == "layer4"]
    costs = [
        measure_cost(backbone, stage, arguments.identities, rounds=arguments.rounds, name=preset)
        for preset, backbone, stage in variants
    ]
    device = device_in_words()
    if arguments.out is not None:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(_page(costs, device, arguments), encoding="utf-8")
    if arguments.json:
        print(json.dumps({"device": device, "costs": [asdict(cost) for cost in costs]}))
    else:
        _print_table(costs, device)
    return 0


def _cells(cost: Cost) -> list[str]:
    times = (cost.milliseconds, cost.images_per_second)
    return [
        cost.preset,
        cost.backbone,
        cost.stride_one_stage,
        f"{cost.parameters / 1e6:.2f}",
        f"{cost.parameters_in_use / 1e6:.2f}",
        f"{cost.backbone_multiply_adds / 1e9:.3f}",
        f"{cost.head_multiply_adds / 1e9:.4f}",
        f"{cost.multiply_adds / 1e9:.3f}",
        f"{100 * cost.head_multiply_adds / cost.backbone_multiply_adds:.2f} %",
        f"{cost.classifier_multiply_adds / 1e9:.4f}",
        *("–" if value is None else f"{value:.1f}" for value in times),
    ]


def _beside_the_paper(costs: list[Cost]) -> str:
    from aonet_core.analysis.cost import PAPER_MULTIPLY_ADDS, PAPER_PARAMETERS

    ours = [cost for cost in costs if cost.backbone == "resnet50" and cost.preset == "aonet"]
    readings = ", ".join(
        f"{_percent(cost.multiply_adds / PAPER_MULTIPLY_ADDS - 1, 0)} with stride 1 in "
        f"{cost.stride_one_stage}"
        for cost in ours
    )
    return (
        f"The paper's Table 7 prints {PAPER_PARAMETERS / 1e6:.2f} M parameters and "
        f"{PAPER_MULTIPLY_ADDS / 1e9:.2f} G for AONet with ResNet-50, and does not say how they "
        "were counted. Beside these, ours has "
        f"{_percent(ours[0].parameters / PAPER_PARAMETERS - 1, 2)} parameters and, backbone and "
        f"head, {readings} multiply-adds."
    )


def _percent(share: float, digits: int) -> str:
    return f"{100 * share:+.{digits}f} %".replace("-", "−")


def _page(costs: list[Cost], device: str, arguments: argparse.Namespace) -> str:
    command = (
        f"python -m aonet_core report cost --identities {arguments.identities} --rounds "
        f"{arguments.rounds} --out {arguments.out}"
    )
    parts = (
        "# Cost (Table 7)",
        f"Written by `{command}`. One image of 256x128, K = 6, {arguments.identities} training "
        "identities.",
        "G: thousand million multiply-adds, one multiplication with its addition counted once, of "
        "convolutions and matrix products; normalisation, activation functions and softmax are "
        "not counted. Head: landmark patterns, both poolings, self-attention. Classifier: in "
        "training alone, like the parameters that are not in use.",
        f"Times: median of {arguments.rounds} calls of the whole network, one image alone and in "
        f"batches of 16, on {device}.",
        markdown_table(_HEADER, map(_cells, costs)),
        _beside_the_paper(costs),
    )
    return "\n\n".join(parts) + "\n"


def _print_table(costs: list[Cost], device: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        *_HEADER,
        title=f"AONet at 256 x 128; multiply-adds of one image; times on {device}",
    )
    for cost in costs:
        table.add_row(*_cells(cost))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(_beside_the_paper(costs))
