"""Approximate search for galleries of tens of millions: few candidates, compared exactly.

An inverted file (IVF) over reduced vectors names candidates; Eq. 8, or the form that is asked for,
then compares those in double precision as `ExactSearch` does. What is returned has its true
similarity and shares, but a picture that was no candidate is missed: how often is measured against
the exact search when the index is made, and kept with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from aonet_core.errors import GalleryError
from aonet_core.gallery.index_card import FOLDER, Card, content, forget, read_card, write_card
from aonet_core.gallery.records import EmbeddingSpec, explained
from aonet_core.gallery.schema import Catalogue
from aonet_core.retrieval.search.landmark_pca import Weighted, components, project_query, reduced
from aonet_core.retrieval.search.question import Searching, SearchQuery, SearchResult

TABLE = "reduced"
BASIS = "basis.npy"
KINDS = ("flat", "pq")
PQ_LEAST = 256
"""Pictures that the codes of a quantiser are learnt from at least: one for each code."""
FLAT_LEAST = 16
"""Pictures of a partition at least; of codes LanceDB wants as many as there are codes."""
PQ_NUMBERS = 4
"""Numbers that one byte of a code stands for."""


class ApproximateIndex:
    """Names candidates for an exact search."""

    def __init__(self, folder: Path, spec: EmbeddingSpec, catalogue: Catalogue) -> None:
        """Open a gallery's index.

        Args:
            folder: Of the gallery.
            spec: The network in use.
            catalogue: The gallery's pictures.

        Raises:
            GalleryError: There is none, or it is of another checkpoint or other pictures.
        """
        import lancedb

        name, again = folder.name, f"run gallery index {folder.name}"
        try:
            self.card = read_card(folder / FOLDER)
            self._basis = np.load(folder / FOLDER / BASIS, allow_pickle=False)
        except FileNotFoundError as error:
            raise GalleryError(
                f"the gallery {name} has no index for approximate search: {again}"
            ) from error
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise GalleryError(
                f"the index of the gallery {name} is damaged ({error}): {again}"
            ) from error
        if self.card.checkpoint != spec.checkpoint:
            raise GalleryError(
                f"the index of the gallery {name} is of another checkpoint: expected "
                f"{spec.checkpoint[:12]}, got {self.card.checkpoint[:12]}: {again}"
            )
        if self.card.content != content(catalogue):
            raise GalleryError(
                f"the gallery {name} has changed since its index was made: expected one of "
                f"{len(catalogue)} pictures as they are now, got one of {self.card.count}: {again}"
            )
        with explained(name):
            self._table = lancedb.connect(folder / FOLDER).open_table(TABLE)

    def candidates(self, question: SearchQuery, probes: int, count: int) -> np.ndarray:
        """Return up to `count` positions in the gallery (n,) that may be the best, rising.

        Raises:
            ValueError: The form is not the index's, or a number is below 1.
        """
        if question.form != self.card.form:
            raise ValueError(
                f"this index is for the form {self.card.form}, got {question.form}: make another "
                f"with --form {question.form}"
            )
        if probes < 1 or count < 1:
            raise ValueError(f"probes and candidates must be at least 1, got {probes} and {count}")
        query = project_query(question, self._basis)
        search: Any = self._table.search(query)  # lancedb leaves open of which kind
        search = search.distance_type("dot").select(["row", "_distance"])
        search = search.nprobes(min(probes, self.card.partitions))
        return np.sort(search.limit(min(count, self.card.count)).to_arrow()["row"].to_numpy())

    def note(self, folder: Path, **measured) -> None:
        """Keep what was measured of it."""
        self.card = replace(self.card, **measured)
        write_card(folder / FOLDER, self.card)


class ApproximateSearch:
    """Answers as `ExactSearch` does, from candidates alone."""

    def __init__(
        self, index: ApproximateIndex, exact: Searching, probes: int, candidates: int
    ) -> None:
        """Take an index of a gallery and the exact search in it.

        Args:
            index: Names candidates.
            exact: Compares them.
            probes: Partitions of the index to look into; all of them miss nobody but by reduction.
            candidates: Pictures to compare; all of them miss nobody.
        """
        self._index, self._exact = index, exact
        self.probes, self.candidates = probes, candidates

    def shares(self, question: SearchQuery) -> np.ndarray:
        """Return every landmark's part in the similarity to every picture, exactly."""
        return self._exact.shares(question)

    def exact(self, question: SearchQuery, rows: np.ndarray) -> np.ndarray:
        """Return the same for some pictures, in double precision."""
        return self._exact.exact(question, rows)

    def best(
        self,
        question: SearchQuery,
        top_k: int,
        included: np.ndarray | None = None,
        lowest: float | None = None,
    ) -> SearchResult:
        """Find the best `top_k` of the candidates; see `ExactSearch.best`.

        `total` and `above` count candidates. Those that do not take part are taken out of the
        candidates, so that fewer than `top_k` may be left.

        Raises:
            ValueError: `top_k` is below 1 or above the number of candidates, or as in `candidates`.
        """
        if not 1 <= top_k <= self.candidates:
            raise ValueError(
                f"the best of {self.candidates} candidates are 1 to {self.candidates}, got {top_k}"
            )
        rows = self._index.candidates(question, self.probes, self.candidates)
        rows = rows if included is None else rows[included[rows]]
        shares = self._exact.exact(question, rows)
        similarity = shares.sum(axis=1)
        near = np.full(len(rows), True) if lowest is None else similarity >= lowest
        order = np.lexsort((rows, -similarity))
        order = order[near[order]][:top_k]
        return SearchResult(
            rows[order], shares[order], similarity[order], len(rows), int(near.sum())
        )


def make_index(
    folder: Path,
    spec: EmbeddingSpec,
    catalogue: Catalogue,
    weighted: Weighted,
    form: str,
    count: int,
    kind: str | None = None,
    partitions: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ApproximateIndex:
    """Make a gallery's index, in the place of the one it had.

    The start of LanceDB's clustering cannot be fixed: two indexes of one gallery differ a little.

    Args:
        folder: Of the gallery, which the caller holds for writing.
        spec: The network it was made with.
        catalogue: Its pictures.
        weighted: Their vectors.
        form: Form of the match.
        count: Components of each landmark.
        kind: One of `KINDS`; "pq" from a million pictures on by default.
        partitions: Three times the root of the number of pictures by default, if that many fill.
        progress: Told of pictures reduced and their number.

    Raises:
        ValueError: A number is out of range, or the gallery too small for the kind.
        OSError: The disk is full; the gallery itself is untouched.
    """
    kind = kind or ("pq" if len(weighted) >= 1_000_000 else "flat")
    if kind not in KINDS:
        raise ValueError(f"the kind of index must be {' or '.join(KINDS)}, got {kind!r}")
    if kind == "pq" and len(weighted) < PQ_LEAST:
        raise ValueError(
            f"an index of kind pq needs at least {PQ_LEAST} pictures, got {len(weighted)}: use flat"
        )
    basis = components(weighted, count)
    least = PQ_LEAST if kind == "pq" else FLAT_LEAST
    most = max(1, len(weighted) // least)
    if partitions is None:
        partitions = min(round(3 * len(weighted) ** 0.5), most)
    if not 1 <= partitions <= len(weighted):
        raise ValueError(f"partitions must be 1 to {len(weighted)}, got {partitions}")
    card = Card(spec.checkpoint, content(catalogue), form, count, kind, partitions, len(weighted))
    with explained(folder.name):
        forget(folder)
        _write_table(folder / FOLDER, weighted, basis, card, progress)
        np.save(folder / FOLDER / BASIS, basis, allow_pickle=False)
        write_card(folder / FOLDER, card)  # last: without it there is no index
    return ApproximateIndex(folder, spec, catalogue)


def _write_table(
    folder: Path,
    weighted: Weighted,
    basis: np.ndarray,
    card: Card,
    progress: Callable[[int, int], None] | None,
) -> None:
    import lancedb
    import pyarrow as pa
    from lancedb.index import IvfFlat, IvfPq

    width = basis.shape[0] * basis.shape[2]
    schema = pa.schema([("row", pa.int64()), ("vector", pa.list_(pa.float32(), width))])

    def batches():
        done = 0
        for block in reduced(weighted, basis):
            vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.reshape(-1)), width)
            rows = pa.array(np.arange(done, done + len(block)))
            yield pa.RecordBatch.from_arrays([rows, vectors], schema=schema)
            done += len(block)
            if progress:
                progress(done, len(weighted))

    table = lancedb.connect(folder).create_table(TABLE, batches(), schema=schema)
    settings: dict[str, Any] = {"distance_type": "dot", "num_partitions": card.partitions}
    if card.kind == "pq":
        parts = next(n for n in range(max(1, width // PQ_NUMBERS), 0, -1) if width % n == 0)
        table.create_index("vector", config=IvfPq(num_sub_vectors=parts, **settings))
    else:
        table.create_index("vector", config=IvfFlat(**settings))
