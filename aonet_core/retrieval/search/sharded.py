"""Exact search in a gallery that lies in shards, with the answer of a single machine.

Every shard is an actor on Ray that maps its rows of the file of vectors and no others, so that
machines which share a file system each hold their part of it in memory. A shard's best are known
in double precision, like a whole gallery's; sorted together they are the best of all, equals in
the gallery's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aonet_core.retrieval.search.exact import ExactSearch
from aonet_core.retrieval.search.question import SearchQuery, SearchResult, refuse_none

RESTARTS = 3
"""Times that a shard whose machine or process died is brought up again."""


@dataclass(frozen=True)
class Shard:
    """A part of a gallery's vectors, and the n pictures whose they are.

    Attributes:
        path: File of the vectors.
        first: Number of its first row.
        shape: (N, K, C) of its rows.
        members: (n,) int64 positions in the gallery, rising.
        places: (n,) the row of each, counted from `first`.
        awareness: (n, K).
        lengths: (n, K).
    """

    path: Path
    first: int
    shape: tuple[int, int, int]
    members: np.ndarray
    places: np.ndarray
    awareness: np.ndarray
    lengths: np.ndarray

    def open(self, device: str = "cpu") -> ExactSearch:
        """Map the rows, copy-on-write as in `FeatureFile.open`."""
        start = self.first * self.shape[1] * self.shape[2] * np.dtype(np.float16).itemsize
        vectors = np.memmap(self.path, np.float16, mode="c", offset=start, shape=self.shape)
        return ExactSearch(vectors, self.places, self.awareness, self.lengths, device)


def split(
    vectors: np.ndarray,
    places: np.ndarray,
    awareness: np.ndarray,
    lengths: np.ndarray,
    count: int,
) -> list[Shard]:
    """Divide a memory-mapped gallery into shards of equally many rows.

    Args:
        vectors: (N, K, C) as `FeatureFile.open` maps them.
        places: (G,) the row of each picture.
        awareness: (G, K).
        lengths: (G, K).
        count: How many shards; those that would hold no picture are left out.

    Raises:
        ValueError: There are no vectors, or `count` is below 1.
    """
    if count < 1 or not len(vectors) or not isinstance(vectors, np.memmap):
        raise ValueError(
            f"sharding needs mapped vectors and at least 1 shard, got {len(vectors)} and {count}"
        )
    bounds = np.linspace(0, len(vectors), min(count, len(vectors)) + 1).astype(int)
    shards = []
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        members = np.flatnonzero((places >= first) & (places < last))
        if len(members):
            shape = (int(last - first), *vectors.shape[1:])
            arrays = places[members] - first, awareness[members], lengths[members]
            shards.append(Shard(Path(str(vectors.filename)), int(first), shape, members, *arrays))
    return shards


def merge(answers: Sequence[tuple[np.ndarray, SearchResult]], top_k: int) -> SearchResult:
    """Put the best of shards together.

    Args:
        answers: Positions in the gallery of every shard's pictures, and its answer.
        top_k: How many to keep.
    """
    rows = np.concatenate([members[each.rows] for members, each in answers])
    similarity = np.concatenate([each.similarity for _, each in answers])
    shares = np.concatenate([each.shares for _, each in answers])
    order = np.lexsort((rows, -similarity))[:top_k]
    total, above = (sum(getattr(each, name) for _, each in answers) for name in ("total", "above"))
    return SearchResult(rows[order], shares[order], similarity[order], total, above)


class ShardedSearch:
    """Answers as `ExactSearch` does, bit by bit, from actors; Ray must have been started."""

    def __init__(self, shards: Sequence[Shard], device: str = "cpu") -> None:
        """Start one actor for each shard, on as many machines as there are.

        Args:
            shards: As `split` gives them.
            device: Where each is compared; "cuda" takes one card each.

        Raises:
            ValueError: There are fewer cards.
        """
        import ray
        from ray.util import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        on_cards = device.startswith("cuda")
        cards = int(ray.cluster_resources().get("GPU", 0))
        if on_cards and cards < len(shards):
            raise ValueError(f"{len(shards)} shards need a card each, got {cards} on Ray")
        self._members = [shard.members for shard in shards]
        self._landmarks = shards[0].shape[1]
        # No processor is asked for: an actor waits most of the time, and no number of shards may
        # hang. A byte of memory is, for places can be spread over machines by what they hold alone.
        needs = {"memory": 1} | ({"GPU": 1} if on_cards else {})
        self._places = placement_group([needs] * len(shards), strategy="SPREAD")
        actor = ray.remote(_Actor)
        # Kept, since an actor that is started again needs its shard again.
        self._shards = [ray.put(shard) for shard in shards]
        self._actors: list[Any] = [
            actor.options(
                num_cpus=0,
                num_gpus=int(on_cards),
                memory=1,
                max_restarts=RESTARTS,
                max_task_retries=-1,  # as often as it is started again
                scheduling_strategy=PlacementGroupSchedulingStrategy(self._places, place),
            ).remote(shard, device)
            for place, shard in enumerate(self._shards)
        ]

    def __len__(self) -> int:
        """Return G."""
        return sum(map(len, self._members))

    def best(
        self,
        question: SearchQuery,
        top_k: int,
        included: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` pictures, exactly; see `ExactSearch.best`.

        Raises:
            ValueError: Nobody takes part, or `top_k` is below 1.
        """
        total = len(self) if included is None else int(included.sum())
        refuse_none(total, top_k)
        parts = [None if included is None else included[members] for members in self._members]
        arguments = [(question, top_k, part, lowest) for part in parts]
        return merge(list(zip(self._members, self._ask("best", arguments), strict=True)), top_k)

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return the part (G, K) float32 of each landmark in the similarity to every picture."""
        result = np.empty((len(self), self._landmarks), dtype=np.float32)
        arguments = [(question,)] * len(self._members)
        for members, part in zip(self._members, self._ask("shares", arguments), strict=True):
            result[members] = part
        return result

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the parts (n, K) float64 of some pictures, computed in double precision."""
        result = np.empty((len(rows), self._landmarks))
        own = [np.flatnonzero(np.isin(rows, members)) for members in self._members]
        arguments = [
            (question, np.searchsorted(members, rows[some]))
            for members, some in zip(self._members, own, strict=True)
        ]
        for some, part in zip(own, self._ask("exact", arguments), strict=True):
            result[some] = part
        return result

    def close(self) -> None:
        """End the actors."""
        import ray
        from ray.util import remove_placement_group

        for actor in self._actors:
            ray.kill(actor)
        remove_placement_group(self._places)

    def _ask(self, method: str, arguments: Sequence[tuple]) -> list:
        import ray

        return ray.get(
            [
                getattr(actor, method).remote(*each)
                for actor, each in zip(self._actors, arguments, strict=True)
            ]
        )


class _Actor:
    """One shard, in a process of its own."""

    def __init__(self, shard: Shard, device: str) -> None:
        self._search = shard.open(device)

    def best(
        self, question: SearchQuery, top_k: int, included: np.ndarray | None, lowest: float | None
    ) -> SearchResult:
        if included is not None and not included.any():
            nothing = np.empty((0, len(question.weights)))
            return SearchResult(np.empty(0, dtype=np.int64), nothing, np.empty(0), 0, 0)
        return self._search.best(question, top_k, included, lowest)

    def shares(self, question: SearchQuery) -> np.ndarray:
        return self._search.shares(question)

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        return self._search.exact(question, rows)
