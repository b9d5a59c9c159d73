"""What every engine can tell of the space of embeddings, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aonet_core.analysis.projection_types import Placed, Projection, ProjectionSpec
from aonet_core.engine.types import Embedded
from aonet_core.occlusion import Progress

if TYPE_CHECKING:
    from PIL import Image


class ProjectionEngine(Protocol):
    """Maps of a gallery's embeddings. No fitted model leaves the engine, only arrays."""

    def project(
        self,
        gallery: str = "sample",
        spec: ProjectionSpec | None = None,
        progress: Progress | None = None,
    ) -> Projection:
        """Lay a gallery's embeddings out in two or three dimensions.

        The result is kept on disk, by checkpoint, pictures of the gallery and spec; the average
        precision of its queries is filled in wherever they have been evaluated since.

        Args:
            gallery: Which; that of the samples is made first if need be.
            spec: How; the defaults by default.
            progress: Told of percent done of 100; `stage_at` names what is being done.

        Raises:
            GalleryError: As in `gallery`.
            ValueError: The gallery is empty.
        """

    def projection_ready(self, gallery: str = "sample", spec: ProjectionSpec | None = None) -> bool:
        """Tell whether `project` would read what is kept.

        Raises:
            GalleryError: As in `project`.
        """

    def place(
        self,
        images: Sequence[Image.Image] | Embedded,
        gallery: str = "sample",
        spec: ProjectionSpec | None = None,
    ) -> Placed:
        """Place new pictures in a map by UMAP's transform; its own points stay where they are.

        The map is made first if need be.

        Raises:
            GalleryError: As in `project`.
            ValueError: There are no pictures, or the map was not made by UMAP.
        """

    def peaks(self, gallery: str, names: Sequence[str]) -> np.ndarray:
        """Where each landmark's response is largest in pictures of a gallery.

        Args:
            gallery: Its name.
            names: B pictures or queries.

        Returns:
            (B, K, 2) float32, x from the left and y from the top, as shares of width and height:
            centres of pixels of the response map.

        Raises:
            GalleryError: A picture is not there or cannot be read.
        """
