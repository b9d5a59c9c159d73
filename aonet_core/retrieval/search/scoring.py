"""Similarities of a gallery's rows in single precision, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import torch

from aonet_core.retrieval.search.half_precision import PART, device_products, on_device, products
from aonet_core.retrieval.search.question import SearchQuery
from aonet_core.retrieval.search.tiles import device_scores, scores
from aonet_core.retrieval.similarity import FORMS, TINY


class Scoring:
    """Finds the similarity of a gallery's rows to queries; see `ExactSearch` for what it takes.

    Attributes:
        owner: (N,) int64 the picture of each row, -1 for none.
        slack: What a similarity can be off by.
        size: Rows of a part.
        parts: How many there are.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        places: np.ndarray,
        awareness: np.ndarray,
        lengths: np.ndarray,
        device: str,
    ) -> None:
        """Take what stands for the pictures."""
        self._vectors, self._awareness, self._device = vectors, awareness, device
        self._lengths = np.maximum(lengths, TINY)
        self.owner = np.full(len(vectors), -1)
        self.owner[places] = np.arange(len(places))
        landmarks, channels = vectors.shape[1:]
        # What a sum of C products of unit vectors can be off by in single precision, in any order.
        self.slack = (channels + 2 * landmarks + 16) * 2.0**-24
        self.size = 8 * PART if device.startswith("cuda") else PART
        self.parts = -(-len(vectors) // self.size)

    def scores(self, part: int, questions: Sequence[SearchQuery]) -> np.ndarray:
        """Return the similarity (Q, n) float32 of a part's rows; without meaning for strangers."""
        rows = slice(part * self.size, (part + 1) * self.size)
        owner, forms = self.owner[rows], list(dict.fromkeys(each.form for each in questions))
        weights = np.stack([of_gallery(form, self._awareness[owner]) for form in forms])
        kinds = np.array([forms.index(each.form) for each in questions])
        queries = np.stack([each.weighted for each in questions])
        of_query = np.stack([each.weights for each in questions]).astype(np.float32)
        resident, scales = self._resident, weights / self._lengths[owner]  # (F, n, K)
        if resident is None:
            similarity = scores(self._vectors[rows], queries, scales, kinds)
        else:
            similarity = device_scores(resident[rows], queries, scales, kinds)
        for kind, form in enumerate(forms):
            own = kinds == kind
            if FORMS[form].normalised:
                similarity[own] /= np.maximum(of_query[own] @ weights[kind].T, TINY)
            else:
                similarity[own] /= weights.shape[2]
        return similarity

    def cosines(self, question: SearchQuery) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield some pictures at a time: positions (n,), cosines (n, K) float32 with a query."""
        query, resident = question.unit.astype(np.float32), self._resident
        parts = products(self._vectors, query)
        for start, product in parts if resident is None else device_products(resident, query):
            rows = self.owner[start : start + len(product)]
            owned = rows >= 0
            yield rows[owned], product[owned] / self._lengths[rows[owned]]

    @cached_property
    def _resident(self) -> torch.Tensor | None:
        return on_device(self._vectors, self._device)


def weigh(question: SearchQuery, awareness: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Turn cosines (n, K) with pictures of an awareness into the parts of a form of the match."""
    weights = (of_gallery(question.form, awareness) * question.weights).astype(cosines.dtype)
    if FORMS[question.form].normalised:
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), TINY)
    else:
        weights /= weights.shape[1]
    return cosines * weights


def of_gallery(form: str, awareness: np.ndarray) -> np.ndarray:
    """The weights (n, K) of pictures in a form of the match."""
    return FORMS[form].gallery(torch.from_numpy(awareness)).numpy()
