"""One query in a large gallery against merely reading the gallery's bytes from memory.

Run as `python -m benchmarks.gallery_ranking [--pictures 100000]`. Random unit vectors lie in a
memory-mapped file in half precision, as a gallery's do, and have been read once. In every round
each contestant runs once, so that all see the same neighbours on the machine; the ratio is the
median over rounds. "reading" XORs all words, on as many threads as ranking has.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from aonet_core.retrieval import Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search.half_precision import PART, _pool

LANDMARKS = 6


def gallery(path: Path, pictures: int, channels: int) -> np.ndarray:
    """Write random unit vectors (G, K, C) and map them."""
    rng = np.random.default_rng(0)
    shape = (LANDMARKS, channels)
    with path.open("wb") as file:
        for start in range(0, pictures, 2000):
            rows = rng.standard_normal((min(2000, pictures - start), *shape), dtype=np.float32)
            rows /= np.linalg.norm(rows, axis=2, keepdims=True)
            file.write(rows.astype(np.float16).tobytes())
    return np.memmap(path, dtype=np.float16, mode="c", shape=(pictures, *shape))


def reader(vectors: np.ndarray) -> Callable[[], int]:
    """Something that reads every byte once and does next to nothing with it."""
    from numba import njit, uint64

    @njit(uint64(uint64[::1]), nogil=True)
    def folded(words):
        total = uint64(0)
        for word in words:
            total ^= word
        return total

    parts = [vectors[start : start + PART] for start in range(0, len(vectors), PART)]
    words = [part.reshape(-1).view(np.uint64) for part in parts]

    def read() -> int:
        return sum(map(int, _pool().map(folded, words)))

    return read


def memory() -> float:
    """Memory of this process that is not the mapped file, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def peak(run: Callable[[], object]) -> float:
    """The most memory in MiB that a run needs beyond what was there before."""
    before, seen, done = memory(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            seen.append(memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    run()
    done.set()
    watcher.join()
    return max(seen) - before


def main() -> None:
    with mapped_gallery(__doc__, pictures=100_000, rounds=15) as (vectors, rounds):
        measure(vectors, rounds)


@contextmanager
def mapped_gallery(
    description: str | None, pictures: int, rounds: int
) -> Iterator[tuple[np.ndarray, int]]:
    """Read the command line, of which these are the defaults; give vectors and rounds."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--pictures", type=int, default=pictures)
    parser.add_argument("--channels", type=int, default=2048, help="C of each of 6 landmarks")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--folder", help="where the file of vectors is written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        yield gallery(Path(folder) / "vectors", options.pictures, options.channels), options.rounds


def measure(vectors: np.ndarray, rounds: int) -> None:
    """Time all contestants and print their ratios."""
    size = vectors.nbytes / 1e9
    rng = np.random.default_rng(1)
    awareness = rng.random(vectors.shape[:2], dtype=np.float32)
    lengths = np.ones_like(awareness)
    search = ExactSearch(vectors, np.arange(len(vectors)), awareness, lengths)
    query = Embedding(
        rng.standard_normal((1, *vectors.shape[1:]), dtype=np.float32), np.full((1, 6), 0.7)
    )
    question = SearchQuery.of(query, "normalised")
    flat = torch.from_numpy(vectors).flatten(1)
    half = torch.from_numpy(question.unit.reshape(-1)).half()
    contestants = {
        "reading": reader(vectors),
        "ranking, top 50": lambda: search.best(question, 50),
        "half-precision product of PyTorch, rounded, no top 50": lambda: flat @ half,
    }
    for run in contestants.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    print(
        f"{len(vectors):,} x {vectors[0].size:,} in half precision: {size:.2f} GB, "
        f"{os.cpu_count()} processors, {rounds} rounds"
    )
    for name, spent in times.items():
        ratios = [a / b for a, b in zip(spent, times["reading"], strict=True)]
        print(
            f"{name}: median {1000 * statistics.median(spent):.0f} ms "
            f"({size / min(spent):.1f} GB/s at best), {statistics.median(ratios):.2f} times reading"
        )
    needed = peak(contestants["ranking, top 50"])
    kept = (2 * awareness.nbytes + 16 * len(vectors)) / 2**20
    print(
        f"ranking needs at most {needed:.0f} MiB beside the mapped file and {kept:.0f} MiB of "
        "awareness, lengths and places"
    )


if __name__ == "__main__":
    main()
