"""`python -m aonet_core prepare`: what the samples' pages show, worked out before they are opened.

Everything is kept in the user's cache under the checkpoint's digest; what is there already is left
as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from aonet_core.engine.local.first_answer import keep_first_answer, shipped_first_answer
from aonet_core.engine.protocol import Engine
from aonet_core.gallery.samples import read_samples
from aonet_core.trust import contents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose samples are looked at, by which network."""
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    parser.add_argument(
        "--samples", type=Path, help="folder of a synthetic set (default: the shipped one)"
    )
    parser.add_argument(
        "--ship",
        action="store_true",
        help="only write the first answer beside the checkpoint, for who ships it",
    )


def run(arguments: argparse.Namespace) -> int:
    """Work it out, with progress, and return the exit status."""
    from aonet_core.engine.local.engine import LocalEngine

    engine = LocalEngine(arguments.checkpoint, arguments.device, arguments.samples)
    pictures = _first_pictures(arguments.samples)
    file = shipped_first_answer(arguments.checkpoint) if arguments.ship else None
    if pictures:
        file = keep_first_answer(engine, pictures, file)
    if arguments.ship:
        print(file if pictures else "there are no samples")
        return 0
    for title, ready, make in steps(engine):
        if ready():
            print(f"{title}: there")
        else:
            _with_bar(title, make)
    return 0


def steps(engine: Engine) -> list[tuple[str, Callable[[], bool], Callable]]:
    """What there is to do: in words, whether it is done, and what does it, told of its progress."""
    return [
        ("the gallery", engine.gallery_ready, lambda progress: engine.gallery(progress=progress)),
        ("failures", engine.evaluation_ready, lambda progress: engine.evaluate(progress=progress)),
        ("the map", engine.projection_ready, lambda progress: engine.project(progress=progress)),
        ("the atlas", engine.atlas_ready, lambda progress: engine.atlas(progress=progress)),
    ]


def _with_bar(title: str, make: Callable) -> None:
    """Do it with a line of progress."""
    from tqdm import tqdm

    with tqdm(desc=title, bar_format="{desc}: {percentage:3.0f} % {elapsed}<{remaining}") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        make(progress)
        bar.update((bar.total or 0) - bar.n)


def _first_pictures(samples: Path | None) -> list:
    from aonet_core.gallery.uploads import read_image

    sample_set = read_samples(samples)
    paths = [sample_set.samples[name].path for name in sample_set.default_pair() or ()]
    return [read_image(contents(path), path.name)[0] for path in paths]
