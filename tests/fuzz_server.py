"""Ask an engine server what nobody would; count what it answers.

Run as `python -m tests.fuzz_server --requests 5000`: starts a server with a tiny network on
loopback, or takes the one at `--url`, whose token is in AONET_ENGINE_TOKEN. Every answer must be
one of the engine's; the command fails where one is 500, or speaks Python.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path

import urllib3
from hypothesis import HealthCheck, Phase, given, seed, settings

from aonet_core.engine.http.rpc_methods import methods
from aonet_core.engine.wire import CONTENT_TYPE
from tests.engine_requests import GALLERY, packed, png, requests

PYTHON = ("unhashable", "cannot unpack", "object is not", "unexpected keyword", "has no attribute",
          "Traceback", "not subscriptable", "positional argument", "NoneType")  # fmt: skip
"""What Python says and no refusal should."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url", help="a running server; its token in AONET_ENGINE_TOKEN")
    options = parser.parse_args()
    with ExitStack() as stack:
        url, token = options.url, os.environ.get("AONET_ENGINE_TOKEN", "")
        if not url:
            server = stack.enter_context(served())
            url, token = server.url, server.token
        return _ask(url, token, options.requests, options.seed)


def served():
    from aonet_core.model import save_checkpoint
    from tests.conftest import build_tiny, part_of_samples
    from tests.engine_server import serving

    home = Path(tempfile.mkdtemp(prefix="fuzz-"))
    checkpoint = save_checkpoint(home / "tiny", build_tiny("aonet_lens"), {})
    samples = home / "samples"
    samples.mkdir()
    return serving(checkpoint, part_of_samples(samples), home)


def _warm(url: str, token: str) -> None:
    """Have made what is made once: the gallery of the samples and its map."""
    from aonet_core.engine import ProjectionSpec
    from aonet_core.engine.http.remote import Patience, RemoteEngine

    spec = ProjectionSpec("images", neighbours=5)
    engine = RemoteEngine(url, token, patience=Patience(frame=120.0, busy=60.0))
    engine.project(spec=spec, progress=lambda *_: None)
    engine.build_gallery(GALLERY, [("a.png", png(1)), ("0001_c1.png", png(2))])


def _ask(url: str, token: str, count: int, number: int) -> int:
    pool = urllib3.PoolManager(retries=False)
    headers = {"Content-Type": CONTENT_TYPE, "Authorization": f"Bearer {token}"}
    found: dict[str, Counter] = defaultdict(Counter)
    bad, slowest, began = [], (0.0, ""), time.monotonic()

    @seed(number)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=False,
    )  # fmt: skip
    @given(requests)
    def ask(request):
        nonlocal slowest
        name, arguments = request
        at = time.monotonic()
        answer = pool.request(
            "POST", f"{url}/v1/default/{name}", body=packed(arguments), headers=headers, timeout=130
        )
        slowest = max(slowest, (time.monotonic() - at, name))
        found[name][answer.status] += 1
        said = answer.data.decode(errors="replace") if answer.status != 200 else ""
        if answer.status == 500 or any(words in said for words in PYTHON):
            bad.append((name, answer.status, said[-300:], repr(arguments)[:600]))

    _warm(url, token)
    ask()
    statuses = sorted({status for each in found.values() for status in each})
    print(
        "| method |", " | ".join(map(str, statuses)), "|\n|---" * 1 + "|---" * len(statuses) + "|"
    )
    for name in sorted(methods()):
        print(f"| {name} |", " | ".join(str(found[name][status]) for status in statuses), "|")
    total = [sum(each[status] for each in found.values()) for status in statuses]
    print("| all |", " | ".join(map(str, total)), "|")
    print(f"{sum(total)} requests in {time.monotonic() - began:.0f} s; slowest {slowest[0]:.1f} s "
          f"({slowest[1]})")  # fmt: skip
    for each in bad[:40]:
        print(*each, sep="\n  ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
