"""Evaluation against a plain per-query NumPy loop, time and memory, at the size of a real set.

Run as `python -m benchmarks.evaluation [--size msmt17]`. Each contestant runs in a process of its
own, on the same random arrays, so that its peak memory is its own; that of the arrays and libraries
alone is printed first.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time

import numpy as np

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


def nothing(*_):
    """The arrays and libraries alone."""
    return float("nan"), float("nan")


CONTESTANTS = {"arrays alone": nothing, "ours": ours, "plain loop": plain_loop}


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
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    queries, gallery = SIZES[options.size]
    print(f"{queries:,} queries x {gallery:,} gallery images, {LANDMARKS} x {options.channels}")
    times = {}
    for name in options.only or CONTESTANTS:
        answers = context.Queue()
        process = context.Process(target=_run, args=(name, options.size, options.channels, answers))
        process.start()
        spent, peak, mean_ap, rank1 = answers.get()
        process.join()
        times[name] = spent
        print(f"{name}: {spent:.1f} s, peak {peak:.2f} GiB, mAP {mean_ap:.6f}, rank-1 {rank1:.6f}")
    if {"ours", "plain loop"} <= set(times):
        print(f"ours is {times['plain loop'] / times['ours']:.2f} times as fast")


if __name__ == "__main__":
    main()
