"""The command line: `aonet COMMAND`, or `python -m aonet_core COMMAND`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import IO

from aonet_core.errors import in_a_sentence, is_foreseen

COMMANDS = {
    "app": ("aonet_core.commands.app", "open the application in a browser"),
    "train": ("aonet_core.commands.train", "train a network on a data set"),
    "landmarks": ("aonet_core.commands.landmarks", "train landmarks on part masks of renders"),
    "evaluate": ("aonet_core.commands.evaluate", "measure retrieval and awareness of a checkpoint"),
    "adapt": ("aonet_core.commands.adapt", "fit a checkpoint to one's own pictures"),
    "embed": ("aonet_core.commands.embed", "write the landmark features of images"),
    "gallery": ("aonet_core.commands.gallery", "build, search and delete galleries"),
    "prepare": ("aonet_core.commands.prepare", "work the samples' pages out beforehand"),
    "serve": ("aonet_core.commands.serve", "answer front ends elsewhere over HTTP"),
    "synth": ("aonet_core.commands.synth", "render a synthetic pedestrian data set"),
    "report": ("aonet_core.commands.report", "print tables about the networks"),
}
"""Each command's module offers `add_arguments(parser)` and `run(arguments) -> int`."""
UNFORESEEN, REFUSED, STOPPED, UNREAD = 1, 2, 130, 141
"""Exit statuses: a fault of ours, one the user can mend, Ctrl-C, and nobody reads the output."""

logger = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """A parser that, as those of its commands do, takes --verbose at any place."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.add_argument(
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="log more, an error with its traceback",
        )


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    An error of any kind becomes one sentence on standard error, never a traceback; a log with the
    traceback is there for the asking.
    """
    words = sys.argv[1:] if argv is None else argv
    name = next((word for word in words if not word.startswith("-")), "aonet")
    try:
        status = _carry_out(words, name)
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk shows here at the latest
        return status
    except KeyboardInterrupt:
        _say(f"{name}: stopped by the user")
        return STOPPED
    except Exception as error:
        logger.debug("The command has failed", exc_info=True)
        if isinstance(error, BrokenPipeError) and not sys.stdout.isatty():
            return UNREAD
        _say(f"{name}: {in_a_sentence(error)}")
        return REFUSED if is_foreseen(error) else UNFORESEEN
    finally:
        _let_go(sys.stdout)
        _let_go(sys.stderr)


def _carry_out(words: list[str], command: str) -> int:
    parser = _Parser(
        prog="aonet" if sys.argv[0].endswith("aonet") else "python -m aonet_core",
        description="AONet: train, evaluate and look inside.",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        description = summary[:1].upper() + summary[1:]
        subparser = subparsers.add_parser(name, help=summary, description=description)
        # Only the chosen command's module is imported: `--help` shall not wait for torch.
        if name == command:
            import_module(module).add_arguments(subparser)
    arguments = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    verbose = getattr(arguments, "verbose", False)
    logging.getLogger("aonet_core").setLevel(logging.DEBUG if verbose else logging.NOTSET)
    return import_module(COMMANDS[arguments.command][0]).run(arguments)


def _say(sentence: str) -> None:
    with suppress(OSError):
        print(sentence, file=sys.stderr)


def _let_go(stream: IO[str] | None) -> None:
    """Have what cannot be written forgotten; Python would tell of it once more as it ends."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
