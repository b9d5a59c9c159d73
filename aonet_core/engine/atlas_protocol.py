"""What every engine can tell of its landmarks and of itself, wherever it runs."""

from __future__ import annotations

from typing import Protocol

from aonet_core.analysis.atlas_types import Atlas
from aonet_core.analysis.cost_types import Cost
from aonet_core.engine.model_types import ModelFacts, Network
from aonet_core.occlusion import Progress


class AtlasEngine(Protocol):
    """The atlas looks at a whole gallery; all else takes seconds at most."""

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
