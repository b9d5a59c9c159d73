"""`python -m aonet_core evaluate`: the figures of a checkpoint on a data set."""

from __future__ import annotations

import argparse
import json
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add data, checkpoint and how to measure."""
    from aonet_core.retrieval import FORMS
    from aonet_core.retrieval.metrics import AVERAGE_PRECISIONS

    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", help="folder of the data set")
    what.add_argument("--photos", help="folder or ZIP of photographs of one whole person each")
    parser.add_argument("--dataset", default="auto", help="its layout (default: recognised)")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--form", choices=tuple(FORMS), help="match (default: the checkpoint's)")
    parser.add_argument("--ap", choices=AVERAGE_PRECISIONS, default="step")
    parser.add_argument(
        "--rerank", action="store_true", help="apply k-reciprocal re-ranking to the ranking"
    )
    parser.add_argument(
        "--pose",
        action="store_true",
        help="tell where peaks on photographs lie by a pose model (requirements-pose.txt)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the covers pasted on photographs")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    parser.add_argument(
        "--record", action="store_true", help="write the figures into the checkpoint's card"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from aonet_core.model.checkpoint import load_checkpoint, update_card
    from aonet_core.model.precision import usable_device
    from aonet_core.reports.figures_table import print_figures

    model, _ = load_checkpoint(arguments.checkpoint, usable_device(arguments.device))
    figures = (_of_photographs if arguments.photos else _of_dataset)(model, arguments)
    if arguments.record:
        update_card(arguments.checkpoint, metrics=figures)
    figures["checkpoint"] = str(arguments.checkpoint)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print_figures(figures)
    return 0


def _of_dataset(model, arguments: argparse.Namespace) -> dict:
    from pathlib import Path

    from aonet_core.analysis.evaluation.figures import evaluate_dataset
    from aonet_core.data.left_out import summary
    from aonet_core.data.readers import read_dataset

    name = arguments.dataset
    if arguments.split == "validation":
        if name != "auto":
            raise ValueError(f"only synthped has a validation split, got --dataset {name}")
        name = "synthped_validation"
    dataset = read_dataset(Path(arguments.data), name)
    figures = evaluate_dataset(
        model, dataset, arguments.form, arguments.ap, arguments.rerank, progress=True
    )
    return figures | {"left_out": summary((*dataset.left_out, *dataset.without_match()))}


def _of_photographs(model, arguments: argparse.Namespace) -> dict:
    from pathlib import Path

    from aonet_core.analysis.photographs.figures import evaluate_photographs
    from aonet_core.data.pictures import read_pictures
    from aonet_core.names import readable

    read = read_pictures(arguments.photos)
    for name, reason in read.refused:
        print(readable(f"left out: {name}: {reason}"), file=sys.stderr)
    joints = None
    if arguments.pose:
        from aonet_core.model.pose_reader import find_joints

        joints = find_joints(read.images)
    figures = evaluate_photographs(model, read.images, arguments.seed, joints=joints)
    return {"data": Path(arguments.photos).name, "num_refused": len(read.refused), **figures}
