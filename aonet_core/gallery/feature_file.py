"""A gallery's features as a memory-mapped file, so that ranking reads them as they lie.

The file is made from the gallery's table and follows it: what is added is appended, what is deleted
is blanked. It can be deleted at any time and is made again.
"""

from __future__ import annotations

import os

import numpy as np

from aonet_core.errors import GalleryBusy
from aonet_core.gallery.records import damaged, explained
from aonet_core.gallery.schema import Catalogue
from aonet_core.gallery.store import GalleryStore

DIGEST = 32
"""Bytes of a digest."""
BLANK = bytes(DIGEST)
PATIENCE = 600
"""Seconds to wait for another process that writes the file."""


class FeatureFile:
    """Features (N, K, C) of a gallery's pictures of one role, and whose they are."""

    def __init__(self, store: GalleryStore, role: str) -> None:
        """Note where the file is, or will be."""
        from filelock import FileLock

        self._store, self._role = store, role
        self._shape = (store.spec.landmarks, store.spec.channels)
        self._row = 2 * self._shape[0] * self._shape[1]  # bytes
        self._data = store.folder / f"{role}.f16"
        self._keys = store.folder / f"{role}.sha256"
        self._lock = FileLock(store.folder / f".{role}.lock", timeout=PATIENCE)

    def open(self, catalogue: Catalogue) -> tuple[np.ndarray, np.ndarray]:
        """Bring the file up to date and map it.

        Args:
            catalogue: The pictures of this role.

        Returns:
            (N, K, C) float16, some rows of which may be nobody's, and the row of each of the
            G pictures (G,).

        Raises:
            GalleryError: A picture's features are damaged.
            OSError: The file cannot be written.
        """
        place = self._places()
        if any(digest not in place for digest in catalogue.digests):
            with explained(self._store.folder.name), self._writing():
                place = self._follow(catalogue)
        rows = np.array([place[digest] for digest in catalogue.digests], dtype=np.int64)
        count = self._count()
        if not count:
            return np.empty((0, *self._shape), dtype=np.float16), rows
        # Copy-on-write, since PyTorch warns of memory that it may not write to; nobody does.
        shape = (count, *self._shape)
        return np.memmap(self._data, dtype=np.float16, mode="c", shape=shape), rows

    def forget(self, digests: set[bytes]) -> None:
        """Blank the features of pictures that are deleted."""
        if not self._keys.exists():
            return
        with explained(self._store.folder.name), self._writing():
            place = self._places()
            with self._data.open("r+b") as data, self._keys.open("r+b") as keys:
                for digest in digests & place.keys():
                    data.seek(place[digest] * self._row)
                    data.write(bytes(self._row))
                    keys.seek(place[digest] * DIGEST)
                    keys.write(BLANK)

    def _writing(self):
        from filelock import Timeout

        try:
            return self._lock.acquire()
        except Timeout:
            raise GalleryBusy(
                f"the gallery {self._store.folder.name} is being prepared for ranking by another "
                f"process: waited {PATIENCE} seconds"
            ) from None

    def _count(self) -> int:
        """Whole rows whose owner is known; what a killed process left half written is none."""
        if not (self._data.exists() and self._keys.exists()):
            return 0
        sizes = self._data.stat().st_size, self._keys.stat().st_size
        return min(sizes[0] // self._row, sizes[1] // DIGEST)

    def _places(self) -> dict[bytes, int]:
        count = self._count()
        keys = self._keys.read_bytes() if count else b""
        owners = (keys[start : start + DIGEST] for start in range(0, count * DIGEST, DIGEST))
        return {owner: row for row, owner in enumerate(owners) if owner != BLANK}

    def _follow(self, catalogue: Catalogue) -> dict[bytes, int]:
        """Append what is missing; begin anew where most of the file is nobody's."""
        if self._count() > 2 * len(catalogue) + 1000:
            self._keys.unlink()
        place, count = self._places(), self._count()
        lengths = dict(zip(catalogue.digests, catalogue.lengths, strict=True))
        missing = {
            digest: row for row, digest in enumerate(catalogue.digests) if digest not in place
        }
        names = {digest: catalogue.names[row] for digest, row in missing.items()}
        first = min((int(catalogue.numbers[row]) for row in missing.values()), default=0)
        with self._data.open("ab") as data, self._keys.open("ab") as keys:
            data.truncate(count * self._row)
            keys.truncate(count * DIGEST)
            for digests, features in self._store.features(self._role, first):
                own = [row for row, digest in enumerate(digests) if digest in names]
                for row in own:
                    self._check(features[row], lengths[digests[row]], names.pop(digests[row]))
                data.write(features[own].tobytes())
                data.flush()
                keys.write(b"".join(digests[row] for row in own))
            os.fsync(data.fileno())
        if names:
            name = next(iter(names.values()))
            raise damaged(self._store.folder.name, name, "features, got none")
        return self._places()

    def _check(self, features: np.ndarray, lengths: np.ndarray, name: str) -> None:
        """Refuse features that are not those that were stored: their lengths tell."""
        measured = np.linalg.norm(features.astype(np.float32), axis=1)
        if not np.allclose(measured, lengths, rtol=1e-4, atol=1e-6):
            raise damaged(self._store.folder.name, name, "features as they were stored")
