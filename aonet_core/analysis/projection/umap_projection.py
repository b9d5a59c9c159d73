"""A map of embeddings by UMAP, and new points in it.

umap-learn is imported when the first map is made, which takes seconds; its compiled loops are kept
on disk for the next process. It is given exact neighbours, found by blocked products: faster than
its own search up to some ten thousand points, without that search's compilation, and the same every
time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from aonet_core.analysis.projection.neighbours import nearest
from aonet_core.analysis.projection.space import Space, all_same, as_euclidean, find_space
from aonet_core.lazy import uncollected
from aonet_core.occlusion import Progress
from aonet_core.results.projection import ProjectionSpec, within

MIN_POINTS = 10
"""Points that UMAP is used for at least; fewer are laid out by their principal components."""


@dataclass(frozen=True)
class Layout:
    """Points in a map, and what it takes to place others.

    Attributes:
        spec: How it was asked for.
        space: The coordinates that UMAP was given.
        points: (N, M) float32 in that space.
        neighbours: (N, n) int32, each point's nearest, itself first; (N, 0) without UMAP.
        distances: (N, n) float32.
        coordinates: (N, D) float32 in the map.
        method: As in `Projection`.
    """

    spec: ProjectionSpec
    space: Space
    points: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    coordinates: np.ndarray
    method: str

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Place new points among the old ones, which stay: (B, C) to (B, D), by UMAP's transform.

        Raises:
            ValueError: The map was not made by UMAP.
        """
        if self.method != "umap":
            raise ValueError(
                f"a map by {self.method} takes no new pictures: expected {MIN_POINTS} points that "
                f"differ, got {len(self.points)}"
            )
        return self._reducer.transform(self.space.reduce(vectors)).astype(np.float32)

    @cached_property
    def _reducer(self):
        """UMAP as it was after the fit, made again from what is kept, without optimising anew."""
        neighbours = self.neighbours, self.distances
        reducer = _umap(self.spec, neighbours, n_epochs=0, init=self.coordinates)
        with _quiet():
            reducer.fit(self.points)
        reducer.embedding_, reducer.n_epochs = self.coordinates, None
        # With neighbours that it has not searched for itself, it asks this for those of new points.
        reducer._knn_search_index = _Search(self.points)
        return reducer


class _Search:
    """Exact neighbours of new points, in the shape that UMAP asks for."""

    _angular_trees = False

    def __init__(self, points: np.ndarray) -> None:
        self.points = points

    def query(self, new: np.ndarray, count: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
        from scipy.spatial.distance import cdist

        distances = cdist(new, self.points)
        order = np.argsort(distances, axis=1, kind="stable")[:, :count]
        return order.astype(np.int32), np.take_along_axis(distances, order, axis=1)


def lay_out(
    vectors: np.ndarray,
    spec: ProjectionSpec,
    progress: Progress | None = None,
    device: str = "cpu",
) -> Layout:
    """Lay points out in two or three dimensions.

    Args:
        vectors: (N, C) float32, as `point_vectors` makes them.
        spec: How.
        progress: Told of percent done of 100, from those of principal components on.
        device: Where neighbours are searched for.

    Raises:
        ValueError: There are no points, or one is not finite.
    """
    if not len(vectors) or not np.isfinite(vectors).all():
        raise ValueError(f"a map needs finite points, and one at least, got {len(vectors)}")
    prepared = as_euclidean(vectors, spec.metric)
    _tell(within(progress, 1), 0, 1)
    space = find_space(prepared, spec)
    points = space.reduce_prepared(prepared)
    _tell(within(progress, 1), 1, 1)
    nobody = np.empty((len(points), 0), np.int32), np.empty((len(points), 0), np.float32)
    if all_same(prepared):
        place = np.zeros((len(points), spec.dimensions), np.float32)
        return Layout(spec, space, points, *nobody, place, "one place")
    if len(points) < MIN_POINTS:
        return Layout(spec, space, points, *nobody, _principal(points, spec.dimensions),
                      "principal components")  # fmt: skip
    count = min(spec.neighbours, len(points) - 1)
    neighbours = nearest(points, count, within(progress, 2), device)
    report = within(progress, 3)
    # Eigenvectors of the graph, the usual start, take ARPACK minutes where clumps lie far apart.
    start = "pca" if points.shape[1] >= spec.dimensions else "spectral"
    reducer = _umap(spec, neighbours, init=start, tqdm_kwds=_epochs(report))
    _tell(report, 0, 1)
    with _quiet():
        coordinates = reducer.fit_transform(points).astype(np.float32)
    return Layout(spec, space, points, *neighbours, coordinates, "umap")


def warm_up() -> None:
    """Import umap-learn and compile its loops by making a small map and extending it."""
    points = np.random.default_rng(0).standard_normal((40, 3), dtype=np.float32)
    lay_out(points, ProjectionSpec(neighbours=5)).place(points[:2] + 1)


def _principal(points: np.ndarray, dimensions: int) -> np.ndarray:
    """The first principal components, with zeros where there are fewer."""
    centred = points - points.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    components = np.zeros((len(points), dimensions), np.float32)
    count = min(dimensions, len(scale))
    components[:, :count] = left[:, :count] * scale[:count]
    return components


def _umap(spec: ProjectionSpec, neighbours: tuple[np.ndarray, np.ndarray], **others):
    return _umap_class()(
        n_components=spec.dimensions,
        n_neighbors=neighbours[0].shape[1],
        min_dist=spec.min_distance,
        random_state=spec.seed,
        transform_seed=spec.seed,
        n_jobs=1,
        precomputed_knn=neighbours,
        **others,
    )


@cache
def _umap_class():
    """Import UMAP, its compiled loops to be kept in numba's cache: it would make them anew."""
    with uncollected(), _quiet():
        import umap.layouts
    from numba.core.dispatcher import Dispatcher

    for module in (umap.layouts, umap.umap_, umap.utils):
        for value in vars(module).values():
            if isinstance(value, Dispatcher):
                value.enable_caching()
    return umap.UMAP


@contextmanager
def _quiet() -> Iterator[None]:
    """Without UMAP's warnings: of neighbours that are given, and of starts by chance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _epochs(progress: Progress | None) -> dict:
    """Options of UMAP's progress bar that tell of epochs, and let what that raises end the fit."""
    if progress is None:
        return {}
    return {
        "file": _Bar(progress), "disable": False, "bar_format": "{n} {total}", "mininterval": 0,
        "leave": False,
    }  # fmt: skip


class _Bar:
    """A file to which a progress bar is written.

    A bar holds the lock of all bars while it writes, and keeps it where writing fails: it is given
    back, or every later map would wait for ever.
    """

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self.progress = progress

    def write(self, text: str) -> None:
        numbers = text.split()
        if len(numbers) != 2:
            return
        try:
            self.progress(*map(int, numbers))
        except BaseException:
            from tqdm import tqdm

            tqdm.get_lock().release()
            raise

    def flush(self) -> None:
        pass


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)
