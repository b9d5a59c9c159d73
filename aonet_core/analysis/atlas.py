"""Gathers what a gallery says of every landmark: where it lives, what excites it.

Letters: N pictures, K landmarks, H x W the response map, R body regions, M shown extremes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aonet_core.analysis.fidelity import REGIONS, peak_regions, region_shares
from aonet_core.results.atlas import UNKNOWN, Atlas, cosines

SHOWN = 12
"""M: pictures that are kept with their maps at either end, for every landmark."""


@dataclass(frozen=True)
class Looked:
    """Some pictures and what the network sees in them, B of them.

    Attributes:
        names: (B,) of the pictures.
        role: Of all of them.
        kinds: (B,) as in `Atlas`.
        logits: (B, K, H, W).
        maps: (B, K, H, W) referenced response maps.
        awareness: (B, K).
        features: (B, K, C) retrieval features.
        pictures: (B, h, w, 3) uint8.
        labels: (B,) body-part labels of a picture, None where there are none.
    """

    names: Sequence[str]
    role: str
    kinds: Sequence[str]
    logits: np.ndarray
    maps: np.ndarray
    awareness: np.ndarray
    features: np.ndarray
    pictures: np.ndarray
    labels: Sequence[np.ndarray | None]


@dataclass
class Extremes:
    """The best M of a stream for every landmark, by value, equals in their order.

    Attributes:
        rows: (K, M) their places in the stream.
        values: (K, M).
        maps: (K, M, H, W) what comes with them.
    """

    shown: int = SHOWN
    rows: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.int64))
    values: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    maps: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0, 0)))

    def add(self, start: int, values: np.ndarray, maps: np.ndarray) -> None:
        """Let more compete.

        Args:
            start: Place of the first of them in the stream.
            values: (B, K).
            maps: (B, K, H, W).
        """
        batch, landmarks = values.shape
        rows = np.broadcast_to(np.arange(start, start + batch), (landmarks, batch))
        more = [rows, values.T, maps.swapaxes(0, 1)]
        if self.rows.size:
            earlier = (self.rows, self.values, self.maps)
            more = [np.concatenate(pair, axis=1) for pair in zip(earlier, more, strict=True)]
        order = np.argsort(-more[1], axis=1, kind="stable")[:, : self.shown]
        self.rows, self.values = (np.take_along_axis(part, order, axis=1) for part in more[:2])
        self.maps = np.take_along_axis(more[2], order[:, :, None, None], axis=1)


@dataclass
class Collector:
    """Gathers an atlas from batches of pictures; memory grows with N·K, not with the maps."""

    shown: int = SHOWN
    columns: dict[str, list] = field(default_factory=dict)
    count: int = 0
    averaged: int = 0
    sums: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start both ends."""
        self.most, self.least = Extremes(self.shown), Extremes(self.shown)

    def add(self, looked: Looked) -> None:
        """Take in some pictures."""
        flat = looked.logits.reshape(*looked.logits.shape[:2], -1).astype(np.float64)
        excitement = np.logaddexp.reduce(flat, axis=2)  # (B, K)
        self.most.add(self.count, excitement, looked.maps)
        self.least.add(self.count, -excitement, looked.maps)
        self._keep("names", looked.names)
        self._keep("roles", [looked.role] * len(looked.names))
        self._keep("kinds", looked.kinds)
        self._keep("excitement", excitement)
        self._keep("awareness", looked.awareness)
        self._keep("regions", _regions(looked))
        self.count += len(looked.names)
        if looked.role == "gallery":
            self.averaged += len(looked.names)
            self._sum("maps", looked.maps)
            self._sum("pictures", looked.pictures)
            lengths = np.linalg.norm(looked.features, axis=2, keepdims=True)
            self._sum("features", looked.features / np.maximum(lengths, 1e-12))

    def atlas(
        self, checkpoint: str, gallery: str, total: int, unreadable: Sequence[str] = ()
    ) -> Atlas:
        """Put it together.

        Raises:
            ValueError: Not one gallery picture was taken in.
        """
        if not self.averaged:
            raise ValueError(
                f"an atlas needs at least one picture of the gallery {gallery}, got none that "
                "can be read"
            )
        joined = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        return Atlas(
            checkpoint=checkpoint,
            gallery=gallery,
            region_names=tuple(REGIONS),
            mean_map=(self.sums["maps"] / self.averaged).astype(np.float32),
            mean_picture=(self.sums["pictures"] / self.averaged).round().astype(np.uint8),
            most=self.most.rows,
            least=self.least.rows,
            most_maps=self.most.maps,
            least_maps=self.least.maps,
            feature_cosine=cosines(self.sums["features"]),
            total=total,
            unreadable=tuple(unreadable),
            **joined,
        )

    def _keep(self, name: str, values: Sequence | np.ndarray) -> None:
        self.columns.setdefault(name, []).append(np.asarray(values))

    def _sum(self, name: str, values: np.ndarray) -> None:
        total = values.sum(axis=0, dtype=np.float64)
        self.sums[name] = self.sums[name] + total if name in self.sums else total


def _regions(looked: Looked) -> np.ndarray:
    """Region under every peak, (B, K)."""
    regions = np.full(looked.awareness.shape, UNKNOWN)
    for row, label in enumerate(looked.labels):
        if label is not None:
            height, width = looked.maps.shape[2:]
            shares = region_shares(label, height, width, visible_only=True)
            regions[row] = peak_regions(looked.maps[row : row + 1], shares[None])[0]
    return regions
