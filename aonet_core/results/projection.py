"""What a map of embeddings is asked for and what it holds: plain NumPy, no torch.

Letters: I pictures, K landmarks, P points a picture (K, or 1 for whole pictures), N = I·P points,
D = 2 or 3 dimensions of the map, S stars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.errors import check_choice
from aonet_core.occlusion import Progress

KINDS = ("landmarks", "images")
METRICS = ("cosine", "euclidean", "correlation")
MOST_POINTS = 60_000
"""Points of a map at most; of a larger gallery some pictures are drawn."""
STAGES = (
    ("reading embeddings and truth", 15),
    ("principal components", 20),
    ("nearest neighbours", 35),
    ("laying the points out", 85),
    ("measuring what the picture keeps", 100),
)
"""What a fit goes through, and the percent at which each stage ends."""


@dataclass(frozen=True)
class ProjectionSpec:
    """How a map is made; hashable, and equal specs of equal galleries give equal maps.

    Attributes:
        kind: "landmarks": a point a picture and landmark, the landmark's retrieval feature.
            "images": a point a picture, the vector whose inner products are Eq. 8 as printed: the
            landmarks' unit features, each times its awareness, over √K, one after the other.
        dimensions: 2 or 3.
        neighbours: How many neighbours UMAP keeps close; fewer where there are not so many points.
        min_distance: How close UMAP may put points, in units of the map, 0 to 0.99.
        metric: "cosine" compares directions; "euclidean" lengths too, which hold the awareness;
            "correlation" directions after taking each vector's mean away.
        seed: Of everything that is random.
        components: Principal components kept before UMAP; 0 for all coordinates.
        queries: Show the pictures that are kept to be searched for as well.
    """

    kind: str = "landmarks"
    dimensions: int = 2
    neighbours: int = 15
    min_distance: float = 0.1
    metric: str = "cosine"
    seed: int = 0
    components: int = 50
    queries: bool = True

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: A value is not one that a map can be made with.
        """
        bounds = {"dimensions": (2, 3), "neighbours": (2, 200), "min_distance": (0, 0.99),
                  "components": (0, 1000), "seed": (0, 2**31 - 1)}  # fmt: skip
        check_choice("kind", self.kind, KINDS)
        check_choice("metric", self.metric, METRICS)
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be {low} to {high}, got {getattr(self, name)}")


@dataclass(frozen=True)
class Quality:
    """What of the original space the map keeps; shares of neighbours, each NaN where unknown.

    A point's neighbours here are the nearest points of other pictures.

    Attributes:
        neighbours: How many nearest neighbours are looked at.
        measured: Points that were measured, drawn with the map's seed, each against all points.
        trustworthiness: Venna and Kaski's: 1 where all neighbours in the map are neighbours in the
            original space; what intrudes counts by how far away it was. 0.5 is chance.
        landmark: Share of neighbours of the same landmark in the original space.
        landmark_map: The same in the map.
        landmark_chance: The same for neighbours drawn at random.
        identity: Share of neighbours of the same person, of points whose person is known.
        identity_map: The same in the map.
        identity_chance: The same for neighbours drawn at random.
    """

    neighbours: int
    measured: int
    trustworthiness: float
    landmark: float
    landmark_map: float
    landmark_chance: float
    identity: float
    identity_map: float
    identity_chance: float


@dataclass(frozen=True)
class Projection:
    """A map of embeddings. Point n belongs to picture `image[n]` and landmark `landmark[n]`.

    Attributes:
        spec: How it was asked for.
        checkpoint: SHA-256 of the network's weights.
        gallery: Name of the gallery.
        revision: Of the gallery.
        method: "umap"; "principal components" for too few points, "one place" where all vectors
            are the same.
        coordinates: (N, D) float32.
        image: (N,) int32, row of the picture.
        landmark: (N,) int16, from 0 on; -1 for whole pictures.
        stars: (S, D) float32 of what the network remembers.
        star_landmark: (S,) int16, as `landmark`.
        star_kind: "memory" for the memory's rows (Eq. 1); "mean" for the mean of each landmark's
            embeddings, weighted by awareness, where the memory lives in another space; "" for none.
        names: (I,) str.
        is_query: (I,) bool, kept to be searched for.
        pids: (I,) int64 identities, 0 where unknown.
        camids: (I,) int64 cameras, 0 where unknown.
        awareness: (I, K) float32 weight of each landmark.
        visibility: (I, K) float32 true visible share of each landmark, NaN where unknown.
        average_precision: (I,) float32 of queries that have been evaluated; NaN for all others.
        occluder: (I,) str, what stands in front, "" where unknown or nothing.
        landmark_purity: (N,) float32 of each measured point in the original space; else NaN.
        identity_purity: (N,) float32, the same for the person.
        components: Coordinates that UMAP was given.
        variance: Share of the variance that those keep.
        quality: What the picture keeps of the original space.
        notes: Sentences on what the reader of the map should know.
    """

    spec: ProjectionSpec
    checkpoint: str
    gallery: str
    revision: int
    method: str
    coordinates: np.ndarray
    image: np.ndarray
    landmark: np.ndarray
    stars: np.ndarray
    star_landmark: np.ndarray
    star_kind: str
    names: np.ndarray
    is_query: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    awareness: np.ndarray
    visibility: np.ndarray
    average_precision: np.ndarray
    occluder: np.ndarray
    landmark_purity: np.ndarray
    identity_purity: np.ndarray
    components: int
    variance: float
    quality: Quality
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return N."""
        return len(self.coordinates)

    def of_points(self, name: str) -> np.ndarray:
        """A column of pictures or of pictures and landmarks as one value a point, (N,).

        For whole pictures that of K landmarks is the mean of those that are known.

        Args:
            name: For example "awareness" or "pids".
        """
        values = getattr(self, name)
        if values.ndim == 1:
            return values[self.image]
        if self.spec.kind == "landmarks":
            return values[self.image, self.landmark]
        known = np.isfinite(values)
        total = np.where(known, values, 0).sum(axis=1)
        return np.divide(total, known.sum(axis=1), out=np.full(len(values), np.nan),
                         where=known.any(axis=1))[self.image]  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """Where new pictures come to lie in a map that was made without them.

    Attributes:
        coordinates: (B, P, D) float32.
        landmark: (P,) int16; -1 for whole pictures.
        awareness: (B, K) float32.
    """

    coordinates: np.ndarray
    landmark: np.ndarray
    awareness: np.ndarray


def within(progress: Progress | None, stage: int) -> Progress | None:
    """Tell of one stage of a fit as a part of the whole, in percent of 100."""
    if progress is None:
        return None
    low = STAGES[stage - 1][1] if stage else 0
    high = STAGES[stage][1]
    return lambda done, total: progress(low + (high - low) * done // max(1, total), 100)


def stage_at(percent: int) -> str:
    """What a fit does at a percent that its progress tells."""
    return next((name for name, end in STAGES if percent < end), STAGES[-1][0])
