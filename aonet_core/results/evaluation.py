"""What came of searching a gallery for every query of a set: plain NumPy, no torch.

Letters: Q queries, K landmarks, G gallery pictures, T ranks kept of each query.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOP = 50
"""Ranks that are kept of every query."""


@dataclass(frozen=True)
class Setting:
    """What an evaluation belongs to; hashable, and equal settings give equal evaluations.

    Attributes:
        checkpoint: Name of the network.
        digest: SHA-256 of its weights.
        gallery: Name of the gallery.
        gallery_digest: Of its pictures, identities and cameras.
        queries: Name of the query set.
        queries_digest: Of its pictures, identities and cameras.
        form: Form of the match.
        without: Landmarks whose weight is 0.
        rerank: Whether the ranking is re-ranked by k-reciprocal neighbours.
    """

    checkpoint: str
    digest: str
    gallery: str
    gallery_digest: str
    queries: str
    queries_digest: str
    form: str
    without: tuple[int, ...] = ()
    rerank: bool = False


@dataclass(frozen=True)
class Best:
    """The best right, or the best wrong, gallery picture of every query.

    Attributes:
        names: (Q,) str, "" for none.
        pids: (Q,) identities, 0 where unknown or none.
        camids: (Q,) cameras, 0 where unknown or none.
        rank: (Q,) from 1; NaN for none.
        shares: (Q, K) float64, the part of each landmark in the similarity; NaN for none.
        cosine: (Q, K) of the landmark features; NaN for none.
        awareness: (Q, K) of the gallery picture; NaN for none.
    """

    names: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    rank: np.ndarray
    shares: np.ndarray
    cosine: np.ndarray
    awareness: np.ndarray

    @property
    def similarity(self) -> np.ndarray:
        """(Q,) the sum of the shares: the match before any re-ranking."""
        return self.shares.sum(axis=1)


@dataclass(frozen=True)
class ScoreHistogram:
    """Similarities of pairs of the same person (genuine) and of different ones (impostor).

    Attributes:
        edges: (B + 1,) of the bins, ascending.
        genuine: (B,) number of genuine pairs in each bin.
        impostor: (B,) number of impostor pairs in each bin.
        thresholds: (R, 3) false match rate accepted, lowest similarity that keeps to it, and the
            share of genuine pairs at or above it.
        auroc: Chance that a genuine pair is more alike than an impostor pair.
        equal_error_rate: Error where false matches are as frequent as missed ones.
    """

    edges: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray
    thresholds: np.ndarray
    auroc: float
    equal_error_rate: float

    def coarse(self, bins: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges, genuine and impostor counts of at most `bins` equal bins over all similarities.

        Raises:
            ValueError: `bins` is below 1.
        """
        if bins < 1:
            raise ValueError(f"a histogram needs at least 1 bin, got {bins}")
        used = np.flatnonzero(self.genuine + self.impostor)
        low, high = int(used[0]), int(used[-1]) + 1
        step = -(-(high - low) // bins)
        starts = np.arange(low, high, step)
        edges = np.append(self.edges[starts], self.edges[min(starts[-1] + step, high)])
        genuine, impostor = (
            np.add.reduceat(counts[:high], starts) for counts in (self.genuine, self.impostor)
        )
        return edges, genuine, impostor


@dataclass(frozen=True)
class Evaluation:
    """How every query of a set fares in a gallery.

    A query never counts pictures of its own identity by its own camera, nor itself where it is in
    the gallery; an unknown camera is nobody's own.

    Attributes:
        setting: What it belongs to.
        names: (Q,) str, of the queries.
        pids: (Q,) identities; 0 where unknown.
        camids: (Q,) cameras; 0 where unknown.
        average_precision: (Q,); NaN without a valid match.
        inverse_penalty: (Q,) hits over the rank of the last one; NaN without a valid match.
        first_rank: (Q,) rank from 1 of the first right match; NaN without a valid match.
        num_right: (Q,) valid matches in the gallery.
        other_camera_rank: (Q,) the first rank among pictures by other cameras than the query's
            own; NaN where it or theirs are unknown.
        awareness: (Q, K) weight of each landmark of the query.
        usual_awareness: (K,) median over the gallery.
        visibility: (Q, K) true visible share of each landmark; NaN where unknown.
        hidden: (Q,) true hidden share of the body; NaN where unknown.
        occluder: (Q,) str, what stands in front, "" where unknown or nothing.
        right: Best right match.
        wrong: Best wrong match.
        lead_by_landmark: (Q, K) what each landmark adds to the lead of the right match over the
            wrong one, its weight alone adding nothing; sums to `margin`; NaN without either.
        rank_without: (Q, K) first rank with a landmark's weight 0; NaN but for failures, after
            re-ranking, and where no landmark would be left.
        familiarity: (Q, K) largest cosine of a landmark to any gallery picture that counts; NaN
            but for failures and queries with known visibility.
        unfamiliar_below: (K,) what 95 % of gallery pictures reach among each other; NaN for a
            gallery too small to tell.
        top_names: (Q, T) str, best first, "" beyond the last.
        top_similarity: (Q, T) similarity that ranks them; NaN beyond the last.
        top_right: (Q, T) bool, whether they show the query's identity.
        gallery_size: G.
        cmc: (R,) as in `RetrievalMetrics`; NaN where no query has a valid match.
        mean_ap: Over valid queries; NaN without any.
        mean_inp: Over valid queries; NaN without any.
        scores: Similarities of genuine and impostor pairs; None where either is absent, or after
            re-ranking.
        notes: Sentences on what the reader of the figures should know.
    """

    setting: Setting
    names: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    average_precision: np.ndarray
    inverse_penalty: np.ndarray
    first_rank: np.ndarray
    num_right: np.ndarray
    other_camera_rank: np.ndarray
    awareness: np.ndarray
    usual_awareness: np.ndarray
    visibility: np.ndarray
    hidden: np.ndarray
    occluder: np.ndarray
    right: Best
    wrong: Best
    lead_by_landmark: np.ndarray
    rank_without: np.ndarray
    familiarity: np.ndarray
    unfamiliar_below: np.ndarray
    top_names: np.ndarray
    top_similarity: np.ndarray
    top_right: np.ndarray
    gallery_size: int
    cmc: np.ndarray
    mean_ap: float
    mean_inp: float
    scores: ScoreHistogram | None
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return Q."""
        return len(self.names)

    @property
    def valid(self) -> np.ndarray:
        """(Q,) bool, which queries have a right match to find."""
        return np.isfinite(self.first_rank)

    @property
    def failed(self) -> np.ndarray:
        """(Q,) bool, which queries have a right match that is not first."""
        return self.first_rank > 1

    @property
    def margin_by_landmark(self) -> np.ndarray:
        """(Q, K) share in the right match less that in the wrong one."""
        return self.right.shares - self.wrong.shares

    @property
    def margin(self) -> np.ndarray:
        """(Q,) the sum of `margin_by_landmark`."""
        return self.margin_by_landmark.sum(axis=1)

    def row(self, name: str) -> int:
        """The number of the query of this name.

        Raises:
            ValueError: There is none.
        """
        rows = np.flatnonzero(self.names == name)
        if not len(rows):
            raise ValueError(f"the query set {self.setting.queries} has no picture {name!r}")
        return int(rows[0])
