"""`python -m aonet_core train`."""

from __future__ import annotations

import argparse
import logging
import shlex

import yaml

logger = logging.getLogger(__name__)
_DIRECT = ("data", "epochs", "minutes", "seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument(
        "--config",
        required=True,
        metavar="RECIPE",
        help="YAML file, or aonet_lens, paper, base_gap",
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
        ValueError: An option, the recipe or the data cannot be used.
    """
    from aonet_core.training.recipe import load_recipe

    changes = {name: getattr(args, name) for name in _DIRECT if getattr(args, name) is not None}
    recipe = load_recipe(args.config).change(_assignments(args.set) | changes)

    from aonet_core.training.fit import train

    path = train(recipe, args.out, resume=args.resume, command=_command(args, changes))
    logger.info("Wrote %s and %s", path, path.with_suffix(".json").name)
    return 0


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
