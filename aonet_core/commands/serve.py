"""`python -m aonet_core serve`: the engine as a server for front ends elsewhere."""

from __future__ import annotations

import argparse
import math
import os
from functools import partial
from pathlib import Path

MEGABYTE = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to listen, what to load and what to allow."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=8700, help="TCP port (%(default)s)")
    parser.add_argument(
        "--checkpoint",
        action="append",
        metavar="NAME[=PATH]",
        help="shipped name, or a name and a path; may be given again; the first is the default one",
    )
    parser.add_argument(
        "--replicas",
        default="auto",
        help="engines for each checkpoint; auto: one a graphics card, as needed (%(default)s)",
    )
    parser.add_argument("--samples", help="folder of the synthetic set (default: the shipped one)")
    parser.add_argument(
        "--store", help="folder of galleries (default: AONET_GALLERIES, or the user's cache folder)"
    )
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        help="folder of this machine whose pictures callers may name; may be given again",
    )
    for name, kind, default, meaning in (
        ("--slots", int, 32, "requests at a time, an engine (%(default)s)"),
        ("--waiting", int, 64, "requests that may wait, a checkpoint (%(default)s)"),
        ("--most-mb", float, 256, "size of a request, MB (%(default)s)"),
        ("--seconds", float, 120, "time for an answer (%(default)s)"),
        ("--threads", int, 0, "processor threads of an engine (0: PyTorch's choice)"),
    ):
        parser.add_argument(name, type=kind, default=default, help=meaning)
    parser.add_argument(
        "--ray",
        action="store_true",
        help="run engines on Ray, in processes of their own, even where one is enough",
    )
    parser.add_argument("--cluster", default="", help="Ray cluster to run on, such as auto")
    parser.add_argument("--tls-cert", help="certificate file, for HTTPS")
    parser.add_argument("--tls-key", help="its key file")


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal ends it; return the exit status."""
    from aonet_core.engine.http.options import GatewayOptions, ReplicaOptions, ServerOptions
    from aonet_core.engine.serving import check, serve_forever
    from aonet_core.gallery.listing import galleries_folder
    from aonet_core.gallery.retention import expire, retention_days

    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        raise ValueError("HTTPS needs both --tls-cert and --tls-key")
    _check_numbers(arguments)
    if missing := [each for each in arguments.folder if not Path(each).is_dir()]:
        raise FileNotFoundError(f"--folder: there is no folder {missing[0]}")
    galleries = Path(arguments.store) if arguments.store else galleries_folder()
    options = ServerOptions(
        checkpoints=checkpoints(arguments.checkpoint or ["default"]),
        host=arguments.host,
        port=arguments.port,
        replicas=replicas(arguments.replicas),
        engine=ReplicaOptions(
            "default",
            arguments.samples,
            str(galleries.resolve()),
            tuple(arguments.folder),
            arguments.slots,
            arguments.threads,
        ),
        gateway=GatewayOptions(
            os.environ.get("AONET_ENGINE_TOKEN", ""),
            int(arguments.most_mb * MEGABYTE),
            arguments.seconds,
        ),
        waiting=arguments.waiting,
        cluster=arguments.cluster,
        tls=(arguments.tls_cert, arguments.tls_key) if arguments.tls_cert else None,
        on_ray=arguments.ray,
    )
    check(options)
    days = retention_days()
    serve_forever(options, partial(expire, galleries, days))
    return 0


def _check_numbers(arguments: argparse.Namespace) -> None:
    for name, least, most in (
        ("port", 1, 2**16 - 1),
        ("slots", 1, math.inf),
        ("waiting", 0, math.inf),
        ("threads", 0, math.inf),
    ):
        value = getattr(arguments, name)
        if not least <= value <= most:
            upper = f" and at most {most}" if most < math.inf else ""
            raise ValueError(f"--{name} must be at least {least}{upper}, got {value}")
    for name, value in (("most-mb", arguments.most_mb), ("seconds", arguments.seconds)):
        if not 0 < value < math.inf:
            raise ValueError(f"--{name} must be positive and finite, got {value}")


def checkpoints(entries: list[str]) -> dict[str, str]:
    """Paths by name, of NAME or NAME=PATH each; whether they are there is checked.

    Raises:
        ValueError: A name comes twice, or cannot stand in an address.
        FileNotFoundError: There is no such checkpoint.
    """
    paths = {}
    for each in entries:
        name, _, path = each.partition("=")
        if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise ValueError(
                f"a checkpoint's name must be letters, digits, dots and dashes, got {name!r}; "
                "give a path as NAME=PATH"
            )
        if name in paths:
            raise ValueError(f"each checkpoint needs a name of its own, got {name} twice")
        paths[name] = path or name
    from aonet_core.model.checkpoint import read_card

    for path in paths.values():
        read_card(path)
    return paths


def replicas(text: str) -> int | None:
    """Number of engines; None for auto.

    Raises:
        ValueError: It is neither.
    """
    if text == "auto":
        return None
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"--replicas must be auto or a number from 1 on, got {text!r}")
    return int(text)
