"""Is it the same person at all? Similarities of genuine and impostor pairs, ROC, thresholds.

A ranking always has a first place; an application needs a similarity below which nobody was found.
The pairs are those that count in `metrics`: no junk, no image by the query's own camera of the same
identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from aonet_core.retrieval.metrics import DISTRACTOR_PID, JUNK_PID, Labels

BINS = 20_000
"""Similarity is counted in bins over [-1, 1], 0.0001 wide: memory does not grow with the pairs."""


@dataclass(frozen=True)
class OpenSet:
    """Similarities of pairs of the same identity (genuine) and of different ones (impostor).

    Attributes:
        edges: (B + 1,) of the bins, ascending.
        genuine: (B,) number of genuine pairs in each bin.
        impostor: (B,) number of impostor pairs in each bin.
    """

    edges: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray

    @property
    def false_match_rate(self) -> np.ndarray:
        """Share of impostor pairs at or above each edge (B + 1,), descending from 1 to 0."""
        return _share_from(self.impostor)

    @property
    def true_match_rate(self) -> np.ndarray:
        """Share of genuine pairs at or above each edge (B + 1,), descending from 1 to 0."""
        return _share_from(self.genuine)

    @property
    def auroc(self) -> float:
        """Chance that a genuine pair is more alike than an impostor pair; one bin counts half."""
        genuine = self.genuine / self.genuine.sum()
        impostor = self.impostor / self.impostor.sum()
        below = np.cumsum(impostor) - impostor
        return float((genuine * (below + impostor / 2)).sum())

    @property
    def equal_error_rate(self) -> float:
        """Error where false matches are as frequent as missed ones."""
        missed = 1 - self.true_match_rate
        at = int(np.argmin(np.abs(missed - self.false_match_rate)))
        return float((missed[at] + self.false_match_rate[at]) / 2)

    def threshold(self, false_match_rate: float) -> tuple[float, float]:
        """The lowest similarity that keeps false matches rare enough.

        Args:
            false_match_rate: Accepted share of impostor pairs at or above the threshold.

        Returns:
            The threshold, and the share of genuine pairs at or above it.

        Raises:
            ValueError: The rate is not in [0, 1].
        """
        if not 0 <= false_match_rate <= 1:
            raise ValueError(f"false_match_rate must be in [0, 1], got {false_match_rate}")
        at = int(np.argmax(self.false_match_rate <= false_match_rate))
        return float(self.edges[at]), float(self.true_match_rate[at])


def open_set(blocks: Iterable[tuple[int, np.ndarray]], labels: Labels) -> OpenSet:
    """Count the similarities of all pairs that count.

    Args:
        blocks: The number of the first query of a block, and its similarities (q, G) in [-1, 1].
        labels: Identities and cameras.

    Raises:
        ValueError: A similarity is not in [-1, 1], or there is no genuine or no impostor pair.
    """
    counter = PairCounter()
    for start, block in blocks:
        for row, similarity in enumerate(block, start):
            if labels.query_pids[row] not in (JUNK_PID, DISTRACTOR_PID):
                counter.add(similarity, *labels.compared(row))
    return counter.result()


class PairCounter:
    """Counts the similarities of one query after the other."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._counted = np.zeros((2, BINS), dtype=np.int64)

    def add(self, similarity: np.ndarray, counts: np.ndarray, same: np.ndarray) -> None:
        """Count a query's pairs.

        Args:
            similarity: (G,) similarities in [-1, 1].
            counts: (G,) which gallery images count.
            same: (G,) which show the same identity.

        Raises:
            ValueError: A similarity is not in [-1, 1].
        """
        if not (np.abs(similarity) <= 1 + 1e-5).all():
            raise ValueError("an open-set measure needs scores in [-1, 1], got others or NaN")
        place = (
            ((similarity.astype(np.float64) + 1) * (BINS / 2)).astype(np.int64).clip(0, BINS - 1)
        )
        for counted, pairs in zip(self._counted, (counts & same, counts & ~same), strict=True):
            counted += np.bincount(place[pairs], minlength=BINS)

    @property
    def complete(self) -> bool:
        """Whether there are pairs of both kinds."""
        return bool(self._counted.any(axis=1).all())

    def result(self) -> OpenSet:
        """What was counted.

        Raises:
            ValueError: There is no genuine or no impostor pair.
        """
        if not self.complete:
            genuine, impostor = self._counted.sum(axis=1)
            raise ValueError(
                "an open-set measure needs pairs of the same and of different identities, got "
                f"{genuine} and {impostor}"
            )
        return OpenSet(np.linspace(-1, 1, self._counted.shape[1] + 1), *self._counted)


def _share_from(counts: np.ndarray) -> np.ndarray:
    """Share at or above the lower edge of every bin, and 0 above the last."""
    above = np.cumsum(counts[::-1])[::-1]
    return np.append(above, 0) / above[0]
