"""A build that fails leaves no half gallery under the name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.records import is_gallery
from aonet_core.gallery.store import GalleryStore
from aonet_core.occlusion import Cancelled

GOES_ON = (Cancelled, OSError, RuntimeError, MemoryError)
"""What ends a build that can go on when it is asked for again: a stop, a full disk, too little
memory. What was done is kept."""


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Delete the gallery that the block began to make, where nothing can come of it.

    A gallery that was there before stays, as does one with pictures whose build can go on.

    Args:
        path: Where it lies, or will.
    """
    new = not is_gallery(path)
    try:
        yield
    except BaseException as error:
        if new and is_gallery(path):
            _discard(path, keep=not isinstance(error, Exception) or isinstance(error, GOES_ON))
        raise


def _discard(path: Path, keep: bool) -> None:
    """Delete a gallery unless it has pictures that are to be kept, or is somebody else's."""
    try:
        store = GalleryStore(path)
        with store.writing():
            counts = store.counts()
            if not (keep and (counts["gallery"] or counts["query"])):
                store.remove()
    except (GalleryBusy, GalleryError, OSError):
        return
