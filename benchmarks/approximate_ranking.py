"""Approximate search against exact search: recall, time and bytes, on synthetic pictures.

Run as `python -m benchmarks.approximate_ranking [--pictures 100000] [--kind pq]`. Twelve pictures
share an identity. A landmark's feature is its identity's and its own part, 7 to 3 in variance, both
with the spectrum that the shipped checkpoint's features have on the sample gallery: the first m
components hold 1 - (1 + m / 6) ** -0.8 of it. One landmark in eight is hidden: it shows a stranger
and has little awareness. Queries are further pictures of identities in the gallery.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from aonet_core.gallery.approximate import ApproximateIndex, make_index
from aonet_core.gallery.index import NUM_QUERIES, TOP_K, measure
from aonet_core.gallery.records import EmbeddingSpec
from aonet_core.gallery.schema import Catalogue
from aonet_core.retrieval import Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search.landmark_pca import Weighted

LANDMARKS = 6
IMAGES = 12
FORM = "normalised"


class Crowd:
    """People who can be photographed again and again, from one seed."""

    def __init__(self, identities: int, channels: int) -> None:
        """Draw every identity's landmarks."""
        self._rng = np.random.default_rng(0)
        self._spread = (np.arange(channels, dtype=np.float32) + 6.5) ** -0.9
        self._identities = self._normal(identities)

    def photographs(self, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (n, K, C) float16 of length 1, and awareness (n, K)."""
        rng, shape = self._rng, (len(who), LANDMARKS)
        features = 0.7**0.5 * self._identities[who] + 0.3**0.5 * self._normal(len(who))
        hidden = rng.random(shape) < 1 / 8
        features[hidden] = self._normal(len(who))[hidden]
        features /= np.linalg.norm(features, axis=2, keepdims=True)
        awareness = np.where(hidden, rng.beta(2, 6, shape), rng.beta(16, 2, shape))
        return features.astype(np.float16), awareness.astype(np.float32)

    def _normal(self, count: int) -> np.ndarray:
        shape = (count, LANDMARKS, len(self._spread))
        return self._rng.standard_normal(shape, dtype=np.float32) * self._spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--channels", type=int, default=1280, help="C of each of 6 landmarks")
    parser.add_argument("--components", type=int, default=32, help="kept of each landmark")
    parser.add_argument("--kind", default="flat", help="flat or pq")
    parser.add_argument("--partitions", type=int)
    parser.add_argument("--folder", help="where files are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        run(Path(folder), options)


def run(folder: Path, options: argparse.Namespace) -> None:
    """Make a gallery and its index, and print how they compare."""
    count = options.pictures
    crowd = Crowd(count // IMAGES + 1, options.channels)
    who = np.arange(count) // IMAGES
    awareness = np.empty((count, LANDMARKS), dtype=np.float32)
    with (folder / "vectors").open("wb") as file:
        for start in range(0, count, 2000):
            features, awareness[start : start + 2000] = crowd.photographs(who[start : start + 2000])
            file.write(features.tobytes())
    shape = (count, LANDMARKS, options.channels)
    vectors = np.memmap(folder / "vectors", np.float16, mode="c", shape=shape)
    chosen = np.linspace(0, count - 1, NUM_QUERIES).astype(int) // IMAGES
    questions = [
        SearchQuery.of(Embedding(feature[None].astype(np.float32), aware[None]), FORM)
        for feature, aware in zip(*crowd.photographs(chosen), strict=True)
    ]
    places, lengths = np.arange(count), np.ones_like(awareness)
    exact = ExactSearch(vectors, places, awareness, lengths)
    zeros = np.zeros(count, dtype=np.int64)
    names, roles = [""] * count, np.full(count, "gallery")
    catalogue = Catalogue(names, zeros, zeros, [b""] * count, places, awareness, lengths, roles)
    made = EmbeddingSpec("synthetic", LANDMARKS, options.channels)
    began = time.perf_counter()
    weighted = Weighted(vectors, places, awareness, FORM)
    index = make_index(
        folder,
        made,
        catalogue,
        weighted,
        FORM,
        options.components,
        options.kind,
        options.partitions,
    )
    spent = time.perf_counter() - began
    report(folder, index, exact, questions, spent)


def report(
    folder: Path,
    index: ApproximateIndex,
    exact: ExactSearch,
    questions: list[SearchQuery],
    spent: float,
) -> None:
    """Measure and print."""
    card = index.card
    milliseconds, measured = measure(index, exact, questions)
    vectors = (folder / "vectors").stat().st_size
    print(
        f"{card.count:,} pictures, {vectors / 1e9:.2f} GB of vectors, {os.cpu_count()} processors; "
        f"{card.components} components a landmark, {card.kind}, {card.partitions} partitions, "
        f"made in {spent:.0f} s"
    )
    for part in ("data", "_indices"):
        path = folder / "approximate" / "reduced.lance" / part
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        print(f"{part.strip('_')}: {size / 1e6:.0f} MB, {size / card.count:.0f} bytes a picture")
    print(f"exact: {milliseconds:.0f} ms (median of {len(questions)})")
    for each in measured:
        print(
            f"{each.probes} probes, {each.candidates} candidates: recall@{TOP_K} "
            f"{each.recall:.3f}, {each.milliseconds:.1f} ms, "
            f"{each.milliseconds / milliseconds:.2f} times exact"
        )


if __name__ == "__main__":
    main()
