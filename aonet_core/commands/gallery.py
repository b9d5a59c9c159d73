"""`python -m aonet_core gallery`: build, list, index, search and delete galleries."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from aonet_core.commands import gallery_search as search_command
from aonet_core.data.distinct import COPY
from aonet_core.data.left_out import summary
from aonet_core.gallery.listing import delete_gallery, galleries_folder, list_galleries
from aonet_core.names import readable

SHOWN = 10
"""Files left out that are named; the others are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do, each with arguments of its own."""
    subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = subparsers.add_parser("build", help="embed pictures into a gallery, or go on with it")
    build.add_argument("name", help="what the gallery is, or shall be, called")
    build.add_argument("source", help="data set, folder of images or ZIP file")
    build.add_argument("--dataset", default="auto", help="how to read it (default: recognise it)")
    build.add_argument("--checkpoint", default="default", help="shipped name or path")
    build.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    build.add_argument("--ray", action="store_true", help="embed on workers of Ray")
    build.add_argument("--address", help="of a Ray cluster: auto or HOST:PORT (default: start Ray)")
    build.add_argument("--workers", type=int, help="of Ray (default: one a card, or a processor)")
    build.add_argument("--json", action="store_true", help="print one JSON object")
    listing = subparsers.add_parser("list", help="list galleries")
    index = subparsers.add_parser("index", help="prepare a large gallery for approximate search")
    search_command.add_index_arguments(index)
    search = subparsers.add_parser("search", help="find the best matches of a picture")
    search_command.add_search_arguments(search)
    delete = subparsers.add_parser("delete", help="delete a gallery")
    delete.add_argument("name")
    for each in (build, listing, index, search, delete):
        each.add_argument(
            "--store",
            type=Path,
            help="folder of galleries (default: AONET_GALLERIES, or the user's cache folder)",
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked and return the exit status."""
    folder = arguments.store or galleries_folder()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} must be a folder of galleries, got a file")
    actions = {
        "build": _build,
        "list": _list,
        "index": search_command.run_index,
        "search": search_command.run_search,
        "delete": _delete,
    }
    return actions[arguments.action](arguments, folder)


def _build(arguments: argparse.Namespace, folder: Path) -> int:
    from tqdm import tqdm

    from aonet_core.engine.local.engine import LocalEngine

    if not arguments.ray and (arguments.address or arguments.workers is not None):
        raise ValueError("--address and --workers are options of --ray")
    engine = LocalEngine(arguments.checkpoint, arguments.device, galleries=folder)
    with tqdm(desc="embedding", unit="image", leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        if arguments.ray:
            from aonet_core.engine.on_ray.build import build_on_ray

            report = build_on_ray(
                engine.spec,
                folder,
                arguments.name,
                arguments.source,
                arguments.checkpoint,
                arguments.device,
                arguments.address,
                arguments.workers,
                progress,
                arguments.dataset,
            )
        else:
            report = engine.build_gallery(
                arguments.name, arguments.source, progress, dataset=arguments.dataset
            )
    if arguments.json:
        facts: dict = {"added": report.added, "present": report.present}
        facts["duplicates"] = summary([(name, COPY) for name in report.duplicates])
        print(json.dumps(facts | {"left_out": summary(report.refused)}))
        return 0
    print(
        f"{arguments.name}: {report.added} images added, {report.present} were there, "
        f"{len(report.duplicates)} duplicates and {len(report.refused)} unusable left out"
    )
    for name, reason in report.refused[:SHOWN]:
        print(f"  {readable(name)}: {readable(reason)}")
    if len(report.refused) > SHOWN:
        print(f"  and {len(report.refused) - SHOWN} more")
    return 0


def _list(_: argparse.Namespace, folder: Path) -> int:
    entries = list_galleries(folder)
    if not entries:
        print(f"no galleries in {folder}")
    for entry in entries:
        if entry.problem:
            print(readable(f"{entry.name}: {entry.problem}"))
            continue
        state = "" if entry.complete else ", incomplete"
        line = (
            f"{entry.name}: {entry.count} images and {entry.queries} queries of {entry.source}, "
            f"made with checkpoint {entry.checkpoint[:12]}{state}"
        )
        print(readable(line))
    return 0


def _delete(arguments: argparse.Namespace, folder: Path) -> int:
    delete_gallery(folder, arguments.name)
    print(f"{arguments.name}: deleted")
    return 0
