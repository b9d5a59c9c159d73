"""An atlas: what a whole gallery says of every landmark; plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BACKGROUND, UNKNOWN = -1, -2
"""Region of a peak that lies on no body part, and of one that nobody knows about."""


@dataclass(frozen=True)
class Atlas:
    """N pictures, gallery first, then the queries kept with it.

    Attributes:
        checkpoint: SHA-256 of the weights.
        gallery: Its name.
        names: (N,) str, of the pictures.
        roles: (N,) str, "gallery" or "query".
        kinds: (N,) str, "whole", "occluded", or "" where nobody knows.
        excitement: (N, K) logarithm of the summed exponentials of the landmark's logits: how
            strongly a picture answers, before it is compared with the reference.
        awareness: (N, K) in [0, 1] (Eq. 4); it grows with the excitement.
        regions: (N, K) int, place in `region_names` of what is under the landmark's peak,
            `BACKGROUND` or `UNKNOWN`.
        region_names: (R,) names of body regions.
        mean_map: (K, H, W) mean referenced response map over the gallery.
        mean_picture: (h, w, 3) uint8, mean of the same pictures.
        most: (K, M) rows of the pictures that excite a landmark most, the first the most.
        least: (K, M) rows of those that excite it least.
        most_maps: (K, M, H, W) the landmark's referenced response maps on them.
        least_maps: (K, M, H, W).
        feature_cosine: (K, K) cosines of the landmarks' mean features over the gallery.
        total: Pictures there are; N may be less.
        unreadable: Names of those that could not be read.
    """

    checkpoint: str
    gallery: str
    names: np.ndarray
    roles: np.ndarray
    kinds: np.ndarray
    excitement: np.ndarray
    awareness: np.ndarray
    regions: np.ndarray
    region_names: tuple[str, ...]
    mean_map: np.ndarray
    mean_picture: np.ndarray
    most: np.ndarray
    least: np.ndarray
    most_maps: np.ndarray
    least_maps: np.ndarray
    feature_cosine: np.ndarray
    total: int
    unreadable: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many pictures were looked at."""
        return len(self.names)

    @property
    def num_landmarks(self) -> int:
        """K."""
        return self.awareness.shape[1]

    def where(self, role: str = "", kind: str = "") -> np.ndarray:
        """Rows (N,) bool of a role and a kind; "" for any."""
        rows = np.ones(len(self), dtype=bool)
        if role:
            rows &= self.roles == role
        return rows & (self.kinds == kind) if kind else rows

    def body_shares(self) -> np.ndarray:
        """On what each landmark's peaks lie: (K, R + 1), background last; rows sum to 1.

        Over whole gallery pictures, as the checkpoint's card counts; NaN where the truth is not
        known of any.
        """
        peaks = self.regions[self.where("gallery", "whole")]  # (n, K)
        known = peaks != UNKNOWN
        places = [*range(len(self.region_names)), BACKGROUND]
        counts = np.stack([((peaks == place) & known).sum(axis=0) for place in places], axis=1)
        with np.errstate(invalid="ignore"):
            return counts / known.sum(axis=0)[:, None]

    def histogram(self, kind: str, bins: int = 20) -> np.ndarray:
        """Pictures of a kind by awareness: (K, bins) int over equal parts of [0, 1].

        Args:
            kind: "whole", "occluded", or "" for all pictures.
            bins: Number of bins; 1 falls into the last.
        """
        awareness = self.awareness[self.where(kind=kind)]
        place = np.clip((awareness * bins).astype(int), 0, bins - 1)
        return np.stack([np.bincount(column, minlength=bins) for column in place.T])


def cosines(vectors: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """Cosine of every vector (K, C) to every other one: (K, K), NaN where one has no length.

    Args:
        vectors: (K, C).
        others: (K, C); the same vectors by default.
    """
    sides = []
    for side in (vectors, vectors if others is None else others):
        lengths = np.linalg.norm(side, axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            sides.append(np.where(lengths > 1e-12, side / lengths, np.nan))
    return (sides[0] @ sides[1].T).astype(np.float32)
