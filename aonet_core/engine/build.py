"""Puts the pictures of a source into a gallery."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from aonet_core.data.sources import Found, Picture
from aonet_core.engine.gallery_types import BuildReport
from aonet_core.engine.images import ImageError, read_image
from aonet_core.engine.types import Embedded
from aonet_core.occlusion import Progress
from aonet_core.retrieval.gallery import GalleryStore
from aonet_core.retrieval.records import Record

BATCH = 16
STORED = 512
"""Pictures that are stored at a time."""

Embed = Callable[[list[Image.Image]], Embedded]


def build(
    store: GalleryStore, found: Found, embed: Embed, progress: Progress | None = None
) -> BuildReport:
    """Add what is not there yet; whatever ends the work, what was embedded is stored.

    Args:
        store: The gallery.
        found: What the source holds.
        embed: Runs the network.
        progress: Told of pictures done and their number.

    Raises:
        GalleryBusy: Somebody else is writing.
        OSError: The disk is full; what was stored is kept, and the next call goes on.
    """
    with store.writing():
        store.finish(found.source, complete=False)
        work = _Work(store, found)
        try:
            for start in range(0, len(found.pictures), BATCH):
                work.add(found.pictures[start : start + BATCH], embed)
                if progress:
                    progress(min(start + BATCH, len(found.pictures)), len(found.pictures))
        finally:
            work.store_pending()
        store.finish(found.source, complete=True)
    return BuildReport(
        work.added, work.present, tuple(work.duplicates), (*found.refused, *work.refused)
    )


def read_picture(content: bytes, name: str) -> Image.Image:
    """Decode a picture as all galleries do.

    Raises:
        ImageError: It is none, or damaged.
    """
    return read_image(content, name)[0]


@dataclass
class _Work:
    """What is known while a gallery is built."""

    store: GalleryStore
    found: Found
    added: int = 0
    present: int = 0
    duplicates: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    pending: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        there = self.store.catalogue()
        self.by_name = dict(zip(there.names, there.digests, strict=True))
        self.contents = set(zip(there.roles.tolist(), there.digests, strict=True))

    def add(self, pictures: tuple[Picture, ...], embed: Embed) -> None:
        """Embed those of some pictures that are new."""
        new = []
        for picture in pictures:
            try:
                content = picture.read()
                digest = hashlib.sha256(content).digest()
                if self._is_new(picture, digest):
                    new.append((picture, content, digest, read_picture(content, picture.name)))
                    self.by_name[picture.name] = digest
                    self.contents.add((picture.role, digest))
            except (ImageError, OSError) as error:
                self.refused.append((picture.name, str(error)))
        if new:
            features, awareness = embed([image for *_, image in new])
            for row, (picture, content, digest, _) in enumerate(new):
                self.pending.append(record(picture, content, digest, features[row], awareness[row]))
        if len(self.pending) >= STORED:
            self.store_pending()

    def store_pending(self) -> None:
        """Write down what was embedded."""
        pending, self.pending = self.pending, []
        self.store.add(pending)
        self.added += len(pending)

    def _is_new(self, picture: Picture, digest: bytes) -> bool:
        known = self.by_name.get(picture.name)
        if known == digest:
            self.present += 1
        elif known is not None:
            reason = "another picture of this name is there: replace it, or give this another name"
            self.refused.append((picture.name, reason))
        elif (picture.role, digest) in self.contents:
            self.duplicates.append(picture.name)
        else:
            return True
        return False


def record(picture: Picture, content: bytes, digest: bytes, features, awareness) -> Record:
    """Put together what is stored of a picture; its content, unless it stays where it lies."""
    stays = picture.path is not None and not picture.kept
    return Record(
        picture.name,
        picture.role,
        picture.pid,
        picture.camid,
        digest,
        None if stays else content,
        str(picture.path.resolve()) if stays else "",
        features,
        awareness,
    )
