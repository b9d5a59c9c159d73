"""What every engine can do, wherever it runs: the whole interface, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aonet_core.engine.machine_path import MachinePath
from aonet_core.occlusion import (
    Attribution,
    Counterfactual,
    Fill,
    Pictures,
    Progress,
    Sweep,
    SweepSpec,
    Target,
)
from aonet_core.results.adaptation import Adaptation
from aonet_core.results.atlas import Atlas
from aonet_core.results.cost import Cost
from aonet_core.results.evaluation import Evaluation
from aonet_core.results.gallery import BuildReport, GalleryEntry, GalleryInfo, Matches, MatchOptions
from aonet_core.results.landmarks import Comparison, Embedded, EngineInfo, LandmarkAnalysis
from aonet_core.results.model import ModelFacts, Network
from aonet_core.results.pair import Pair
from aonet_core.results.projection import Placed, Projection, ProjectionSpec
from aonet_core.results.queries import Queries

if TYPE_CHECKING:
    from PIL import Image


class Engine(Protocol):
    """Safe to share between threads.

    Wherever a picture is asked for that is only compared with, its embedding does as well. Long
    work tells its `progress` between chunks; whatever that raises ends the work and passes through.

    Galleries are named; "sample" is that of the shipped samples and is made when first needed.
    Whatever is wrong with a gallery is a `GalleryError`, which is a `ValueError`; a disk that is
    full or cannot be written is an `OSError`. Both tell it in a sentence.

    Causes, shares and tables of failures are computed from an `Evaluation` alone, without an
    engine. Of maps no fitted model leaves the engine, only arrays.

    All methods but `adapted` can be asked of an engine far away.
    """

    def info(self) -> EngineInfo:
        """Tell what runs behind it."""

    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures of any size and mode, one analysis each; none for none."""

    def adapt(
        self,
        pictures: Sequence[tuple[str, bytes]] = (),
        gallery: str | None = None,
        progress: Progress | None = None,
    ) -> Adaptation:
        """Fit the network's reference to unlabelled pictures of one whole person each.

        Nothing of it stays with the engine; of more than 2,000 pictures a part is looked at.

        Args:
            pictures: File names and bytes, where `gallery` is None.
            gallery: Name of a gallery whose pictures are taken.
            progress: Told of pictures done and their number.

        Raises:
            GalleryError: There is no such gallery, or it is damaged.
            ValueError: The pictures are too few, or the network has no landmarks.
        """

    def adapted(self, adaptation: Adaptation) -> Engine:
        """Return an engine with that network in the place of this one's.

        All of its galleries are embedded again when they are first needed, and `gallery_ready`
        tells so. Asks the engine nothing; one far away raises what is said here when it is asked.

        Raises:
            ValueError: The adaptation belongs to another checkpoint.
        """

    def embed(self, images: Sequence[Image.Image]) -> Embedded:
        """Return what stands for pictures in retrieval.

        Raises:
            ValueError: There are no pictures.
        """

    def compare(
        self,
        a: Sequence[Image.Image] | Embedded,
        b: Sequence[Image.Image] | Embedded,
        form: str | None = None,
    ) -> Comparison:
        """Compare every picture of one side, as queries, with every one of the other.

        Args:
            a: A pictures, or `embedded(analyses)`.
            b: B pictures.
            form: Form of the match; the checkpoint's own by default.

        Raises:
            ValueError: A side is empty, or the form is unknown.
        """

    def sweep(
        self,
        image: Image.Image,
        spec: SweepSpec,
        other: Image.Image | Embedded | None = None,
        maps: bool = False,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Sweep:
        """Hide one place after the other and tell what the network says each time.

        Args:
            image: The picture with nothing hidden.
            spec: Which places, filled with what.
            other: One more picture to compare with.
            maps: Return the response maps of every position too.
            pictures: Holds the picture that the filling names.
            progress: Told of positions done and their number.

        Raises:
            EditError: The places do not fit the picture, or the filling's picture is not there.
        """

    def attribute(
        self,
        image: Image.Image,
        target: Target,
        method: str = "occlusion",
        other: Image.Image | Embedded | None = None,
        fill: Fill | None = None,
        window: int = 2,
        seed: int = 0,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Attribution:
        """Map how much hiding each place lowers a target.

        Args:
            image: The picture.
            target: Awareness, similarity to `other`, or rank of a gallery picture.
            method: One of `METHODS`; a rank can only be measured by "occlusion".
            other: The picture that a similarity is to.
            fill: What hides; the picture's mean colour by default.
            window: Side of the hidden window in feature pixels; it moves by one of them.
            seed: Of noise and texture.
            pictures: Holds the picture that the filling names.
            progress: Told of network runs done and their number.

        Raises:
            EditError: Target, method, window and picture do not go together.
            ValueError: A landmark or a gallery picture is unknown.
        """

    def counterfactual(
        self,
        image: Image.Image,
        gallery: str = "sample",
        right: Sequence[str] = (),
        skip: Sequence[str] = (),
        fill: Fill | None = None,
        seed: int = 0,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Counterfactual:
        """Find the least that makes the right match fall from the first place.

        Args:
            image: The query.
            gallery: Where it is looked for.
            right: Gallery pictures that count as right, such as `SampleSet.right_matches`; by
                default all of the person who is first.
            skip: Gallery pictures to leave out, such as `SampleSet.junk`.
            fill: What hides; the picture's mean colour by default.
            seed: Of noise and texture.
            pictures: Holds the picture that the filling names.
            progress: Told of rectangles tried and how many there may be.

        Raises:
            ValueError: The gallery has no right or no wrong picture, or a name is unknown.
        """

    # Galleries

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

    # Query sets and single pairs

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

    # The space of embeddings

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

    # Landmarks, and the network itself

    def atlas(self, gallery: str = "sample", progress: Progress | None = None) -> Atlas:
        """Look at a gallery's pictures, and the queries kept with it, landmark by landmark.

        The result is kept on disk, by checkpoint and gallery. Of a large gallery a part is looked
        at, evenly spaced.

        Args:
            gallery: Which; that of the samples is made first if need be.
            progress: Told of pictures done and their number.

        Raises:
            GalleryError: There is no such gallery, or it cannot be used.
            ValueError: Not one of its pictures can be read.
        """

    def atlas_ready(self, gallery: str = "sample") -> bool:
        """Tell whether `atlas` would read what is kept.

        Raises:
            GalleryError: As in `atlas`.
        """

    def facts(self) -> ModelFacts:
        """Tell what the checkpoint holds: how alike its landmarks are, how it was trained."""

    def costs(self) -> tuple[Cost, ...]:
        """Count the network that runs, then the paper's on every backbone."""

    def networks(self) -> tuple[Network, ...]:
        """List the networks that can be opened by name, those that come with the project first."""
