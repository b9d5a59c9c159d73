"""Galleries as an adapted network sees them: embedded again, kept for a few hours, for nobody else.

What is written are features and awareness of pictures that the machine has anyway, in a folder that
is named by the digest of the adapted network; whoever does not have that network cannot name it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from aonet_core.errors import GalleryError
from aonet_core.files import temporary_folder
from aonet_core.gallery.build import Embed, build
from aonet_core.gallery.half_built import whole
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.gallery.records import EmbeddingSpec, read_state, state_stamp
from aonet_core.gallery.registry import GalleryRegistry
from aonet_core.gallery.retention import ADAPTED, expire_adapted
from aonet_core.gallery.store import GalleryStore
from aonet_core.occlusion import Progress


class AdaptedGalleries:
    """All galleries of a registry, seen by another network; safe to share between threads.

    What changes a gallery changes the registry's own.
    """

    def __init__(
        self, registry: GalleryRegistry, spec: EmbeddingSpec, embed: Embed, device: str = "cpu"
    ) -> None:
        """Note whose galleries they are and what sees them; nothing is embedded yet."""
        self._registry, self._spec, self._embed, self._device = registry, spec, embed, device
        self.folder = registry.folder / f"{ADAPTED}{spec.checkpoint[:32]}"
        self._open: dict[Path, Gallery] = {}
        self.entries, self.build = registry.entries, registry.build
        self.replace, self.delete_pictures = registry.replace, registry.delete_pictures
        self.delete = registry.delete
        expire_adapted(registry.folder, time.time())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            os.utime(self.folder)
        except OSError:  # cannot be kept for the next start
            self._temporary = temporary_folder("adapted")
            self.folder = Path(self._temporary.name)

    def ready(self, name: str) -> bool:
        """Whether a gallery can be used without embedding it first.

        Raises:
            GalleryError: There is none of that name.
        """
        original = self._registry.path(name)
        try:
            return read_state(self._copy(name, original)).complete
        except GalleryError:
            return False

    def get(self, name: str, progress: Progress | None = None) -> Gallery:
        """Open a gallery; embed its pictures again if need be.

        Raises:
            GalleryError: There is none of that name, or somebody is embedding it just now.
        """
        original = self._registry.path(name)
        path = self._copy(name, original)
        with self._registry.lock(path.name):
            with suppress(OSError):
                os.utime(self.folder)
            try:
                complete = read_state(path).complete
            except GalleryError:
                complete = False
                shutil.rmtree(path, ignore_errors=True)
            if not complete:
                self._open.pop(path, None)
                store, contents = GalleryStore(path, self._spec), self._registry.contents(name)
                with whole(path):
                    build(store, contents, self._embed, progress)
            if path not in self._open:
                store = GalleryStore(path, self._spec)
                self._open[path] = _Copy(name, store, self._device, original)
            return self._open[path]

    def _copy(self, name: str, original: Path) -> Path:
        """Where it is kept; somewhere else once the gallery has changed."""
        state = repr((str(original), state_stamp(original) if name != "sample" else None))
        return self.folder / f"{name}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"


class _Copy(Gallery):
    """A gallery embedded again; its pictures stay where they are."""

    def __init__(self, name: str, store: GalleryStore, device: str, original: Path) -> None:
        super().__init__(name, store, device)
        self._original = original if name != "sample" else None
        if self._original:
            revision = read_state(original).revision
            self.info = replace(self.info, revision=revision)
            self.queries = replace(self.queries, revision=revision)

    def image(self, name: str) -> bytes:
        return GalleryStore(self._original).image(name) if self._original else super().image(name)
