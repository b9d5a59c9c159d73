"""What an engine in this process answers about galleries."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from aonet_core.data.sources import Picture, Source
from aonet_core.engine.local.running import Running
from aonet_core.gallery.build import read_picture
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.occlusion import Progress
from aonet_core.results.gallery import (
    BuildReport,
    GalleryEntry,
    GalleryInfo,
    Matches,
    MatchOptions,
)
from aonet_core.results.landmarks import Embedded
from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.search.question import SearchQuery

Query = Image.Image | Embedded


class Search(Running):
    """Galleries and ranking; see `Engine`."""

    def galleries(self) -> list[GalleryEntry]:
        """List all galleries, "sample" first."""
        return self._registry.entries()

    def gallery_ready(self, name: str = "sample") -> bool:
        """Tell whether a gallery can be used without embedding it first."""
        return self._registry.ready(name)

    def gallery(self, name: str = "sample", progress: Progress | None = None) -> GalleryInfo:
        """Return what a gallery holds; see `Engine.gallery`."""
        return self._gallery(name, progress).info

    def open_gallery(self, name: str = "sample") -> Gallery:
        """Return a gallery itself, for searches that engines far away do not offer."""
        return self._gallery(name)

    def queries(self, name: str = "sample", progress: Progress | None = None) -> GalleryInfo:
        """Return the pictures that are kept to be searched for."""
        return self._with_pictures(name, progress).queries

    def picture(self, gallery: str, name: str) -> Image.Image:
        """Return a gallery picture or query in RGB."""
        return read_picture(self._with_pictures(gallery).image(name), name)

    def thumbnail(self, gallery: str, name: str, height: int = 160) -> bytes:
        """Return a gallery picture or query as a small JPEG file."""
        if height < 1:
            raise ValueError(f"height must be a number of pixels from 1 on, got {height}")
        image = self.picture(gallery, name)
        image.thumbnail((2 * height, height))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=88)
        return file.getvalue()

    def embedded_of(self, gallery: str, names: Sequence[str]) -> Embedded:
        """Return what stands for gallery pictures and queries."""
        return self._gallery(gallery).embedded(names)

    def build_gallery(
        self, name: str, source: Source, progress: Progress | None = None, dataset: str = "auto"
    ) -> BuildReport:
        """Add pictures to a gallery; see `Engine.build_gallery`."""
        return self._registry.build(name, source, progress, dataset)

    def replace_picture(
        self, gallery: str, name: str, data: bytes, pid: int = 0, camid: int = 0
    ) -> None:
        """Put a picture in the place of the one of the same name."""
        self._registry.replace(gallery, Picture(name, "gallery", pid, camid, content=data))

    def delete_pictures(self, gallery: str, names: Sequence[str]) -> None:
        """Take pictures or queries out of a gallery."""
        self._registry.delete_pictures(gallery, names)

    def delete_gallery(self, name: str) -> None:
        """Delete a gallery, usable or not."""
        self._registry.delete(name)

    def rank(
        self,
        image: Query,
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
        """Rank a gallery by its likeness to a picture; see `Engine.rank`."""
        options = options or MatchOptions(form, tuple(without))
        form, left_out = self._match(options)
        open_gallery = self._gallery(gallery, progress)
        return open_gallery.rank(
            self._one(image), form, top_k, skip, left_out, cameras, lowest, options.rerank
        )

    def shares(
        self, image: Query, gallery: str = "sample", options: MatchOptions | None = None
    ) -> np.ndarray:
        """Return every landmark's part (G, K) in the similarity to every picture."""
        form, left_out = self._match(options or MatchOptions())
        question = SearchQuery.of(self._one(image), form, left_out)
        return self._gallery(gallery).search.shares(question)

    def _match(self, options: MatchOptions) -> tuple[str, tuple[int, ...]]:
        """The form of a match, and the landmarks that it leaves out.

        Raises:
            ValueError: A landmark is unknown, none is left, or there are no such features.
        """
        config = self._model.config
        self._check_landmarks([*options.without, *options.only])
        taking_part = set(options.only or range(config.num_landmarks)) - set(options.without)
        if not taking_part:
            raise ValueError("a match needs at least one landmark, got none")
        left_out = tuple(k for k in range(config.num_landmarks) if k not in taking_part)
        if options.features == "retrieval":
            return options.form or config.similarity, left_out
        if config.attention and config.retrieval_features == "attended":
            raise ValueError(
                "this checkpoint retrieves by attended features: its galleries keep no features "
                "without the reference"
            )
        return "unweighted", left_out

    def _gallery(self, name: str, progress: Progress | None = None) -> Gallery:
        return self._registry.get(name, progress)

    def _with_pictures(self, name: str, progress: Progress | None = None) -> Gallery:
        """A gallery for its pictures' sake, which need not be embedded again for that."""
        ready = self._registry.ready(name)
        return (self._registry if ready else self._galleries).get(name, progress)

    def _embedding(self, pictures: Sequence[Image.Image] | Embedded) -> Embedding:
        return Embedding(*(pictures if isinstance(pictures, Embedded) else self.embed(pictures)))

    def _one(self, query: Query) -> Embedding:
        """A single picture's embedding."""
        embedding = self._embedding(query if isinstance(query, Embedded) else [query])
        if len(embedding) != 1:
            raise ValueError(f"expected the embedding of one picture, got {len(embedding)}")
        return embedding

    def _check_landmarks(self, landmarks: Sequence[int | None]) -> None:
        count = self._model.config.num_landmarks
        for landmark in landmarks:
            if landmark is not None and not 0 <= landmark < count:
                raise ValueError(f"landmarks are numbered 0 to {count - 1}, got {landmark}")
