"""What every engine can do with galleries, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from aonet_core.engine.gallery_types import (
    BuildReport,
    GalleryEntry,
    GalleryInfo,
    Matches,
    MatchOptions,
)
from aonet_core.engine.marks import MachinePath
from aonet_core.engine.types import Embedded
from aonet_core.occlusion import Progress

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image


class GalleryEngine(Protocol):
    """Galleries are named; "sample" is that of the shipped samples and is made when first needed.

    Whatever is wrong with a gallery is a `GalleryError`, which is a `ValueError`; a disk that is
    full or cannot be written is an `OSError`. Both tell it in a sentence.
    """

    def galleries(self) -> list[GalleryEntry]:
        """List all galleries, "sample" first; those that cannot be used say why."""

    def gallery_ready(self, name: str = "sample") -> bool:
        """Tell whether a gallery can be used without embedding it first.

        Raises:
            GalleryError: There is no such gallery.
        """

    def gallery(self, name: str = "sample", progress: Progress | None = None) -> GalleryInfo:
        """Return what a gallery holds; embed the samples first where that has not been done.

        Raises:
            GalleryError: There is no such gallery, it is damaged, or of another checkpoint.
            ValueError: A sample cannot be read.
        """

    def queries(self, name: str = "sample", progress: Progress | None = None) -> GalleryInfo:
        """Return the pictures that are kept with a gallery to be searched for; may be none.

        Raises:
            GalleryError, ValueError: As in `gallery`.
        """

    def picture(self, gallery: str, name: str) -> Image.Image:
        """Return a gallery picture or query in RGB.

        Raises:
            GalleryError: There is none of that name, or its file is gone or has changed.
        """

    def thumbnail(self, gallery: str, name: str, height: int = 160) -> bytes:
        """Return a gallery picture or query as a JPEG file, no higher than so many pixels.

        Raises:
            GalleryError: As in `picture`.
            ValueError: The height is below 1.
        """

    def embedded_of(self, gallery: str, names: Sequence[str]) -> Embedded:
        """Return what stands for gallery pictures and queries, as it is stored.

        Raises:
            GalleryError: As in `gallery`.
            ValueError: A name is unknown, or there are none.
        """

    def build_gallery(
        self,
        name: str,
        source: MachinePath | bytes | Sequence[tuple[str, bytes]],
        progress: Progress | None = None,
        dataset: str = "auto",
    ) -> BuildReport:
        """Add pictures to a gallery; make it where there is none.

        What is there already is left alone, so a build that was interrupted goes on when it is
        asked for again. Files of a folder stay where they are; all others are copied.

        Args:
            name: Of the gallery.
            source: A folder or ZIP file by its path, the bytes of a ZIP file, or file names and
                bytes of single pictures. A data set brings its gallery and its queries; elsewhere
                identity and camera are known where file names are like Market-1501's.
            progress: Told of pictures done and their number.
            dataset: How to read a folder, a key of the table of data sets.

        Raises:
            FileNotFoundError: There is nothing at the path.
            ValueError: There are no pictures, or the archive is not in order.
            GalleryError: The name cannot be one, or the gallery is of another checkpoint, damaged,
                or being written by somebody else.
            OSError: The disk is full; what was stored stays.
        """

    def replace_picture(
        self, gallery: str, name: str, data: bytes, pid: int = 0, camid: int = 0
    ) -> None:
        """Put a picture in the place of the one of the same name.

        Raises:
            GalleryError: There is none of that name, or the same picture is there under another.
            ImageError: It is no picture.
        """

    def delete_pictures(self, gallery: str, names: Sequence[str]) -> None:
        """Take pictures or queries out of a gallery.

        Raises:
            GalleryError: A name is unknown.
        """

    def delete_gallery(self, name: str) -> None:
        """Delete a gallery, usable or not.

        Raises:
            GalleryError: There is none of that name, or somebody is writing to it.
        """

    def rank(
        self,
        image: Image.Image | Embedded,
        gallery: str = "sample",
        top_k: int = 20,
        skip: Sequence[str] = (),
        without: Sequence[int] = (),
        form: str | None = None,
        progress: Progress | None = None,
        *,
        options: MatchOptions | None = None,
        cameras: Sequence[int] = (),
        lowest: float | None = None,
    ) -> Matches:
        """Find the pictures of a gallery that are most like one, exactly.

        Args:
            image: The query.
            gallery: Which gallery; that of the samples is made first if need be.
            top_k: How many to return.
            skip: Gallery pictures to leave out, such as `SampleSet.junk`.
            without: Landmarks whose weight is set to 0.
            form: Form of the match; the checkpoint's own by default.
            progress: Told while the gallery is made.
            options: All there is to say of the match, in the place of `without` and `form`.
            cameras: Rank pictures of these cameras alone; of all by default.
            lowest: Similarity that must be reached.

        Raises:
            ValueError: Nothing is left to rank, too much to re-rank, or a name, landmark or form is
                unknown.
        """

    def shares(
        self,
        image: Image.Image | Embedded,
        gallery: str = "sample",
        options: MatchOptions | None = None,
    ) -> np.ndarray:
        """Return the part (G, K) float32 of each landmark in the similarity to every picture.

        Their sums are the similarities before any re-ranking, in the gallery's order.

        Raises:
            ValueError: A landmark or form is unknown.
        """
