"""Evaluation against a plain per-query loop and fast-reid's, at the size of a real set.

Run as `python -m benchmarks.evaluation [--size msmt17] [--fast-reid]`; the latter fetches the wheel
`fastreid` 1.4.0 (Apache 2.0) and Cython into a folder of `.venv` and compiles its ranking there.
Each contestant runs in a process of its own, on the same random arrays, so that its peak memory is
its own; that of the arrays and libraries alone is printed first.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

OTHERS = Path(sys.prefix) / "others"
"""Where packages lie that only this benchmark uses."""
SIZES = {"small": (300, 1_500), "market1501": (3_368, 15_913), "msmt17": (11_659, 82_161)}
LANDMARKS = 6


def arrays(size: str, channels: int):
    """Random embeddings about an identity's own direction, identities and cameras."""
    import torch

    from aonet_core.retrieval import Embedding

    queries, gallery = SIZES[size]
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    ids = [rng.integers(1, queries // 4, queries), rng.integers(0, queries // 4, gallery)]
    cams = [rng.integers(1, 7, queries), rng.integers(1, 7, gallery)]
    centres = torch.randn(queries // 4, channels)
    sides = []
    for pids in ids:
        features = torch.empty(len(pids), LANDMARKS, channels, dtype=torch.float16)
        for start in range(0, len(pids), 4096):
            part = centres[pids[start : start + 4096]][:, None]
            noise = torch.randn(len(part), LANDMARKS, channels)
            features[start : start + 4096] = part + 3 * noise
        sides.append(Embedding(features, torch.rand(len(pids), LANDMARKS)))
    return *sides, *ids, *cams


def ours(query, gallery, *ids):
    """Blocks of similarities; only what lies above the worst match is sorted."""
    from aonet_core.retrieval import evaluate_embeddings

    result = evaluate_embeddings(query, gallery, *ids)
    return result.mean_ap, result.cmc[0]


def plain_loop(query, gallery, q_pids, g_pids, q_cams, g_cams):
    """The way public toolboxes do it: all similarities, one whole sort, a loop over queries."""
    from aonet_core.retrieval import similarity

    scores = similarity(query, gallery).numpy()
    indices = np.argsort(-scores, axis=1, kind="stable")
    matches = (g_pids[indices] == q_pids[:, None]).astype(np.int32)
    precisions, first = [], []
    for i in range(len(q_pids)):
        order = indices[i]
        remove = (g_pids[order] == q_pids[i]) & (g_cams[order] == q_cams[i])
        hits = matches[i][~remove]
        if not hits.any():
            continue
        found = hits.cumsum()
        precision = found / (np.arange(len(hits)) + 1.0)
        precisions.append((precision * hits).sum() / hits.sum())
        first.append(hits[0])
    return float(np.mean(precisions)), float(np.mean(first))


def fast_reid(query, gallery, *ids):
    """The same product, then fast-reid's ranking and metrics, in Cython."""
    from aonet_core.retrieval import similarity

    sys.path.append(str(OTHERS / "fastreid/evaluation/rank_cylib"))
    ranking = importlib.import_module("rank_cy")
    cmc, precisions, _ = ranking.evaluate_cy(-similarity(query, gallery).numpy(), *ids, 50)
    return float(np.mean(precisions)), float(cmc[0])


def fetch_fast_reid() -> None:
    """Install the wheel without what it asks for, and compile its ranking; once."""
    folder = OTHERS / "fastreid/evaluation/rank_cylib"
    if any(folder.glob("rank_cy.*.so")):
        return
    install = ["pip", "install", "--quiet", "--no-deps", "--target", str(OTHERS)]
    subprocess.run([sys.executable, "-m", *install, "fastreid==1.4.0", "cython<4"], check=True)
    flags = {"CFLAGS": f"-O3 -march=native -I{np.get_include()}", "PYTHONPATH": str(OTHERS)}
    build = [sys.executable, "-m", "Cython.Build.Cythonize", "-i", "rank_cy.pyx"]
    subprocess.run(build, cwd=folder, env=os.environ | flags, check=True)


def nothing(*_):
    """The arrays and libraries alone."""
    return float("nan"), float("nan")


def product(query, gallery, *_):
    """All similarities at once: what everybody has to work out before ranking."""
    from aonet_core.retrieval import similarity

    similarity(query, gallery)
    return nothing()


CONTESTANTS = {
    "arrays alone": nothing,
    "product alone": product,
    "ours": ours,
    "plain loop": plain_loop,
    "fast-reid": fast_reid,
}


def _run(name: str, size: str, channels: int, answers) -> None:
    data = arrays(size, channels)
    began = time.perf_counter()
    figures = CONTESTANTS[name](*data)
    spent = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    answers.put((spent, peak, *figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=tuple(SIZES), default="market1501")
    parser.add_argument("--channels", type=int, default=256, help="C of each of 6 landmarks")
    parser.add_argument("--only", choices=tuple(CONTESTANTS), action="append")
    parser.add_argument("--fast-reid", action="store_true", help="against its ranking, too")
    options = parser.parse_args()
    chosen = [name for name in CONTESTANTS if options.fast_reid or name != "fast-reid"]
    if options.fast_reid:
        fetch_fast_reid()
    context = multiprocessing.get_context("spawn")
    queries, gallery = SIZES[options.size]
    print(f"{queries:,} queries x {gallery:,} gallery images, {LANDMARKS} x {options.channels}")
    times = {}
    for name in options.only or chosen:
        answers = context.Queue()
        process = context.Process(target=_run, args=(name, options.size, options.channels, answers))
        process.start()
        spent, peak, mean_ap, rank1 = answers.get()
        process.join()
        times[name] = spent
        print(f"{name}: {spent:.1f} s, peak {peak:.2f} GiB, mAP {mean_ap:.6f}, rank-1 {rank1:.6f}")
    for name in ("plain loop", "fast-reid"):
        if {name, "ours"} <= set(times):
            print(f"ours is {times[name] / times['ours']:.2f} times as fast as {name}")


if __name__ == "__main__":
    main()
