"""Reads all pictures of a source: each content once, broken ones named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from PIL import Image

from aonet_core.data.image_files import read_image
from aonet_core.data.sources import Picture, Source, SourceContents, opened
from aonet_core.errors import ImageError

AT_A_TIME = 64
"""Pictures that are decoded together."""


@dataclass
class PicturesRead:
    """What was read of a source.

    Attributes:
        source: What it is, for people.
        names: Of the pictures that were read, in order.
        images: What was kept of each.
        camids: The camera of each, 0 where unknown.
        digests: SHA-256 of each file's content.
        duplicates: Names of files that hold the same as an earlier one.
        refused: Names of the others, and why they were left out.
    """

    source: str
    names: list[str] = field(default_factory=list)
    images: list = field(default_factory=list)
    camids: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def read_pictures(
    source: Source,
    keep: Callable[[Image.Image], object] = lambda image: image,
    progress: Callable[[int, int], None] | None = None,
    dataset: str = "auto",
) -> PicturesRead:
    """Decode every picture of a source.

    Args:
        source: As in `sources.opened`: a folder, a data set, a ZIP archive or single files.
        keep: What to keep of each RGB picture: large ones need not stay in memory.
        progress: Told of files done and their number.
        dataset: As in `sources.opened`.

    Raises:
        FileNotFoundError, ValueError: As in `sources.opened`.
    """
    with opened(source, dataset) as contents:
        return read_found(contents, keep, progress)


def read_found(
    contents: SourceContents,
    keep: Callable[[Image.Image], object] = lambda image: image,
    progress: Callable[[int, int], None] | None = None,
) -> PicturesRead:
    """Do the same with the pictures of a source that is open."""
    read = PicturesRead(contents.source, refused=list(contents.refused))
    digests: set[bytes] = set()
    for done, (picture, content, image) in enumerate(_decoded(contents, keep), 1):
        if isinstance(image, Exception):
            read.refused.append((picture.name, str(image)))
        elif (digest := hashlib.sha256(content).digest()) in digests:
            read.duplicates.append(picture.name)
        else:
            digests.add(digest)
            read.names.append(picture.name)
            read.images.append(image)
            read.camids.append(picture.camid)
            read.digests.append(digest)
        if progress:
            progress(done, len(contents.pictures))
    return read


def _decoded(contents: SourceContents, keep: Callable) -> Iterator[tuple[Picture, bytes, object]]:
    """Every picture with its content and what is kept of it, or the error that reading met."""

    def one(picture: Picture) -> tuple[Picture, bytes, object]:
        try:
            content = picture.read()
            return picture, content, keep(read_image(content, picture.name))
        except (OSError, ImageError) as error:
            return picture, b"", error

    with ThreadPoolExecutor() as pool:
        for start in range(0, len(contents.pictures), AT_A_TIME):
            yield from pool.map(one, contents.pictures[start : start + AT_A_TIME])
