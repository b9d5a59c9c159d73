"""`python -m aonet_core report cost`: Table 7 for every backbone."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subject's options."""
    parser.add_argument("--identities", type=int, default=702, help="width of the classifier")
    parser.add_argument("--rounds", type=int, default=10, help="timed calls; 0 for none")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from aonet_core.analysis.cost import READINGS, device_in_words, measure_cost

    if arguments.identities < 1 or arguments.rounds < 0:
        raise ValueError(
            "--identities must be at least 1 and --rounds not negative, got "
            f"{arguments.identities} and {arguments.rounds}"
        )
    costs = [
        measure_cost(backbone, stage, arguments.identities, rounds=arguments.rounds)
        for backbone, stage in READINGS
    ]
    if arguments.json:
        rows = [asdict(cost) for cost in costs]
        print(json.dumps({"device": device_in_words(), "costs": rows}))
    else:
        _print_table(costs, device_in_words())
    return 0


def _print_table(costs: list, device: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from aonet_core.analysis.cost import PAPER_MULTIPLY_ADDS, PAPER_PARAMETERS

    table = Table(
        "backbone", "stride 1 in", "parameters, M", "of them in use, M", "backbone, G", "head, G",
        "classifier, G", "one image, ms", "images/s",
        title=f"AONet at 256 x 128; multiply-adds of one image; times on {device}",
    )  # fmt: skip
    for cost in costs:
        times = (cost.milliseconds, cost.images_per_second)
        table.add_row(
            cost.backbone,
            "last block" if cost.backbone == "mobilenet_v2" else cost.stride_one_stage,
            *(f"{n / 1e6:.2f}" for n in (cost.parameters, cost.parameters_in_use)),
            f"{cost.backbone_multiply_adds / 1e9:.3f}",
            f"{cost.head_multiply_adds / 1e9:.4f}",
            f"{cost.classifier_multiply_adds / 1e9:.4f}",
            *("-" if value is None else f"{value:.1f}" for value in times),
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(
        f"The paper's Table 7: {PAPER_PARAMETERS / 1e6:.2f} M parameters, "
        f"{PAPER_MULTIPLY_ADDS / 1e9:.2f} G; how they were counted it does not say."
    )
