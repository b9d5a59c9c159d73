"""The pictures of a gallery as a source, for whoever looks at them again."""

from __future__ import annotations

from dataclasses import dataclass

from aonet_core.data.sources import Picture, SourceContents
from aonet_core.errors import GalleryError
from aonet_core.gallery.store import GalleryStore


@dataclass(frozen=True)
class StoredPicture(Picture):
    """A picture of a gallery; `path` is the gallery's.

    Attributes:
        store: Where it is kept.
    """

    store: GalleryStore | None = None

    def read(self) -> bytes:
        """Return the file's content.

        Raises:
            OSError: It is gone or has changed.
        """
        try:
            return self.store.image(self.name) if self.store else super().read()
        except GalleryError as error:
            raise FileNotFoundError(str(error)) from error


def stored_contents(store: GalleryStore) -> SourceContents:
    """List a gallery's pictures and queries in their order.

    Raises:
        GalleryError: It is damaged.
    """
    catalogue = store.catalogue()
    columns = catalogue.roles, catalogue.pids, catalogue.camids
    rows = zip(catalogue.names, *(each.tolist() for each in columns), strict=True)
    pictures = tuple(
        StoredPicture(name, role, int(pid), int(camid), store.folder, store=store)
        for name, role, pid, camid in rows
    )
    return SourceContents(store.state.source, pictures)
