"""What every engine can tell of whole query sets and single pairs, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from aonet_core.analysis.evaluated import Evaluation
from aonet_core.analysis.pair_types import Pair
from aonet_core.engine.failure_types import Queries
from aonet_core.engine.gallery_types import MatchOptions
from aonet_core.engine.marks import MachinePath
from aonet_core.engine.types import Embedded
from aonet_core.occlusion import Progress

if TYPE_CHECKING:
    from PIL import Image


class FailureEngine(Protocol):
    """Causes, shares and tables are computed from an `Evaluation` alone, without an engine."""

    def evaluate(
        self,
        gallery: str = "sample",
        queries: MachinePath | Queries | None = None,
        options: MatchOptions | None = None,
        progress: Progress | None = None,
    ) -> Evaluation:
        """Search a gallery for every query of a set.

        The result is kept on disk, by checkpoint, gallery, queries and options; that of uploaded
        pictures is not.

        Args:
            gallery: Where to search; that of the samples is made first if need be.
            queries: A data set's folder, whose query split is taken, or uploaded pictures; by
                default the queries that are kept with the gallery.
            options: What there is to say of the match.
            progress: Told of what is done and the total.

        Raises:
            GalleryError: As in `gallery`.
            FileNotFoundError: There is no such folder.
            ValueError: There are no queries, one cannot be read, or the options do not fit.
        """

    def evaluation_ready(
        self,
        gallery: str = "sample",
        queries: MachinePath | Queries | None = None,
        options: MatchOptions | None = None,
    ) -> bool:
        """Tell whether `evaluate` would read what is kept.

        Raises:
            GalleryError, FileNotFoundError, ValueError: As in `evaluate`.
        """

    def pair(
        self,
        image: Image.Image | Embedded,
        match: str,
        gallery: str = "sample",
        pid: int = 0,
        camid: int = 0,
        skip: Sequence[str] = (),
        options: MatchOptions | None = None,
    ) -> Pair:
        """Take a query and a gallery picture apart, landmark by landmark.

        Pictures of the query's identity by its own camera do not count, nor the query itself.

        Args:
            image: The query.
            match: Name of the gallery picture.
            gallery: Where it is ranked.
            pid: Identity of the query, which tells right from wrong; 0 where unknown.
            camid: Camera of the query; 0 where unknown.
            skip: More gallery pictures that do not count.
            options: What there is to say of the match; ranks are those before any re-ranking.

        Raises:
            ValueError: A name, landmark or form is unknown.
        """

    def query_picture(
        self, name: str, gallery: str = "sample", queries: MachinePath | Queries | None = None
    ) -> Image.Image:
        """Return the picture of a query in RGB.

        Args:
            name: As in `Evaluation.names`.
            gallery: As in `evaluate`.
            queries: As in `evaluate`.

        Raises:
            ValueError: There is none of that name, or it cannot be read.
        """
