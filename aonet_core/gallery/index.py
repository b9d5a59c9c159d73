"""Makes a gallery's index for approximate search, and measures what it misses."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aonet_core.errors import GalleryError
from aonet_core.gallery.approximate import ApproximateIndex, ApproximateSearch, make_index
from aonet_core.gallery.feature_file import FeatureFile
from aonet_core.gallery.index_card import Card, Recall
from aonet_core.gallery.listing import existing
from aonet_core.gallery.store import GalleryStore
from aonet_core.occlusion import Progress
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.search.exact import ExactSearch
from aonet_core.retrieval.search.landmark_pca import Weighted
from aonet_core.retrieval.search.question import SearchQuery

TOP_K = 10
"""What recall is measured at."""
NUM_QUERIES = 32
"""Pictures that are searched for."""
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
"""Of the partitions, that are tried."""
CANDIDATES = (100, 400)
"""Pictures compared exactly, that are tried."""


def index_gallery(
    folder: Path,
    name: str,
    form: str,
    components: int,
    kind: str | None = None,
    partitions: int | None = None,
    progress: Progress | None = None,
) -> Card:
    """Make a gallery's index; no network is needed.

    Args:
        folder: Of galleries.
        name: Of the gallery.
        form: Form of the match that will be asked for.
        components: Of each landmark.
        kind: As in `make_index`.
        partitions: As in `make_index`.
        progress: Told of pictures done and their number.

    Raises:
        GalleryError: There is no such gallery, or it is empty, damaged or being written.
        ValueError: A number is out of range.
        OSError: The disk is full.
    """
    store = GalleryStore(existing(folder, name))
    with store.writing():
        catalogue = store.catalogue()
        images = catalogue.of("gallery")
        if not len(images):
            raise GalleryError(f"the gallery {name} has no pictures to index")
        vectors, places = FeatureFile(store, "gallery").open(images)
        weighted = Weighted(vectors, places, images.awareness, form)
        index = make_index(
            store.folder, store.spec, images, weighted, form, components, kind, partitions, progress
        )
        exact = ExactSearch(vectors, places, images.awareness, images.lengths)
        role = "query" if len(catalogue.of("query")) else "gallery"
        queries = catalogue.of(role)
        rows, own = FeatureFile(store, role).open(queries)
        sampled = np.linspace(0, len(queries) - 1, min(NUM_QUERIES, len(queries))).astype(int)
        questions = [
            SearchQuery.of(
                Embedding(rows[own[at]][None].astype(np.float32), queries.awareness[at][None]), form
            )
            for at in sampled
        ]
        spent, measured = measure(index, exact, questions)
        index.note(store.folder, top_k=TOP_K, exact_milliseconds=spent, measured=tuple(measured))
    return index.card


def measure(
    index: ApproximateIndex, exact: ExactSearch, questions: Sequence[SearchQuery]
) -> tuple[float, list[Recall]]:
    """Compare an index with the exact search, from few probes and candidates to all.

    Returns:
        The median time of an exact search in milliseconds, and recall by settings.
    """
    top_k = min(TOP_K, len(exact))
    truth, spent = _timed(exact, questions, top_k)
    probes = {max(1, round(share * index.card.partitions)) for share in SHARES}
    measured = []
    for candidates in sorted({min(most, len(exact)) for most in CANDIDATES}):
        for few in sorted(probes):
            search = ApproximateSearch(index, exact, few, candidates)
            results, milliseconds = _timed(search, questions, min(top_k, candidates))
            shares = [np.isin(best, own).mean() for best, own in zip(truth, results, strict=True)]
            recall = float(np.mean(shares))
            measured.append(Recall(few, candidates, recall, milliseconds))
    return spent, measured


def _timed(
    search: ExactSearch | ApproximateSearch, questions: Sequence[SearchQuery], top_k: int
) -> tuple[list[np.ndarray], float]:
    results, times = [], []
    search.best(questions[0], top_k)  # what is compiled or opened at first is not measured
    for question in questions:
        began = time.perf_counter()
        results.append(search.best(question, top_k).rows)
        times.append(1000 * (time.perf_counter() - began))
    return results, statistics.median(times)
