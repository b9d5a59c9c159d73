"""What is asked of a search, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from aonet_core.errors import check_choice
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.similarity import FORMS, TINY


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

    @cached_property
    def weighted(self) -> np.ndarray:
        """The features (K, C) float32 as they enter the match."""
        return (self.unit * self.weights[:, None]).astype(np.float32)


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
        included: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` pictures."""

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return the part (G, K) of each landmark in the similarity to every picture."""

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the same (len(rows), K) for some pictures."""
