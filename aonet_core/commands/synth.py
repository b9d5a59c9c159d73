"""`python -m aonet_core synth`: render a synthetic pedestrian data set."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path

from aonet_core.synthetic.plan import SetPlan

HELP = {
    "seed": "of the town and its people",
    "train": "identities to train on",
    "validation": "validation identities",
    "test": "test identities",
    "distractors": "identities in the test gallery alone",
    "images": "pictures per identity",
    "queries": "occluded queries per evaluated identity",
    "cameras": "number of cameras",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a `SetPlan`, the folder and the number of workers."""
    for field in fields(SetPlan):
        if field.name == "train_truth":
            continue
        parser.add_argument(
            "--identities" if field.name == "train" else f"--{field.name}",
            dest=field.name,
            type=int,
            default=field.default,
            help=f"{HELP[field.name]} (default {field.default})",
        )
    parser.add_argument(
        "--train-truth", action="store_true", help="write masks and twins of training images, too"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--workers", type=int, help="processes (default: all processors)")


def run(arguments: argparse.Namespace) -> int:
    """Render the set and print its counts."""
    from aonet_core.synthetic.dataset import generate

    plan = SetPlan(**{field.name: getattr(arguments, field.name) for field in fields(SetPlan)})
    print(json.dumps(generate(plan, arguments.out, arguments.workers)))
    return 0
