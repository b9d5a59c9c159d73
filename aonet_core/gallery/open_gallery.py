"""A gallery that is open: its pictures' names, and the search in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from aonet_core.gallery.feature_file import FeatureFile
from aonet_core.gallery.schema import Catalogue
from aonet_core.gallery.store import GalleryStore
from aonet_core.results.gallery import GalleryInfo, Matches
from aonet_core.results.landmarks import Embedded
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.rerank import rerank_blocks
from aonet_core.retrieval.search.exact import ExactSearch
from aonet_core.retrieval.search.question import Searching, SearchQuery
from aonet_core.retrieval.similarity import Side, gallery_side

RERANKED = 5000
"""Pictures that can be re-ranked: the time grows with their square."""


class Gallery:
    """Pictures to be found, as they were when the gallery was opened.

    Attributes:
        info: What they are.
        queries: Pictures that are kept with them to be searched for.
        store: Where they lie.
        search: Finds the best of them; may be exchanged for one that answers as it does.
    """

    def __init__(self, name: str, store: GalleryStore, device: str = "cpu") -> None:
        """Read names and awareness, and map the features.

        Raises:
            GalleryError: The gallery is damaged.
        """
        state, catalogue = store.state, store.catalogue()
        self.store = store
        self._catalogues = {role: catalogue.of(role) for role in ("gallery", "query")}
        self._vectors = {
            role: FeatureFile(store, role).open(each) for role, each in self._catalogues.items()
        }
        self.info, self.queries = (
            GalleryInfo(
                name,
                tuple(each.names),
                tuple(each.pids.tolist()),
                tuple(each.camids.tolist()),
                state.revision,
                store.spec.checkpoint,
                state.complete,
                state.source,
            )
            for each in self._catalogues.values()
        )
        images = self._catalogues["gallery"]
        rows = self._vectors["gallery"]
        self.search: Searching = ExactSearch(*rows, images.awareness, images.lengths, device)
        self._sides: dict[str, Side] = {}

    @property
    def catalogue(self) -> Catalogue:
        """All of the pictures but images and features."""
        return self._catalogues["gallery"]

    @property
    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as they lie, and the row of each picture; see `FeatureFile.open`."""
        return self._vectors["gallery"]

    @cached_property
    def embedding(self) -> Embedding:
        """What stands for the pictures, in half precision and where possible memory-mapped."""
        return self._embedding("gallery")

    @cached_property
    def query_embedding(self) -> Embedding:
        """The same for the queries."""
        return self._embedding("query")

    def side(self, form: str) -> Side:
        """The gallery's side of a form of the match, in single precision."""
        if form not in self._sides:
            self._sides[form] = gallery_side(self.embedding, form)
        return self._sides[form]

    def digest(self, role: str) -> str:
        """SHA-256 of the pictures of a role ("gallery" or "query"), with who is in them."""
        each = self._catalogues[role]
        columns = (each.names, each.digests, each.pids.tolist(), each.camids.tolist())
        return hashlib.sha256(repr(columns).encode()).hexdigest()

    def image(self, name: str) -> bytes:
        """Return the file of a picture or query.

        Raises:
            GalleryError: There is none of that name, or its file is gone or has changed.
        """
        return self.store.image(name)

    def embedded(self, names: Sequence[str]) -> Embedded:
        """Return what stands for pictures and queries, by name.

        Raises:
            ValueError: One of the names is unknown.
        """
        parts = [self._stored(self._find(name)) for name in names]
        if not parts:
            raise ValueError("embedding needs at least one picture, got none")
        return Embedded(*map(np.stack, zip(*parts, strict=True)))

    def among(self, names: Sequence[str]) -> torch.Tensor:
        """Which pictures are named, (G,) bool.

        Raises:
            ValueError: One of the names is not in the gallery.
        """
        distinct = set(names)
        if unknown := distinct - self._places["gallery"].keys():
            raise ValueError(f"the gallery {self.info.name} has no picture {min(unknown)}")
        result = torch.zeros(len(self.info.names), dtype=torch.bool)
        result[[self._places["gallery"][name] for name in distinct]] = True
        return result

    def rank(
        self,
        query: Embedding,
        form: str,
        top_k: int,
        skip: Sequence[str] = (),
        without: Sequence[int] = (),
        cameras: Sequence[int] = (),
        lowest: float | None = None,
        rerank: bool = False,
    ) -> Matches:
        """Find the best matches of one picture, exactly; see `Engine.rank`.

        Raises:
            ValueError: No picture is left, a name is unknown, `top_k` is below 1, or too many
                pictures are to be re-ranked.
        """
        included = ~self.among(skip).numpy()
        if cameras:
            included &= np.isin(self._catalogues["gallery"].camids, list(cameras))
        question = SearchQuery.of(query, form, without)
        if rerank:
            return self._reranked(query, question, top_k, included, without, lowest)
        best = self.search.best(question, top_k, included, lowest)
        return Matches(
            self._names(best.rows), best.similarity, best.shares, best.total, form, best.above
        )

    def _reranked(
        self,
        query: Embedding,
        question: SearchQuery,
        top_k: int,
        included: np.ndarray,
        without: Sequence[int],
        lowest: float | None,
    ) -> Matches:
        """Rank by the likeness of neighbourhoods, of the landmarks that take part alone."""
        rows = np.flatnonzero(included)
        if top_k < 1 or not 0 < len(rows) <= RERANKED:
            raise ValueError(
                f"re-ranking needs 1 to {RERANKED} pictures and top_k of at least 1, got "
                f"{len(rows)} and {top_k}"
            )
        landmarks = [k for k in range(len(question.weights)) if k not in without]
        left, right = (
            Embedding(each.features[:, landmarks].float(), each.awareness[:, landmarks])
            for each in (query, self.embedding[torch.from_numpy(rows)])
        )
        ((_, block),) = rerank_blocks(left, right, question.form)
        similarity = block[0].double().numpy()
        order = np.argsort(-similarity, kind="stable")
        above = int((similarity >= lowest).sum()) if lowest is not None else len(rows)
        best = order[: min(top_k, above)]
        shares = self.search.exact(question, rows[best])
        names = self._names(rows[best])
        return Matches(names, similarity[best], shares, len(rows), question.form, above)

    def _names(self, rows: np.ndarray) -> tuple[str, ...]:
        return tuple(self.info.names[row] for row in rows)

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {
            role: {name: row for row, name in enumerate(each.names)}
            for role, each in self._catalogues.items()
        }

    def _find(self, name: str) -> tuple[str, int]:
        for role, places in self._places.items():
            if name in places:
                return role, places[name]
        raise ValueError(f"the gallery {self.info.name} has no picture {name}")

    def _stored(self, where: tuple[str, int]) -> tuple[np.ndarray, np.ndarray]:
        (role, row), catalogue = where, self._catalogues[where[0]]
        vectors, places = self._vectors[role]
        return np.array(vectors[places[row]]), catalogue.awareness[row]

    def _embedding(self, role: str) -> Embedding:
        vectors, places = self._vectors[role]
        catalogue: Catalogue = self._catalogues[role]
        if not np.array_equal(places, np.arange(len(vectors))):
            vectors = vectors[places]
        return Embedding(torch.from_numpy(vectors), catalogue.awareness)
