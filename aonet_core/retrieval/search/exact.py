"""Exact search for one picture in a gallery of any size (Eq. 8 and the other forms).

Half-precision rows are compared in single precision while a running best is kept; whoever comes
within the rounding error of it is compared again in double precision. So the ranking is that of the
stored vectors in double precision, whoever else asks at the same time, and memory grows with the
number of pictures only by their awareness. Who asks while others are being answered shares their
reading of the gallery.
"""

from __future__ import annotations

import os

import numpy as np

from aonet_core.retrieval.search.half_precision import cosines
from aonet_core.retrieval.search.question import SearchQuery, SearchResult, refuse_none
from aonet_core.retrieval.search.scoring import Scoring, weigh
from aonet_core.retrieval.search.screening import Screening
from aonet_core.retrieval.search.shared_reading import SharedReading


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
            device: Where they are compared; on the processor if they do not fit there.
        """
        self._vectors, self._awareness = vectors, awareness
        self._places = places.astype(np.int64)
        self._scoring = Scoring(vectors, places, awareness, lengths, device)
        threads = os.cpu_count() or 1
        self._reading: SharedReading[SearchQuery, np.ndarray] = SharedReading(
            self._scoring.parts, self._scoring.scores, threads
        )

    def __len__(self) -> int:
        """Return G."""
        return len(self._places)

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return the part (G, K) float32 of each landmark in the similarity to every picture."""
        result = np.empty(self._awareness.shape, dtype=np.float32)
        for rows, cosine in self._scoring.cosines(question):
            result[rows] = weigh(question, self._awareness[rows], cosine)
        return result

    def best(
        self,
        question: SearchQuery,
        top_k: int,
        included: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` pictures, exactly.

        Args:
            question: What to search for.
            top_k: How many; fewer are returned where there are not as many.
            included: (G,) bool, who takes part; all by default.
            lowest: Similarity that must be reached.

        Raises:
            ValueError: Nobody takes part, `top_k` is below 1, or the query is of another shape.
        """
        included = np.ones(len(self), dtype=bool) if included is None else included
        total = int(included.sum())
        refuse_none(total, top_k)
        if question.unit.shape != self._vectors.shape[1:]:
            raise ValueError(
                f"expected a query of {self._vectors.shape[1:]}, got {question.unit.shape}"
            )
        scoring = self._scoring
        screening = Screening(scoring.owner, included, top_k, scoring.slack, lowest)
        self._reading.all_parts(
            question, lambda part, approximate: screening.take(part * scoring.size, approximate)
        )
        rows = screening.candidates()
        shares = self.exact(question, rows)
        similarity = shares.sum(axis=1)
        order = np.lexsort((rows, -similarity))[:top_k]
        if lowest is None:
            return SearchResult(rows[order], shares[order], similarity[order], total, total)
        reach = self.exact(question, screening.unsure()).sum(axis=1) >= lowest
        above = screening.above + int(reach.sum())
        order = order[similarity[order] >= lowest]
        return SearchResult(rows[order], shares[order], similarity[order], total, above)

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the parts (n, K) float64 of some pictures, computed in double precision."""
        cosine = cosines(self._vectors, self._places[rows], question.unit)
        return weigh(question, self._awareness[rows], cosine)
