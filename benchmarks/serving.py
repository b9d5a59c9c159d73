"""Requests a second and latency, embedded and served, against batch size and callers.

Run as `python -m benchmarks.serving`. The same checkpoint runs in this process and behind the
server on the same machine; both take turns in every round, so that their ratio holds on a busy
machine too. `--url` measures a server elsewhere beside the engine in this process.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from PIL import Image

from aonet_core.engine import Engine, EngineAway, connect

PORT = 8719
TOKEN = "benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="default")
    parser.add_argument("--url", help="a running server; its token in AONET_ENGINE_TOKEN")
    parser.add_argument("--replicas", default="auto")
    parser.add_argument("--ray", action="store_true", help="engines on Ray, in other processes")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (32, 256, 128, 3), dtype=np.uint8)
    photos = [Image.fromarray(each) for each in pixels]
    here = connect(checkpoint=options.checkpoint)
    with _served(options) as far:
        info = far.info()
        print(f"served on {info.device}, {info.precision}; here on {here.info().device}")
        _overhead(here, far, options.rounds)
        _batches(here, far, photos, options.rounds)
        _callers(here, far, photos)


def _overhead(here: Engine, far: Engine, rounds: int) -> None:
    """What a request costs that asks nothing of the network."""
    near, away = _alternating([here.info, far.info], 10 * rounds)
    print(
        f"overhead a request: median {_median(away) - _median(near):.1f} ms, 95 % within "
        f"{np.percentile(away, 95):.1f} ms"
    )


def _batches(here: Engine, far: Engine, photos: list, rounds: int) -> None:
    print("| pictures a request | method | here, ms | served, ms | ratio | pictures/s served |")
    print("|---|---|---|---|---|---|")
    for count in (1, 4, 16, 32):
        for method in ("embed", "analyze"):
            asks = [
                lambda engine=engine, method=method, count=count: getattr(engine, method)(
                    photos[:count]
                )
                for engine in (here, far)
            ]
            near, away = map(_median, _alternating(asks, rounds))
            print(
                f"| {count} | {method} | {near:.1f} | {away:.1f} | {away / near:.2f} | "
                f"{1000 * count / away:.0f} |"
            )


def _callers(here: Engine, far: Engine, photos: list, seconds: float = 6.0) -> None:
    """Single pictures by several callers at once; the server takes them together."""
    print("| callers at once | engine | requests/s | median, ms | 95 % within, ms |")
    print("|---|---|---|---|---|")
    for callers in (1, 4, 16, 64):
        for name, engine in (("here", here), ("served", far)):
            spent = _load(lambda n, engine=engine: engine.embed([photos[n % 32]]), callers, seconds)
            print(
                f"| {callers} | {name} | {len(spent) / seconds:.0f} | {_median(spent):.0f} | "
                f"{np.percentile(spent, 95):.0f} |"
            )


def _load(ask: Callable[[int], object], callers: int, seconds: float) -> list[float]:
    end, spent = time.perf_counter() + seconds, []

    def call(number: int) -> None:
        while (began := time.perf_counter()) < end:
            ask(number)
            spent.append(1000 * (time.perf_counter() - began))

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(call, range(callers)))
    return spent


def _alternating(tasks: list[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Milliseconds of every round of every task, after two to warm up."""
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds + 2):
        for task, spent in zip(tasks, times, strict=True):
            began = time.perf_counter()
            task()
            spent.append(1000 * (time.perf_counter() - began))
    return [spent[2:] for spent in times]


def _median(values: list[float]) -> float:
    return statistics.median(values)


@contextmanager
def _served(options: argparse.Namespace) -> Iterator[Engine]:
    if options.url:
        yield connect(options.url, os.environ.get("AONET_ENGINE_TOKEN"))
        return
    command = [sys.executable, "-m", "aonet_core", "serve", "--port", str(PORT)]
    command += ["--checkpoint", options.checkpoint, "--replicas", options.replicas]
    command += ["--ray"] if options.ray else []
    environment = os.environ | {"AONET_ENGINE_TOKEN": TOKEN}
    began = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    engine = connect(f"http://127.0.0.1:{PORT}", TOKEN)
    try:
        while server.poll() is None:
            try:
                engine.check()
                break
            except EngineAway:
                time.sleep(0.1)
        print(f"ready after {time.perf_counter() - began:.1f} s")
        yield engine
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


if __name__ == "__main__":
    main()
