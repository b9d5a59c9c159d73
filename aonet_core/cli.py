"""The command line: `python -m aonet_core COMMAND`."""

from __future__ import annotations

import argparse
import logging
import sys
from importlib import import_module

COMMANDS = {
    "train": ("aonet_core.training.command", "train a network on a data set"),
    "evaluate": ("aonet_core.analysis.command", "measure retrieval and awareness of a checkpoint"),
    "embed": ("aonet_core.analysis.embed_command", "write the landmark features of images"),
    "gallery": ("aonet_core.engine.gallery_command", "build, search and delete galleries"),
    "serve": ("aonet_core.engine.serve_command", "answer front ends elsewhere over HTTP"),
    "synth": ("aonet_core.synthetic.command", "render a synthetic pedestrian data set"),
    "report": ("aonet_core.reports.command", "print tables about the networks"),
}
"""Each command's module offers `add_arguments(parser)` and `run(arguments) -> int`."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    A `ValueError` or `OSError` is the user's to mend: it becomes one sentence on standard error
    and status 2, never a traceback.
    """
    arguments = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="python -m aonet_core", description="AONet: train, evaluate and look inside."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary.capitalize())
        # Only the chosen command's module is imported: `--help` shall not wait for torch.
        if arguments[:1] == [name]:
            import_module(module).add_arguments(subparser)
    parsed = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return import_module(COMMANDS[parsed.command][0]).run(parsed)
    except (ValueError, OSError) as error:
        print(f"{parsed.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{parsed.command}: stopped by the user", file=sys.stderr)
        return 130
