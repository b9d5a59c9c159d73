"""The columns that a gallery's pictures are kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aonet_core.errors import GalleryError
from aonet_core.gallery.records import EmbeddingSpec, Record, damaged

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "1"
"""Of the table; a gallery of another format is refused."""
CATALOGUE = ("name", "role", "pid", "camid", "digest", "number", "awareness", "lengths")
"""Columns that are read whole: small beside features and images."""
TINY = 1e-12


@dataclass(frozen=True)
class Catalogue:
    """All of N pictures but images and features, in gallery order.

    Attributes:
        names: (N,) of pictures.
        pids: (N,) int64.
        camids: (N,) int64.
        digests: (N,) of the files.
        numbers: (N,) int64, rising.
        awareness: (N, K) float32.
        lengths: (N, K) float32, of the features as they are stored: 1 but for rounding.
        roles: (N,) "gallery" or "query".
    """

    names: list[str]
    pids: np.ndarray
    camids: np.ndarray
    digests: list[bytes]
    numbers: np.ndarray
    awareness: np.ndarray
    lengths: np.ndarray
    roles: np.ndarray

    @classmethod
    def read(cls, table: pa.Table, landmarks: int, gallery: str) -> Catalogue:
        """Take the columns from a table.

        Raises:
            GalleryError: A value cannot be.
        """
        table = table.sort_by("number").combine_chunks()
        catalogue = cls(
            table["name"].to_pylist(),
            table["pid"].to_numpy(),
            table["camid"].to_numpy(),
            table["digest"].to_pylist(),
            table["number"].to_numpy(),
            matrix(table["awareness"], landmarks),
            matrix(table["lengths"], landmarks),
            np.array(table["role"].to_pylist(), dtype=str),
        )
        good = np.isfinite(catalogue.lengths) & (catalogue.lengths >= 0)
        good &= (catalogue.awareness >= 0) & (catalogue.awareness <= 1.001)
        bad = np.flatnonzero(~good.all(axis=1))
        if bad.size:
            raise damaged(gallery, catalogue.names[bad[0]], "awareness in [0, 1]")
        return catalogue

    def __len__(self) -> int:
        """Return N."""
        return len(self.names)

    def of(self, role: str) -> Catalogue:
        """Return the pictures of one role."""
        rows = np.flatnonzero(self.roles == role)
        return Catalogue(
            [self.names[row] for row in rows],
            self.pids[rows],
            self.camids[rows],
            [self.digests[row] for row in rows],
            self.numbers[rows],
            self.awareness[rows],
            self.lengths[rows],
            self.roles[rows],
        )


def schema(spec: EmbeddingSpec) -> pa.Schema:
    """Columns of the table; its metadata tells the network."""
    import pyarrow as pa

    columns = {
        "name": pa.string(),
        "role": pa.string(),
        "pid": pa.int64(),
        "camid": pa.int64(),
        "digest": pa.binary(),
        "number": pa.int64(),
        "path": pa.string(),
        "image": pa.large_binary(),
        "awareness": pa.list_(pa.float32(), spec.landmarks),
        "lengths": pa.list_(pa.float32(), spec.landmarks),
        "features": pa.list_(pa.float16(), spec.landmarks * spec.channels),
    }
    metadata = {"format": FORMAT} | {key: str(value) for key, value in vars(spec).items()}
    return pa.schema(list(columns.items()), metadata=metadata)


def made_with(metadata: Mapping[bytes, bytes] | None, gallery: str) -> EmbeddingSpec:
    """Read from a table's metadata what the gallery was made with.

    Raises:
        GalleryError: It is of another format.
    """
    fields = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    if fields.get("format") != FORMAT:
        raise GalleryError(
            f"the gallery {gallery} is of another format: expected {FORMAT}, got "
            f"{fields.get('format', 'none')}; delete it and build it again"
        )
    landmarks, channels = int(fields["landmarks"]), int(fields["channels"])
    return EmbeddingSpec(fields["checkpoint"], landmarks, channels, fields["network"])


def to_table(records: Sequence[Record], first: int, spec: EmbeddingSpec) -> pa.Table:
    """Put records into columns, features scaled to unit length and rounded to half precision.

    Raises:
        ValueError: Features or awareness have another shape, or a value that is no finite number.
    """
    import pyarrow as pa

    features = np.stack([record.features for record in records]).astype(np.float64)
    awareness = np.stack([record.awareness for record in records]).astype(np.float32)
    expected = (spec.landmarks, spec.channels)
    if features.shape[1:] != expected or awareness.shape[1:] != expected[:1]:
        raise ValueError(
            f"a gallery of {expected[0]} landmarks and {expected[1]} channels cannot hold features "
            f"{features.shape[1:]} with awareness {awareness.shape[1:]}"
        )
    if not (np.isfinite(features).all() and np.isfinite(awareness).all()):
        raise ValueError("features and awareness must be finite, got NaN or infinity")
    features /= np.maximum(np.linalg.norm(features, axis=2, keepdims=True), TINY)
    rounded = features.astype(np.float16)
    lengths = np.linalg.norm(rounded.astype(np.float64), axis=2).astype(np.float32)
    target = schema(spec)
    copied = ("name", "role", "pid", "camid", "digest", "path", "image")
    columns: dict[str, Sequence] = {
        name: [getattr(record, name) for record in records] for name in copied
    }
    columns["number"] = range(first, first + len(records))
    arrays = {name: pa.array(values, target.field(name).type) for name, values in columns.items()}
    for name, values in (("awareness", awareness), ("lengths", lengths), ("features", rounded)):
        flat = pa.array(values.reshape(-1))
        arrays[name] = pa.FixedSizeListArray.from_arrays(flat, target.field(name).type.list_size)
    return pa.Table.from_arrays([arrays[name] for name in target.names], schema=target)


def matrix(column: pa.Array | pa.ChunkedArray, width: int) -> np.ndarray:
    """Return a column of lists as one array (N, width)."""
    if hasattr(column, "chunks"):
        column = column.combine_chunks()
    return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
