"""Who may be among the best, told by similarities that are off by rounding."""

from __future__ import annotations

import numpy as np

POOL = 4096
"""Candidates that are held before the worse ones are dropped."""


class Screening:
    """Takes similarities to a gallery some at a time, and keeps whoever may be among the best."""

    def __init__(
        self,
        owner: np.ndarray,
        included: np.ndarray,
        top_k: int,
        slack: float,
        lowest: float | None,
    ) -> None:
        """Say who is looked for.

        Args:
            owner: (N,) the picture of each row, -1 for none.
            included: (G,) bool, who takes part.
            top_k: How many are wanted.
            slack: What a similarity can be off by.
            lowest: Similarity that must be reached.
        """
        self._owner, self._top_k, self._slack, self._lowest = owner, top_k, slack, lowest
        self._part = included[owner] & (owner >= 0)
        self._floor = -np.inf if lowest is None else lowest - slack
        self._rows, self._similarity = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        self._unsure = [np.empty(0, np.int64)]
        self._held = 0
        self.above = 0

    def take(self, first: int, similarity: np.ndarray) -> None:
        """Take the similarities (n,) of the rows from `first` on."""
        owner = self._owner[first : first + len(similarity)]
        part = self._part[first : first + len(similarity)]
        if self._lowest is not None:
            self.above += int(np.count_nonzero(part & (similarity > self._lowest + self._slack)))
            self._unsure.append(owner[part & (abs(similarity - self._lowest) <= self._slack)])
        near = np.flatnonzero(part & (similarity >= self._floor))
        if not len(near):
            return
        self._rows.append(owner[near])
        self._similarity.append(similarity[near])
        self._held += len(near)
        if self._held > POOL + self._top_k:
            self._drop()

    def candidates(self) -> np.ndarray:
        """Positions in the gallery (n,) of all who may be among the best."""
        self._drop()
        return self._rows[0]

    def unsure(self) -> np.ndarray:
        """Positions in the gallery (n,) of all who may reach the lowest similarity or not."""
        return np.concatenate(self._unsure)

    def _drop(self) -> None:
        rows, similarity = np.concatenate(self._rows), np.concatenate(self._similarity)
        if len(rows) > self._top_k:
            best = np.partition(similarity, -self._top_k)[-self._top_k]
            self._floor = max(self._floor, best - 2 * self._slack)
            near = similarity >= self._floor
            rows, similarity = rows[near], similarity[near]
        self._rows, self._similarity, self._held = [rows], [similarity], len(rows)
