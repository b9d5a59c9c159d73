"""All galleries of a folder, and the sample set's, which is made when it is first needed."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from aonet_core.data.sources import Picture, Source, SourceContents, opened
from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.files import sweep_up, temporary_folder
from aonet_core.gallery.build import Embed, build, read_picture, record
from aonet_core.gallery.feature_file import FeatureFile
from aonet_core.gallery.half_built import whole
from aonet_core.gallery.index_card import forget
from aonet_core.gallery.listing import (
    SAMPLE,
    delete_gallery,
    describe,
    existing,
    galleries_folder,
    list_galleries,
    own,
)
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.gallery.records import ROLES, EmbeddingSpec, read_state, state_stamp
from aonet_core.gallery.retention import expire, retention_days
from aonet_core.gallery.samples import SAMPLE_FOLDER, read_samples
from aonet_core.gallery.store import GalleryStore
from aonet_core.gallery.stored import stored_contents
from aonet_core.occlusion import Progress
from aonet_core.results.gallery import BuildReport, GalleryEntry

_log = logging.getLogger(__name__)


class GalleryRegistry:
    """Galleries by name; safe to share between threads."""

    def __init__(
        self,
        spec: EmbeddingSpec,
        embed: Embed,
        folder: Path | None = None,
        samples: Path | None = None,
        device: str = "cpu",
        links: bool = True,
    ) -> None:
        """Note where galleries lie.

        Args:
            spec: The network in use.
            embed: Runs it.
            folder: Of all galleries; `galleries_folder()` by default.
            samples: A synthetic set; the shipped one by default.
            device: Where pictures are ranked.
            links: Whether links may lead out of folders that become galleries, as in
                `aonet_core.trust`.
        """
        self._device, self._links = device, links
        self._spec, self._embed = spec, embed
        self.folder = folder or galleries_folder()
        self._samples = samples
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._open: dict[str, tuple[object, Gallery]] = {}
        sweep_up()
        expire(self.folder, retention_days())

    def entries(self) -> list[GalleryEntry]:
        """List all galleries, the sample set's first; what cannot be used says why."""
        expire(self.folder, retention_days())
        try:
            if read_state(self._sample_path).complete:
                sample = describe(self._sample_path, SAMPLE, self._spec)
            else:
                roles = [picture.role for picture in self._sample_contents.pictures]
                counts = roles.count("gallery"), roles.count("query")
                sample = GalleryEntry(
                    SAMPLE, *counts, True, True, source=self._sample_contents.source
                )
        except (ValueError, OSError) as error:
            sample = GalleryEntry(SAMPLE, problem=str(error))
        return [sample, *list_galleries(self.folder, self._spec)]

    def ready(self, name: str) -> bool:
        """Whether a gallery can be used without embedding it first.

        Raises:
            GalleryError: There is none of that name.
        """
        if name != SAMPLE:
            return bool(existing(self.folder, name))
        try:
            return read_state(self._sample_path).complete
        except GalleryError:
            return False

    def get(self, name: str, progress: Progress | None = None) -> Gallery:
        """Open a gallery; make the sample set's if need be.

        Raises:
            GalleryError: There is none of that name, or it cannot be used.
        """
        with self._locks[name]:
            if name != SAMPLE:
                return self._opened(name, existing(self.folder, name))
            try:
                if not read_state(self._sample_path).complete:
                    self._make_sample(progress)
                return self._opened(SAMPLE, self._sample_path)
            except GalleryBusy:
                raise
            except GalleryError as error:
                _log.warning("the kept gallery is made anew: %s", error)
                shutil.rmtree(self._sample_path)
            self._make_sample(progress)
            return self._opened(SAMPLE, self._sample_path)

    def path(self, name: str) -> Path:
        """Where a gallery lies; the sample set's may not be there yet.

        Raises:
            GalleryError: There is none of that name.
        """
        return self._sample_path if name == SAMPLE else existing(self.folder, name)

    def contents(self, name: str) -> SourceContents:
        """The pictures of a gallery, whichever network it was made with.

        Raises:
            GalleryError: There is none of that name, or it is damaged.
        """
        if name == SAMPLE:
            return self._sample_contents
        return stored_contents(GalleryStore(self.path(name)))

    def lock(self, name: str) -> threading.RLock:
        """What is held while a gallery is made or opened."""
        return self._locks[name]

    def build(
        self, name: str, source: Source, progress: Progress | None, dataset: str = "auto"
    ) -> BuildReport:
        """Add the pictures of a source to a gallery; see `Engine.build_gallery`."""
        path = own(self.folder, name)
        with opened(source, dataset, links=self._links) as contents, whole(path):
            return build(GalleryStore(path, self._spec), contents, self._embed, progress)

    def replace(self, name: str, picture: Picture) -> None:
        """Put a picture in the place of the one of the same name; see `Engine.replace_picture`."""
        content = picture.read()
        image = read_picture(content, picture.name)
        digest = hashlib.sha256(content).digest()
        with self._changing(name) as (store, stored):
            role, old = stored.get(picture.name) or self._no_picture(name, picture.name)
            same = [other for other, each in stored.items() if each == (role, digest)]
            if same and same != [picture.name]:
                raise GalleryError(f"{picture.name} is the same picture as {same[0]}")
            features, awareness = self._embed([image])
            picture = replace(picture, role=role)
            store.replace(record(picture, content, digest, features[0], awareness[0]))
            forget(store.folder)
            if old != digest:
                FeatureFile(store, role).forget({old})

    def delete_pictures(self, name: str, names: Sequence[str]) -> None:
        """Take pictures out of a gallery; see `Engine.delete_pictures`."""
        with self._changing(name) as (store, stored):
            gone = [stored.get(each) or self._no_picture(name, each) for each in names]
            store.delete(names)
            forget(store.folder)
            for role in {role for role, _ in gone}:
                FeatureFile(store, role).forget({digest for each, digest in gone if each == role})

    def delete(self, name: str) -> None:
        """Delete a gallery, usable or not; see `Engine.delete_gallery`."""
        delete_gallery(self.folder, name)
        self._open.pop(name, None)

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[GalleryStore, dict[str, tuple[str, bytes]]]]:
        """Hold a gallery for writing: the store, and role and digest of its pictures by name."""
        store = GalleryStore(existing(self.folder, name), self._spec)
        with store.writing():
            catalogue = store.catalogue()
            keys = zip(catalogue.roles.tolist(), catalogue.digests, strict=True)
            yield store, dict(zip(catalogue.names, keys, strict=True))

    def _opened(self, name: str, path: Path) -> Gallery:
        stamp = state_stamp(path)
        if name not in self._open or self._open[name][0] != stamp:
            self._open[name] = stamp, Gallery(name, GalleryStore(path, self._spec), self._device)
        return self._open[name][1]

    def _make_sample(self, progress: Progress | None) -> None:
        try:
            store = GalleryStore(self._sample_path, self._spec)
        except OSError as error:
            _log.warning("the gallery is not kept for the next start: %s", error)
            self._temporary = temporary_folder("gallery")
            self._sample_path = Path(self._temporary.name) / SAMPLE
            store = GalleryStore(self._sample_path, self._spec)
        refused = build(store, self._sample_contents, self._embed, progress).refused
        if refused:
            name, reason = refused[0]
            store.finish("", complete=False)
            raise ValueError(f"the sample {name} cannot be used: {reason}")

    @cached_property
    def _sample_contents(self) -> SourceContents:
        samples = read_samples(self._samples)
        pictures = tuple(
            Picture(each.name, each.role, int(each.pid), int(each.camid), each.path)
            for each in samples.samples.values()
            if each.role in ROLES
        )
        if not any(picture.role == "gallery" for picture in pictures):
            raise ValueError(f"the samples in {samples.folder} have no gallery")
        return SourceContents("shipped samples" if self._samples is None else "samples", pictures)

    @cached_property
    def _sample_path(self) -> Path:
        """Where the sample set's gallery is kept: named by checkpoint, the set's place and content.

        The gallery holds paths: a set that moved is another one.
        """
        folder = Path(self._samples or SAMPLE_FOLDER).resolve()
        content = hashlib.sha256(f"{self._spec.checkpoint} {folder}".encode())
        sums = folder / "SHA256SUMS"
        if sums.is_file():
            content.update(sums.read_bytes())
        else:
            for picture in self._sample_contents.pictures:
                if picture.path is None:
                    continue
                state = picture.path.stat()
                content.update(f"{picture.name} {state.st_size} {state.st_mtime_ns}".encode())
        return self.folder / f"{SAMPLE}-{content.hexdigest()[:32]}" / SAMPLE

    def _no_picture(self, name: str, picture: str) -> NoReturn:
        raise GalleryError(f"the gallery {name} has no picture {picture}")
