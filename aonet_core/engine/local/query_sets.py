"""The queries of an evaluation: those kept with a gallery, of a folder, or uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from aonet_core.analysis.evaluation.ground_truth import GroundTruth, known_of, nothing_known
from aonet_core.analysis.evaluation.query_search import EmbeddedSet
from aonet_core.analysis.truth import read_truth
from aonet_core.data.image_files import read_image
from aonet_core.data.left_out import LeftOut
from aonet_core.data.readers import read_dataset
from aonet_core.data.samples import DataSet
from aonet_core.errors import ImageError
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.occlusion import Progress
from aonet_core.pictures import to_rgb
from aonet_core.results.landmarks import LandmarkAnalysis
from aonet_core.results.queries import Queries
from aonet_core.retrieval import Embedding

BATCH = 32
MOST_OWN = 1000
"""Pictures of a gallery without queries that are searched for, evenly spaced."""
Analyze = Callable[[Sequence[Image.Image]], list[LandmarkAnalysis]]


@dataclass(frozen=True)
class QuerySet:
    """Pictures to search for, not yet looked at.

    Attributes:
        name: Of the set.
        digest: Of its pictures, identities and cameras.
        load: Runs the network on them, or takes what is stored.
        ground_truth: Finds out what is true of them, given the number of landmarks.
        left_out: Names and reasons of files of the set that are no part of it.
    """

    name: str
    digest: str
    load: Callable[[Progress | None], EmbeddedSet]
    ground_truth: Callable[[int, Progress | None], GroundTruth]
    left_out: LeftOut = ()


def kept_queries(gallery: Gallery, folder: Path | None, analyze: Analyze) -> QuerySet:
    """Take the queries kept with a gallery; where there are none, its own pictures.

    Args:
        gallery: Open.
        folder: The data set that they come from, where its truth shall be used.
        analyze: Runs the network.

    Raises:
        ValueError: No queries are kept with it, and who is on its pictures is not known.
    """
    info = gallery.queries
    if not info.names:
        return _own_pictures(gallery)

    def ground_truth(landmarks: int, progress: Progress | None) -> GroundTruth:
        if folder is None:
            return nothing_known(len(info.names), landmarks)
        truth = read_truth(DataSet(info.name, folder, (), (), ()))
        files = [folder / name for name in info.names]
        return known_of(truth, files, landmarks, response_maps(analyze, progress))

    def load(progress: Progress | None) -> EmbeddedSet:
        return EmbeddedSet(
            np.array(info.names), np.array(info.pids), np.array(info.camids),
            gallery.query_embedding,
        )  # fmt: skip

    return QuerySet(f"queries of {info.name}", gallery.digest("query"), load, ground_truth)


def _own_pictures(gallery: Gallery) -> QuerySet:
    """The pictures of a gallery that show somebody known, each in its turn a query."""
    info = gallery.info
    rows = np.flatnonzero(np.array(info.pids, dtype=np.int64) > 0)
    if not len(rows):
        raise ValueError(
            f"no queries are kept with the gallery {info.name}, and who is on its pictures is not "
            "known: choose a folder, or upload some"
        )
    if len(rows) > MOST_OWN:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_OWN).round().astype(np.int64)]
    names, pids, camids = (np.array(part)[rows] for part in (info.names, info.pids, info.camids))

    def load(progress: Progress | None) -> EmbeddedSet:
        return EmbeddedSet(names, pids, camids, gallery.embedding[torch.from_numpy(rows)])

    digest = _digest([gallery.digest("gallery"), rows.tolist()])
    return QuerySet(
        f"{len(rows)} pictures of {info.name}", digest, load,
        lambda landmarks, _: nothing_known(len(rows), landmarks),
    )  # fmt: skip


def folder_queries(folder: str | Path, analyze: Analyze, links: bool = True) -> QuerySet:
    """Take the query split of a data set.

    Args:
        folder: Of the set.
        analyze: Runs the network.
        links: Whether links may lead out of the folder, as in `aonet_core.trust`.

    Raises:
        FileNotFoundError, ValueError: As in `read_dataset`.
    """
    dataset = read_dataset(folder, splits=("query",), links=links)
    samples = dataset.query
    if not samples:
        raise ValueError(f"the folder {folder} has no queries")
    files = [sample.path for sample in samples]
    names = [sample.name for sample in samples]
    pids, camids = ([getattr(s, key) for s in samples] for key in ("pid", "camid"))
    states = [file.stat() for file in files]
    digest = _digest(
        [names, pids, camids, [(state.st_size, state.st_mtime_ns) for state in states]]
    )

    def load(progress: Progress | None) -> EmbeddedSet:
        parts = [
            (analysis.retrieval_features, analysis.weight)
            for analysis in _analysed(files, analyze, progress)
        ]
        embedding = Embedding(*map(np.stack, zip(*parts, strict=True)))
        return EmbeddedSet(np.array(names), np.array(pids), np.array(camids), embedding)

    def ground_truth(landmarks: int, progress: Progress | None) -> GroundTruth:
        return known_of(read_truth(dataset), files, landmarks, response_maps(analyze, progress))

    left_out = (*dataset.left_out, *dataset.without_match())
    return QuerySet(dataset.root.name, digest, load, ground_truth, left_out)


def uploaded_queries(queries: Queries, analyze: Analyze) -> QuerySet:
    """Take uploaded pictures."""
    contents = [hashlib.sha256(to_rgb(image).tobytes()) for image in queries.images]
    digest = _digest(
        [queries.names, queries.pids, queries.camids, [each.hexdigest() for each in contents]]
    )

    def load(progress: Progress | None) -> EmbeddedSet:
        parts = [
            (analysis.retrieval_features, analysis.weight)
            for analysis in _analysed(queries.images, analyze, progress)
        ]
        embedding = Embedding(*map(np.stack, zip(*parts, strict=True)))
        names, pids, camids = map(np.array, (queries.names, queries.pids, queries.camids))
        return EmbeddedSet(names, pids, camids, embedding)

    return QuerySet(
        queries.name, digest, load, lambda landmarks, _: nothing_known(len(contents), landmarks)
    )


def _analysed(pictures: Sequence[Path | Image.Image], analyze: Analyze, progress: Progress | None):
    """Run the network on files or pictures, some at a time."""
    for start in range(0, len(pictures), BATCH):
        yield from analyze([_open(each) for each in pictures[start : start + BATCH]])
        if progress:
            progress(min(start + BATCH, len(pictures)), len(pictures))


def response_maps(
    analyze: Analyze, progress: Progress | None
) -> Callable[[Sequence[Path]], np.ndarray]:
    """Make what runs the network on files and returns their maps (N, K, H, W), with reference."""

    def maps(files: Sequence[Path]) -> np.ndarray:
        analyses = _analysed(files, analyze, progress)
        return np.stack([analysis.referenced_response_map for analysis in analyses])

    return maps


def open_picture(queries: str | Path | Queries, name: str, links: bool = True) -> Image.Image:
    """Return the picture of a query that is not kept with a gallery.

    Raises:
        ValueError: There is none of that name, or it cannot be read.
    """
    if isinstance(queries, Queries):
        pictures: dict = dict(zip(queries.names, queries.images, strict=True))
    else:
        dataset = read_dataset(queries, splits=("query",), links=links)
        pictures = {sample.name: sample.path for sample in dataset.query}
    if name not in pictures:
        raise ValueError(f"there is no query {name!r}")
    return _open(pictures[name])


def _open(picture: Path | Image.Image) -> Image.Image:
    if isinstance(picture, Image.Image):
        return to_rgb(picture)
    try:
        return read_image(picture)
    except (ImageError, OSError) as error:
        raise ValueError(f"{picture} is not a readable image: {error}") from error


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
