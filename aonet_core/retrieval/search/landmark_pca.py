"""Landmark features in few numbers: a principal component analysis for each landmark.

Every form of the match is an inner product of what the two sides contribute, up to a division. So
components are those of the vectors as they enter the match, weighted and not centred: of all
projections to as few numbers these keep the inner products best.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from aonet_core.errors import check_choice
from aonet_core.retrieval.search.question import SearchQuery
from aonet_core.retrieval.similarity import FORMS, TINY

SAMPLED = 10_000
"""Pictures that components are computed from, evenly spaced over the gallery."""
BLOCK = 2048
"""Pictures at a time."""


class Weighted:
    """A gallery's vectors as they enter a form of the match, some at a time."""

    def __init__(
        self, vectors: np.ndarray, places: np.ndarray, awareness: np.ndarray, form: str
    ) -> None:
        """Take a gallery.

        Args:
            vectors: (N, K, C) float16; may be memory-mapped.
            places: (G,) the row of each picture.
            awareness: (G, K).
            form: Key of `similarity.FORMS`.

        Raises:
            ValueError: The form is unknown.
        """
        check_choice("form", form, FORMS)
        self._vectors, self._places, self._form = vectors, places, FORMS[form]
        self._awareness = awareness
        self.channels = vectors.shape[2]

    def __len__(self) -> int:
        """Return G."""
        return len(self._places)

    def of(self, rows: np.ndarray) -> torch.Tensor:
        """Return u_k (n, K, C) float32 of some pictures.

        A form that divides by the sum of the weight products has no inner product of its own; with
        the gallery's weights scaled to length 1 the order is nearly that of the form.
        """
        weights = self._form.gallery(torch.from_numpy(self._awareness[rows]).float())
        if self._form.normalised:
            weights = weights / weights.norm(dim=1, keepdim=True).clamp_min(TINY)
        return torch.from_numpy(self._vectors[self._places[rows]]).float() * weights[:, :, None]

    def blocks(self, rows: np.ndarray) -> Iterator[torch.Tensor]:
        """Yield the same for many pictures, some at a time."""
        for start in range(0, len(rows), BLOCK):
            yield self.of(rows[start : start + BLOCK])


def components(weighted: Weighted, count: int) -> np.ndarray:
    """Find the `count` directions of each landmark that keep inner products best.

    Returns:
        (K, C, count) float32, orthonormal in C.

    Raises:
        ValueError: There are not as many directions, or no pictures.
    """
    if not 1 <= count <= weighted.channels:
        raise ValueError(
            f"components of a landmark must be 1 to {weighted.channels}, its channels, got {count}"
        )
    if not len(weighted):
        raise ValueError("components need at least one picture, got none")
    sampled = np.linspace(0, len(weighted) - 1, min(SAMPLED, len(weighted))).astype(int)
    moments = sum(torch.einsum("nkc,nkd->kcd", block, block) for block in weighted.blocks(sampled))
    _, directions = torch.linalg.eigh(moments)  # rising
    return directions[:, :, -count:].flip(2).numpy()


def reduced(weighted: Weighted, basis: np.ndarray) -> Iterator[np.ndarray]:
    """Yield all pictures in order, some at a time, as (n, K * components) float32."""
    directions = torch.from_numpy(basis)
    for block in weighted.blocks(np.arange(len(weighted))):
        yield torch.einsum("nkc,kcm->nkm", block, directions).flatten(1).numpy()


def project_query(question: SearchQuery, basis: np.ndarray) -> np.ndarray:
    """Return the query (K * components) float32 whose inner products stand for the similarity."""
    weighted = question.unit * question.weights[:, None]
    return np.einsum("kc,kcm->km", weighted, basis).reshape(-1).astype(np.float32)
