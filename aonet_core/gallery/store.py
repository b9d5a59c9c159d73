"""Galleries on disk: a LanceDB table of pictures with what stands for each in retrieval.

Adding, replacing and deleting write what changed and nothing else. One process writes at a time,
any number read. This module needs no torch.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.records import (
    ROLES,
    TABLE,
    EmbeddingSpec,
    Record,
    State,
    explained,
    is_gallery,
    read_state,
    write_state,
)
from aonet_core.gallery.schema import CATALOGUE, Catalogue, made_with, matrix, schema, to_table
from aonet_core.trust import unmoved

MANY_PARTS = 200
"""Every change adds a part to the table; joining them rewrites it, so that is done seldom."""
KEPT_VERSIONS = timedelta(hours=1)
"""How long old versions of a table stay for those who read them."""


class GalleryStore:
    """One gallery, in a folder of its own."""

    def __init__(self, folder: Path, spec: EmbeddingSpec | None = None) -> None:
        """Open a gallery; make an empty one where there is none and the network is known.

        Args:
            folder: Where it lies.
            spec: The network in use; None opens a gallery of any network, to look what there is.

        Raises:
            GalleryError: It was made with another network or format, is damaged, or is not there.
            OSError: It cannot be made.
        """
        import lancedb
        from filelock import FileLock

        self.folder = folder
        exists = is_gallery(folder)
        if not exists and spec is None:
            raise GalleryError(f"there is no gallery in {folder}")
        with explained(folder.name):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / ".lock")
            database = lancedb.connect(folder)
            if exists or spec is None:
                self._table = database.open_table(TABLE)
            else:
                with self.writing():
                    self._table = database.create_table(TABLE, schema=schema(spec), exist_ok=True)
            self.spec = made_with(self._table.schema.metadata, folder.name)
        if spec is not None and spec != self.spec:
            raise GalleryError(
                f"the gallery {folder.name} was made with another checkpoint: expected {spec}, "
                f"got {self.spec}; delete it, or build one under another name"
            )

    @property
    def state(self) -> State:
        """How far it has come."""
        return read_state(self.folder)

    def counts(self) -> dict[str, int]:
        """Count gallery pictures and queries, and those with a known identity or camera.

        Raises:
            GalleryError: The table is damaged.
        """
        conditions = {each: f"role = '{each}'" for each in ROLES} | {
            "pid": "pid > 0",
            "camid": "camid > 0",
        }
        with explained(self.folder.name):
            return {
                name: self._table.count_rows(condition) for name, condition in conditions.items()
            }

    def keeps_pictures(self) -> bool:
        """Whether pictures are copied into the gallery, rather than left where they were.

        Raises:
            GalleryError: The table is damaged.
        """
        with explained(self.folder.name):
            return self._table.count_rows("image IS NOT NULL") > 0

    def catalogue(self) -> Catalogue:
        """Read all but images and features, in gallery order.

        Raises:
            GalleryError: The table is damaged.
        """
        with explained(self.folder.name):
            self._table.checkout_latest()
            table = self._table.search().select(list(CATALOGUE)).to_arrow()
        return Catalogue.read(table, self.spec.landmarks, self.folder.name)

    def features(self, role: str, first: int = 0) -> Iterator[tuple[list[bytes], np.ndarray]]:
        """Read features of the pictures numbered `first` and higher, some at a time.

        Yields:
            The pictures' digests, and (n, K, C) float16 of unit length.

        Raises:
            GalleryError: The table is damaged.
        """
        shape = (-1, self.spec.landmarks, self.spec.channels)
        with explained(self.folder.name):
            self._table.checkout_latest()
            search = self._table.search().where(f"role = '{role}' AND number >= {first}")
            for batch in search.select(["digest", "features"]).to_batches(1024):
                flat = matrix(batch["features"], shape[1] * shape[2])
                yield batch["digest"].to_pylist(), flat.reshape(shape)

    def image(self, name: str) -> bytes:
        """Return a picture's file.

        Raises:
            GalleryError: There is no such picture, or its file is gone or has changed.
        """
        with explained(self.folder.name):
            self._table.checkout_latest()
            search = self._table.search().where(f"name = {_quoted(name)}")
            rows = search.select(["image", "path", "digest"]).to_arrow().to_pylist()
        if not rows:
            raise GalleryError(f"the gallery {self.folder.name} has no picture {name}")
        content = rows[0]["image"]
        if content is None:
            content = unmoved(rows[0]["path"])
        if content is None or hashlib.sha256(content).digest() != rows[0]["digest"]:
            raise GalleryError(
                f"{name} is not the picture that was stored: its file has changed, or is gone"
            )
        return content

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the gallery against other writers; may be nested.

        Raises:
            GalleryBusy: Somebody else is writing.
        """
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise GalleryBusy(
                f"the gallery {self.folder.name} is being written by another process; try again "
                "when it has finished"
            ) from None
        try:
            yield
        finally:
            self._lock.release()

    def add(self, records: Sequence[Record]) -> None:
        """Append pictures, all or none; the caller sees to it that names and digests are new.

        Raises:
            GalleryBusy: Somebody else is writing.
            OSError: The disk is full or cannot be written; what was stored before is untouched.
        """
        if records:
            with self._changing():
                self._table.add(to_table(records, self._next_number(), self.spec))

    def replace(self, record: Record) -> None:
        """Put a picture in the place of the one of the same name; it moves to the end.

        Raises:
            GalleryError: There is no picture of that name.
            GalleryBusy, OSError: As in `add`.
        """
        with self._changing():
            if not self._table.count_rows(f"name = {_quoted(record.name)}"):
                raise GalleryError(f"the gallery {self.folder.name} has no picture {record.name}")
            merge = self._table.merge_insert("name").when_matched_update_all()
            merge.execute(to_table([record], self._next_number(), self.spec))

    def delete(self, names: Sequence[str]) -> None:
        """Take pictures out; their bytes leave the disk when the table is next tidied up.

        Raises:
            GalleryBusy, OSError: As in `add`.
        """
        with self._changing():
            for start in range(0, len(names), 1000):
                some = ", ".join(map(_quoted, names[start : start + 1000]))
                self._table.delete(f"name IN ({some})")

    def finish(self, source: str, complete: bool) -> None:
        """Note where pictures come from and whether they are all there."""
        with self._changing():
            if complete:
                self._tidy()
            sources = [each for each in self.state.source.split("; ") if each not in ("", source)]
            joined = "; ".join([*sources, source] if source else sources)
            write_state(self.folder, replace(self.state, source=joined, complete=complete))

    def remove(self) -> None:
        """Delete the whole gallery.

        Raises:
            GalleryBusy: Somebody else is writing.
        """
        with explained(self.folder.name), self.writing():
            shutil.rmtree(self.folder)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with explained(self.folder.name), self.writing():
            self._table.checkout_latest()
            yield
            write_state(self.folder, replace(self.state, revision=self.state.revision + 1))

    def _next_number(self) -> int:
        numbers = self._table.search().select(["number"]).to_arrow()["number"].to_numpy()
        return int(numbers.max(initial=-1)) + 1

    def _tidy(self) -> None:
        """Join the parts of the table, without what was deleted, once they have become many."""
        stats: Any = self._table.stats()  # a mapping, whatever lancedb declares
        if stats["fragment_stats"]["num_fragments"] > MANY_PARTS:
            self._table.optimize(cleanup_older_than=KEPT_VERSIONS)


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
