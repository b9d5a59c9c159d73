"""Exact search beside FAISS flat, one query and several at once, in one run.

Run as `python -m benchmarks.search [--pictures 30000]`. FAISS is optional and no part of the
requirements: `pip install --no-deps faiss-cpu`. It has the same numbers in single precision, since
its flat index takes no others without rounding results: twice the bytes. It is given its queries
in one call; ours come from as many threads, each with one query, as callers of a server do. In
every round each contestant runs once, so that all see the same neighbours on the machine; a ratio
is the median over rounds, times are the best. Ours searches for Eq. 8's form with one awareness,
all pictures' and the queries', so that both have the same answers, which are compared.
"""

from __future__ import annotations

import os
import platform
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from aonet_core.retrieval import Embedding, ExactSearch, SearchQuery
from benchmarks.gallery_ranking import mapped_gallery

COUNTS = 1, 8, 64
TOP_K = 50


def together(search: ExactSearch, questions: list[SearchQuery]) -> list[np.ndarray]:
    """Ask from one thread each, all at the same time."""
    if len(questions) == 1:
        return [search.best(questions[0], TOP_K).rows]
    start = threading.Barrier(len(questions))

    def ask(question: SearchQuery) -> np.ndarray:
        start.wait()
        return search.best(question, TOP_K).rows

    with ThreadPoolExecutor(len(questions)) as pool:
        return list(pool.map(ask, questions))


def faiss_search(vectors: np.ndarray, questions: list[SearchQuery]) -> Callable | None:
    """Search with FAISS, where it is installed."""
    try:
        import faiss
    except ImportError:
        return None
    index = faiss.IndexFlatIP(vectors[0].size)
    for start in range(0, len(vectors), 2000):
        index.add(vectors[start : start + 2000].astype(np.float32).reshape(-1, index.d))
    asked = np.stack([each.unit.astype(np.float32).reshape(-1) for each in questions])
    return lambda count: index.search(asked[:count], TOP_K)[1]


def contestants(vectors: np.ndarray) -> dict[tuple[str, int], Callable[[], object]]:
    """What is measured, by name and number of queries."""
    rng = np.random.default_rng(1)
    ones = np.ones(vectors.shape[:2], dtype=np.float32)
    search = ExactSearch(vectors, np.arange(len(vectors)), ones, ones)
    features = rng.standard_normal((max(COUNTS), *vectors.shape[1:]), dtype=np.float32)
    aware = np.ones((1, vectors.shape[1]), dtype=np.float32)
    questions = [SearchQuery.of(Embedding(each[None], aware), "eq8") for each in features]
    flat = faiss_search(vectors, questions)
    result: dict[tuple[str, int], Callable[[], object]] = {}
    for count in COUNTS:
        some = questions[:count]
        result["one by one", count] = lambda some=some: [
            search.best(each, TOP_K).rows for each in some
        ]
        result["together", count] = lambda some=some: together(search, some)
        if flat:
            result["FAISS", count] = lambda count=count: flat(count)
    return result


def main() -> None:
    with mapped_gallery(__doc__, pictures=30_000, rounds=7) as (vectors, rounds):
        measure(vectors, rounds)


def measure(vectors: np.ndarray, rounds: int) -> None:
    """Time all contestants and print their ratios."""
    runs = contestants(vectors)
    answers = {key: run() for key, run in runs.items()}  # warms up, too
    times: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    for _ in range(rounds):
        for key, run in runs.items():
            began = time.perf_counter()
            run()
            times[key].append(time.perf_counter() - began)
    print(
        f"{len(vectors):,} x {vectors[0].size:,} in half precision: {vectors.nbytes / 1e9:.2f} GB, "
        f"{os.cpu_count()} processors, {rounds} rounds, top {TOP_K}; Python "
        f"{platform.python_version()}, {', '.join(map(_version, ('numpy', 'numba', 'faiss-cpu')))}"
    )
    for (name, count), spent in times.items():
        line = f"{count} queries, {name}: {1000 * min(spent):.0f} ms at best"
        others = [other for other in ("together", "FAISS") if name == "one by one"]
        for other in others:
            if (other, count) in times:
                ratios = [a / b for a, b in zip(spent, times[other, count], strict=True)]
                line += f", {statistics.median(ratios):.2f} times {other}"
        print(line)
    for count in COUNTS:
        if ("FAISS", count) in times:
            pairs = zip(times["FAISS", count], times["together", count], strict=True)
            same = _same(answers["together", count], answers["FAISS", count])
            print(
                f"{count} queries: FAISS takes {statistics.median(a / b for a, b in pairs):.2f} "
                f"times as long as ours together; {100 * same:.2f} % of the best are the same"
            )


def _same(left, right) -> float:
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(left, right, strict=True)]))


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


if __name__ == "__main__":
    main()
