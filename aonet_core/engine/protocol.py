"""What every engine can do, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from aonet_core.engine.atlas_protocol import AtlasEngine
from aonet_core.engine.failure_protocol import FailureEngine
from aonet_core.engine.gallery_protocol import GalleryEngine
from aonet_core.engine.projection_protocol import ProjectionEngine
from aonet_core.engine.types import Comparison, Embedded, EngineInfo, LandmarkAnalysis
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

if TYPE_CHECKING:
    from PIL import Image


class Engine(GalleryEngine, FailureEngine, AtlasEngine, ProjectionEngine, Protocol):
    """Safe to share between threads.

    Wherever a picture is asked for that is only compared with, its embedding does as well. Long
    work tells its `progress` between chunks; whatever that raises ends the work and passes through.
    """

    def info(self) -> EngineInfo:
        """Tell what runs behind it."""

    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures of any size and mode, one analysis each; none for none."""

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
