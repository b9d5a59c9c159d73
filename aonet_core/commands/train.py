"""`python -m aonet_core train`."""

from __future__ import annotations

import argparse
import logging
import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from aonet_core.model import AONet
    from aonet_core.training.callbacks import Measure
    from aonet_core.training.recipe import TrainingRecipe

logger = logging.getLogger(__name__)
_VALIDATED = ("rank1", "mean_ap", "awareness_auroc", "false_alarm_without", "false_alarm_with")
_DIRECT = ("data", "epochs", "minutes", "seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    from aonet_core.training.recipe import shipped_recipes

    parser.add_argument(
        "--config",
        required=True,
        metavar="RECIPE",
        help=f"YAML file, or {', '.join(shipped_recipes())}",
    )
    parser.add_argument("--data", help="folder of the data set")
    parser.add_argument("--epochs", type=int, help="passes over the training identities")
    parser.add_argument("--minutes", type=float, help="stop after this time, schedule included")
    parser.add_argument("--seed", type=int, help="of weights, order and augmentation")
    parser.add_argument(
        "--out", default="runs/train", help="folder of the run (default: %(default)s)"
    )
    parser.add_argument("--resume", action="store_true", help="continue the run in --out")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="set any field of the recipe or of the network, e.g. num_landmarks=8; repeatable",
    )


def run(args: argparse.Namespace) -> int:
    """Train and export; return the exit status.

    Raises:
        FileNotFoundError: Recipe, data, weights or the run to resume are missing.
        KeyboardInterrupt: The user stopped the run; how to go on has been said.
        OSError: The disk is or would become full.
        ValueError: An option, the recipe or the data cannot be used.
    """
    from aonet_core.training.recipe import load_recipe

    changes = {name: getattr(args, name) for name in _DIRECT if getattr(args, name) is not None}
    recipe = load_recipe(args.config).change(_assignments(args.set) | changes)

    from aonet_core.training.fit import train
    from aonet_core.training.run import RESUME_FILE

    command = _command(args, changes)
    try:
        path = train(
            recipe,
            args.out,
            resume=args.resume,
            validate=_validation(recipe),
            command=command,
            progress=sys.stderr.isatty(),
        )
    except KeyboardInterrupt:
        if (Path(args.out) / RESUME_FILE).is_file():
            logger.info("All whole epochs are kept, go on with: %s --resume", command)
        else:
            logger.info("Stopped in the first epoch, before there was anything to keep")
        raise
    logger.info("Wrote %s and %s", path, path.with_suffix(".json").name)
    return 0


def _validation(recipe: TrainingRecipe) -> Measure | None:
    """Measure retrieval and awareness on the set's own validation split, if it has one."""
    from aonet_core.analysis.evaluation.figures import evaluate_dataset
    from aonet_core.data import read_dataset

    try:
        dataset = read_dataset(recipe.data, "synthped_validation")
    except FileNotFoundError:
        return None

    def measure(model: AONet) -> dict[str, float]:
        figures = evaluate_dataset(model, dataset)
        validated = {name: figures[name] for name in _VALIDATED if name in figures}
        return {name: math.nan if value is None else value for name, value in validated.items()}

    return measure


def _assignments(texts: list[str]) -> dict[str, object]:
    """Parse FIELD=VALUE texts; values are YAML."""
    result = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ValueError(f"--set expects FIELD=VALUE, got {text!r}")
        try:
            result[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ValueError(f"--set {text!r}: the value is not valid YAML") from error
    return result


def _command(args: argparse.Namespace, changes: dict) -> str:
    """Write the command down again, for the card."""
    words = ["python", "-m", "aonet_core", "train", "--config", args.config]
    for name, value in changes.items():
        words += [f"--{name}", str(value)]
    for text in args.set:
        words += ["--set", text]
    return shlex.join([*words, "--out", args.out])
