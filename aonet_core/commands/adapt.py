"""`python -m aonet_core adapt`: fit a checkpoint's reference to one's own pictures."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the pictures, the checkpoint, the output and how to estimate."""
    from aonet_core.adaptation.adapt import AdaptOptions
    from aonet_core.adaptation.robust import WAYS

    usual = AdaptOptions()
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder, data set or ZIP of crops of people")
    source.add_argument("--saved", type=Path, help="network that was adapted and saved in the app")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, help="checkpoint to write")
    what.add_argument(
        "--remember",
        action="store_true",
        help="adapt nothing: write into the checkpoint's card what these pictures look like to it",
    )
    parser.add_argument("--dataset", default="auto", help="layout of the data (recognised)")
    parser.add_argument(
        "--way", choices=tuple(WAYS), default=usual.way,
        help="which pictures tell what a visible landmark looks like (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--norm", action="store_true", help="measure the statistics of the features anew, too"
    )
    parser.add_argument(
        "--head",
        action="store_true",
        help="let the head learn from what covers pasted on the pictures hide, too",
    )
    parser.add_argument(
        "--covers", nargs="+", choices=usual.covers, default=usual.covers,
        help="which kinds of them (all)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=usual.seed, help="of the covers and their order (%(default)s)"
    )
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")


def run(arguments: argparse.Namespace) -> int:
    """Adapt, write the checkpoint, say how sure it is."""
    from tqdm import tqdm

    from aonet_core.adaptation.adapt import AdaptOptions
    from aonet_core.adaptation.run import adapt_to, read_for, remember
    from aonet_core.model.checkpoint import load_checkpoint
    from aonet_core.model.precision import best_device

    if arguments.saved:
        return _saved(arguments)
    options = AdaptOptions(
        arguments.way, arguments.norm, arguments.seed, arguments.head,
        covers=tuple(arguments.covers),
    )  # fmt: skip
    model, card = load_checkpoint(arguments.checkpoint, arguments.device or best_device())

    def bar(label: str):
        shown = tqdm(desc=label, unit="picture", leave=False)

        def progress(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        return shown, progress

    shown, progress = bar("reading")
    with shown:
        read = read_for(model, arguments.data, progress, arguments.dataset)
    shown, progress = bar("looking")
    if arguments.remember:
        with shown:
            path, learnt = remember(model, arguments.checkpoint, read, progress)
        print(f"{learnt.pictures} pictures, limit {learnt.limit:.2f}: {path}")
        return 0
    with shown:
        path, said = adapt_to(
            model, card, str(arguments.checkpoint), read, arguments.out, options, progress
        )
    _print(path, said)
    return 0


def _saved(arguments: argparse.Namespace) -> int:
    """Make a checkpoint of what the app saved."""
    from aonet_core.adaptation.carry import changed
    from aonet_core.adaptation.report import kept_of
    from aonet_core.model.checkpoint import load_checkpoint, save_checkpoint
    from aonet_core.results.adaptation import Adaptation
    from aonet_core.trust import contents

    if arguments.remember:
        raise ValueError("--remember looks at pictures: give it --data, not --saved")
    own = Adaptation.from_bytes(contents(arguments.saved))
    model, card = load_checkpoint(arguments.checkpoint)
    own.check_parent(card["sha256"])
    path = save_checkpoint(arguments.out, changed(model, own.arrays), kept_of(card) | own.card)
    _print(path, own.adapted)
    return 0


def _print(path: Path, said: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    from aonet_core.names import readable

    table = Table(
        "landmark", "average logit", "95 % interval", "mean awareness",
        title=readable(f"{said['parent']['checkpoint']} adapted to {said['pictures']} pictures"),
    )  # fmt: skip
    for number, row in enumerate(said["landmarks"], 1):
        low, high = row["average_logit_interval"]
        table.add_row(
            str(number),
            f"{row['average_logit_before']:.2f} → {row['average_logit']:.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{row['awareness_before']:.2f} → {row['awareness']:.2f}",
        )
    console = Console(markup=False, emoji=False)
    console.print(table)
    for note in said["notes"]:
        console.print(readable(note), highlight=False)
    console.print(str(path), soft_wrap=True)
