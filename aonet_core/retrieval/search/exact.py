"""Exact search for one picture in a gallery of any size (Eq. 8 and the other forms).

Half-precision rows are scored in single precision while a running best is kept; whoever comes
within the rounding error of it is scored again in double precision. So the ranking is that of the
stored vectors in double precision, and memory grows with the number of pictures only by their
awareness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch

from aonet_core.errors import check_choice
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.search.half_precision import device_products, on_device, products
from aonet_core.retrieval.similarity import FORMS, TINY

POOL = 4096
"""Candidates that are held before the worse ones are dropped."""


@dataclass(frozen=True)
class SearchQuery:
    """A picture to be searched for.

    Attributes:
        unit: (K, C) float64 landmark features of length 1.
        weights: (K,) float64 of its landmarks in the match.
        form: Key of `similarity.FORMS`.
    """

    unit: np.ndarray
    weights: np.ndarray
    form: str

    @classmethod
    def of(cls, query: Embedding, form: str, without: Sequence[int] = ()) -> SearchQuery:
        """Ask for one picture, leaving landmarks out.

        Raises:
            ValueError: It is not one picture, or the form is unknown.
        """
        check_choice("form", form, FORMS)
        if len(query) != 1:
            raise ValueError(f"expected the embedding of one picture, got {len(query)}")
        features = query.features[0].double().cpu().numpy()
        weights = FORMS[form].query(query.awareness[0].double().cpu()).numpy().copy()
        weights[list(without)] = 0.0
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        return cls(features / np.maximum(lengths, TINY), weights, form)


@dataclass(frozen=True)
class SearchResult:
    """The best of a gallery, best first; equals keep the gallery's order.

    Attributes:
        rows: (n,) int64 positions in the gallery.
        shares: (n, K) float64 the part of each landmark.
        similarity: (n,) float64 their sums.
        total: How many pictures were ranked.
        above: How many of them reach the lowest similarity asked for.
    """

    rows: np.ndarray
    shares: np.ndarray
    similarity: np.ndarray
    total: int
    above: int


def refuse_none(total: int, top_k: int) -> None:
    """Refuse to rank nobody.

    Raises:
        ValueError: There are no pictures, or `top_k` is below 1.
    """
    if top_k < 1 or not total:
        raise ValueError(f"ranking needs pictures and top_k of at least 1, got {total} and {top_k}")


class Searching(Protocol):
    """What a gallery asks of a search; see `ExactSearch`."""

    def best(
        self,
        question: SearchQuery,
        top_k: int,
        kept: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` pictures."""

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return the part (G, K) of each landmark in the similarity to every picture."""

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the same (len(rows), K) for some pictures."""


class ExactSearch:
    """Searches in G pictures."""

    def __init__(
        self,
        vectors: np.ndarray,
        places: np.ndarray,
        awareness: np.ndarray,
        lengths: np.ndarray,
        device: str = "cpu",
    ) -> None:
        """Take what stands for the pictures.

        Args:
            vectors: (N, K, C) float16, all but of unit length; may be memory-mapped.
            places: (G,) the row of `vectors` of each picture.
            awareness: (G, K).
            lengths: (G, K) of the features as rounded.
            device: Where they are scored; on the processor if they do not fit there.
        """
        self._device = device
        self._vectors, self._places, self._awareness = vectors, places, awareness
        self._lengths = np.maximum(lengths, TINY)
        self._owner = np.full(len(vectors), -1)
        self._owner[places] = np.arange(len(places))
        landmarks, channels = vectors.shape[1:]
        # What a sum of C products of unit vectors can be off by in single precision, in any order.
        self._slack = (channels + 2 * landmarks + 16) * 2.0**-24

    def __len__(self) -> int:
        """Return G."""
        return len(self._places)

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return the part (G, K) float32 of each landmark in the similarity to every picture."""
        result = np.empty(self._awareness.shape, dtype=np.float32)
        for rows, shares in self._parts(question):
            result[rows] = shares
        return result

    def best(
        self,
        question: SearchQuery,
        top_k: int,
        kept: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` pictures, exactly.

        Args:
            question: What to search for.
            top_k: How many; fewer are returned where there are not as many.
            kept: (G,) bool, who takes part; all by default.
            lowest: Similarity that must be reached.

        Raises:
            ValueError: Nobody takes part, or `top_k` is below 1.
        """
        kept = np.ones(len(self), dtype=bool) if kept is None else kept
        total = int(kept.sum())
        refuse_none(total, top_k)
        floor = -np.inf if lowest is None else lowest - self._slack
        above, unsure = 0, []
        chosen, scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        for rows, shares in self._parts(question):
            rows, part = rows[kept[rows]], shares[kept[rows]].sum(axis=1)
            if lowest is not None:
                above += int((part > lowest + self._slack).sum())
                unsure.append(rows[abs(part - lowest) <= self._slack])
            near = part >= floor
            chosen = np.concatenate([chosen, rows[near]])
            scores = np.concatenate([scores, part[near]])
            if len(chosen) > POOL + top_k:
                floor = max(floor, np.partition(scores, -top_k)[-top_k] - 2 * self._slack)
                chosen, scores = chosen[scores >= floor], scores[scores >= floor]
        if len(chosen) > top_k:
            floor = max(floor, np.partition(scores, -top_k)[-top_k] - 2 * self._slack)
            chosen = chosen[scores >= floor]
        shares = self.exact(question, chosen)
        similarity = shares.sum(axis=1)
        order = np.lexsort((chosen, -similarity))[:top_k]
        if lowest is None:
            above = total
        else:
            above += int((self.exact(question, np.concatenate(unsure)).sum(axis=1) >= lowest).sum())
            order = order[similarity[order] >= lowest]
        return SearchResult(chosen[order], shares[order], similarity[order], total, above)

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the parts (n, K) float64 of some pictures, computed in double precision."""
        result = np.empty((len(rows), len(question.weights)))
        for start in range(0, len(rows), 256):
            some = rows[start : start + 256]
            vectors = self._vectors[self._places[some]].astype(np.float64)
            cosines = np.einsum("nkc,kc->nk", vectors, question.unit)
            cosines /= np.maximum(np.linalg.norm(vectors, axis=2), TINY)
            result[start : start + 256] = self._weigh(question, some, cosines)
        return result

    @cached_property
    def _resident(self) -> torch.Tensor | None:
        return on_device(self._vectors, self._device)

    def _parts(self, question: SearchQuery) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield some pictures at a time: their positions, and the parts of their landmarks."""
        query = question.unit.astype(np.float32)
        resident = self._resident
        parts = products(self._vectors, query)
        for start, cosines in parts if resident is None else device_products(resident, query):
            rows = self._owner[start : start + len(cosines)]
            owned = rows >= 0
            rows = rows[owned]
            yield rows, self._weigh(question, rows, cosines[owned] / self._lengths[rows])

    def _weigh(self, question: SearchQuery, rows: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Turn cosines (n, K) into the parts of a form of the match."""
        form = FORMS[question.form]
        of_gallery = form.gallery(torch.from_numpy(self._awareness[rows])).numpy()
        weights = (of_gallery * question.weights).astype(cosines.dtype)
        if form.normalised:
            weights /= np.maximum(weights.sum(axis=1, keepdims=True), TINY)
        else:
            weights /= weights.shape[1]
        return cosines * weights
