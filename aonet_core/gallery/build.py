"""Puts the pictures of a source into a gallery."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from PIL import Image

from aonet_core.data.sources import Picture, SourceContents
from aonet_core.errors import GalleryError
from aonet_core.gallery.records import Record
from aonet_core.gallery.store import GalleryStore
from aonet_core.gallery.uploads import ImageError, read_image
from aonet_core.occlusion import Progress
from aonet_core.results.gallery import BuildReport
from aonet_core.results.landmarks import Embedded
from aonet_core.trust import why

BATCH = 16
STORED = 512
"""Pictures that are stored at a time."""

Embed = Callable[[list[Image.Image]], Embedded]


def build(
    store: GalleryStore, contents: SourceContents, embed: Embed, progress: Progress | None = None
) -> BuildReport:
    """Add what is not there yet; whatever ends the work, what was embedded is stored.

    Args:
        store: The gallery.
        contents: What the source holds.
        embed: Runs the network.
        progress: Told of pictures done and their number.

    Raises:
        GalleryBusy: Somebody else is writing.
        OSError: The disk is full; what was stored is kept, and the next call goes on.
    """

    def steps(work: Work) -> Iterator[int]:
        for start in range(0, len(contents.pictures), BATCH):
            yield work.embed(contents.pictures[start : start + BATCH], embed)

    return fill(store, contents, steps, progress)


def fill(
    store: GalleryStore,
    contents: SourceContents,
    steps: Callable[[Work], Iterator[int]],
    progress: Progress | None = None,
) -> BuildReport:
    """Do the same where pictures are embedded in some other way.

    Args:
        store: The gallery.
        contents: What the source holds.
        steps: Gives the work every picture, in order; yields how many it gave in each step.
        progress: Told of pictures done and their number.

    Raises:
        GalleryBusy, OSError: As in `build`.
    """
    with store.writing(), _gone_if_empty(store):
        store.finish(contents.source, complete=False)
        work, done = Work(store, contents), 0
        try:
            for count in steps(work):
                done += count
                if progress:
                    progress(done, len(contents.pictures))
        finally:
            work.store_pending()
        store.finish(contents.source, complete=True)
    return BuildReport(
        work.added, work.present, tuple(work.duplicates), (*contents.refused, *work.refused)
    )


@contextmanager
def _gone_if_empty(store: GalleryStore) -> Iterator[None]:
    """Leave nothing under a gallery's name where the work fails before anything is stored."""
    try:
        yield
    except BaseException:
        with suppress(GalleryError, OSError):
            if not store.catalogue().names:
                store.remove()
        raise


def read_picture(content: bytes, name: str) -> Image.Image:
    """Decode a picture as all galleries do.

    Raises:
        ImageError: It is none, or damaged.
    """
    return read_image(content, name)[0]


@dataclass
class Work:
    """What is known while a gallery is built.

    Attributes:
        store: The gallery.
        contents: What the source holds.
        added, present, duplicates, refused: As in `BuildReport`.
        pending: What is embedded but not stored yet.
    """

    store: GalleryStore
    contents: SourceContents
    added: int = 0
    present: int = 0
    duplicates: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    pending: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read what is there."""
        catalogue = self.store.catalogue()
        self.by_name = dict(zip(catalogue.names, catalogue.digests, strict=True))
        self.digests = set(zip(catalogue.roles.tolist(), catalogue.digests, strict=True))

    def embed(self, pictures: tuple[Picture, ...], embed: Embed) -> int:
        """Embed those of some pictures that are new; return how many were looked at."""
        new = []
        for picture in pictures:
            try:
                content = picture.read()
                digest = hashlib.sha256(content).digest()
                if self.is_new(picture, digest):
                    new.append((picture, content, digest, read_picture(content, picture.name)))
                    self._note(picture, digest)
            except ImageError as error:
                self.refused.append((picture.name, str(error)))
            except OSError as error:
                self.refused.append((picture.name, f"its file cannot be read ({why(error)})"))
        if new:
            features, awareness = embed([image for *_, image in new])
            for row, (picture, content, digest, _) in enumerate(new):
                self.pending.append(record(picture, content, digest, features[row], awareness[row]))
        self._store_if_many()
        return len(pictures)

    def accept(self, picture: Picture, embedded: Record) -> None:
        """Take a picture that was found new and was embedded elsewhere."""
        self._note(picture, embedded.digest)
        self.pending.append(embedded)
        self._store_if_many()

    def store_pending(self) -> None:
        """Write down what was embedded."""
        pending, self.pending = self.pending, []
        self.store.add(pending)
        self.added += len(pending)

    def is_new(self, picture: Picture, digest: bytes) -> bool:
        """Tell whether a picture is neither there nor refused, and count it where it is."""
        stored = self.by_name.get(picture.name)
        if stored == digest:
            self.present += 1
        elif stored is not None:
            reason = "another picture of this name is there: replace it, or give this another name"
            self.refused.append((picture.name, reason))
        elif (picture.role, digest) in self.digests:
            self.duplicates.append(picture.name)
        else:
            return True
        return False

    def _note(self, picture: Picture, digest: bytes) -> None:
        self.by_name[picture.name] = digest
        self.digests.add((picture.role, digest))

    def _store_if_many(self) -> None:
        if len(self.pending) >= STORED:
            self.store_pending()


def record(picture: Picture, content: bytes, digest: bytes, features, awareness) -> Record:
    """Put together what is stored of a picture; its content, unless it stays where it lies."""
    stays = picture.path is not None and not picture.keep_content
    return Record(
        picture.name,
        picture.role,
        picture.pid,
        picture.camid,
        digest,
        None if stays else content,
        str(picture.path.resolve()) if stays and picture.path else "",
        features,
        awareness,
    )
