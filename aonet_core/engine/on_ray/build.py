"""Embeds a gallery's pictures on Ray Data: the same rows, on as many machines as there are.

Workers read and embed; this process alone decides what is new, and writes. What is stored is what
a build in one process stores, in the same order. Every worker must see the pictures and the
checkpoint under the same paths.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aonet_core.data.sources import Source, opened
from aonet_core.engine.on_ray.cluster import cluster
from aonet_core.gallery import build
from aonet_core.gallery.half_built import whole
from aonet_core.gallery.listing import own
from aonet_core.gallery.records import EmbeddingSpec
from aonet_core.gallery.store import GalleryStore
from aonet_core.gallery.uploads import ImageError
from aonet_core.occlusion import Progress
from aonet_core.results.gallery import BuildReport
from aonet_core.trust import contents, why

if TYPE_CHECKING:
    import pyarrow as pa
    import ray.data

BLOCK = 8 * build.BATCH
"""Pictures that are handed out at a time; a multiple of a batch, so that batches are those of a
build in one process: where that has as many threads as a worker, every bit is the same."""


def build_on_ray(
    spec: EmbeddingSpec,
    folder: Path,
    name: str,
    source: Source,
    checkpoint: str | Path,
    device: str | None = None,
    address: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    dataset: str = "auto",
) -> BuildReport:
    """Add the pictures of a source to a gallery; see `Engine.build_gallery`.

    Args:
        spec: The network of the checkpoint.
        folder: Of galleries.
        name: Of the gallery.
        source: A folder; on this machine alone also an archive, or pictures.
        checkpoint: Shipped name or path, on every machine.
        device: Of the workers; the fastest of each by default.
        address: Of a cluster, as in `cluster`.
        workers: How many; as many as fit by default.
        progress: Told of pictures done and their number.
        dataset: How to read the source.

    Raises:
        GalleryError: As in `GalleryStore`.
        ValueError: Work on the cluster has failed, or the source is on this machine alone.
        OSError: There is no such source or cluster, or the disk is full.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"a build needs at least 1 worker, got {workers}")
    with opened(source, dataset) as source_contents, cluster(address) as fitting:
        if address is not None and any(
            picture.keep_content for picture in source_contents.pictures
        ):
            raise ValueError(
                "a cluster needs pictures in a folder that all of its machines see, got an archive "
                "or single pictures: unpack them there first"
            )
        steps = partial(_steps, checkpoint=checkpoint, device=device, workers=workers or fitting)
        path = own(folder, name)
        with whole(path):
            return build.fill(GalleryStore(path, spec), source_contents, steps, progress)


class Embedder:
    """A worker: it loads the checkpoint once and embeds one batch after the other."""

    def __init__(self, checkpoint: str | Path, device: str | None) -> None:
        """Load the network."""
        from aonet_core.engine.local.engine import LocalEngine

        self._embed = LocalEngine(checkpoint, device).embed

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Read some pictures, and embed those that are not known by name."""
        looked = [self._look(picture) for picture in batch.to_pylist()]
        new = [row for row in looked if "image" in row]
        if new:
            features, awareness = self._embed([row.pop("image") for row in new])
            for row, feature, aware in zip(new, features, awareness, strict=True):
                row["features"], row["awareness"] = feature.tobytes(), aware.tobytes()
        import pyarrow as pa

        return pa.Table.from_pylist(looked, schema=_answer())

    def _look(self, picture: dict) -> dict:
        row = {"at": picture["at"]}
        try:
            content = picture["content"]
            if content is None:
                content = contents(picture["path"])
            row["digest"] = hashlib.sha256(content).digest()
            if not picture["known"]:
                row["image"] = build.read_picture(content, picture["name"])
                row["content"] = content if picture["keep_content"] else None
        except ImageError as error:
            row["reason"] = str(error)
        except OSError as error:
            row["reason"] = f"its file cannot be read ({why(error)})"
        return row


def _answer() -> pa.Schema:
    """What a worker tells of a picture; nothing of what it did not need to find out."""
    import pyarrow as pa

    binary = ("digest", "content", "features", "awareness")
    columns = {"at": pa.int64(), "reason": pa.string()} | dict.fromkeys(binary, pa.large_binary())
    return pa.schema(list(columns.items()))


def _steps(
    work: build.Work, checkpoint: str | Path, device: str | None, workers: int
) -> Iterator[int]:
    """Give all pictures to workers, and what they return to the work, in order."""
    spec = work.store.spec
    for table in _embedded(work, checkpoint, device, workers):
        for row in table.to_pylist():
            picture, digest = work.contents.pictures[row["at"]], row["digest"]
            if digest is None:
                work.refused.append((picture.name, row["reason"]))
            elif work.is_new(picture, digest):
                if row["reason"] is not None:
                    work.refused.append((picture.name, row["reason"]))
                    continue
                features = np.frombuffer(row["features"], np.float32)
                features = features.reshape(spec.landmarks, spec.channels)
                awareness = np.frombuffer(row["awareness"], np.float32)
                work.accept(
                    picture, build.record(picture, row["content"], digest, features, awareness)
                )
        yield table.num_rows


def _embedded(
    work: build.Work, checkpoint: str | Path, device: str | None, workers: int
) -> Iterator[pa.Table]:
    import logging

    import ray.data  # it sets up its own log, which is quieted after that

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    on_cards = ray.cluster_resources().get("GPU", 0) and device != "cpu"
    embedded = _pictures(work).map_batches(
        Embedder,
        fn_constructor_args=(checkpoint, device),
        batch_size=build.BATCH,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        num_gpus=1 if on_cards else 0,
    )
    yield from embedded.iter_batches(batch_size=None, batch_format="pyarrow")


def _pictures(work: build.Work) -> ray.data.Dataset:
    """What workers need to know of every picture, in parts of whole batches."""
    import pyarrow as pa
    import ray.data

    pictures = work.contents.pictures
    columns = {
        "at": pa.array(range(len(pictures)), pa.int64()),
        "name": [picture.name for picture in pictures],
        "path": pa.array([picture.path and str(picture.path) for picture in pictures], pa.string()),
        "content": pa.array([picture.content for picture in pictures], pa.large_binary()),
        "keep_content": [picture.keep_content for picture in pictures],
        "known": [picture.name in work.by_name for picture in pictures],
    }
    table = pa.table(columns)
    return ray.data.from_arrow([table.slice(start, BLOCK) for start in range(0, len(table), BLOCK)])
