"""What the parts of an engine in this process share: the network, its galleries, how it is run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.analysis.occlusion.attribution import Attributor
from aonet_core.gallery.adapted import AdaptedGalleries
from aonet_core.gallery.records import EmbeddingSpec
from aonet_core.gallery.registry import GalleryRegistry
from aonet_core.model.aonet import AONet
from aonet_core.results.landmarks import Embedded, LandmarkAnalysis
from aonet_core.types import AONetOutput


class Running(ABC):
    """Set up by `LocalEngine`; the parts ask it to look at pictures."""

    _model: AONet
    _card: dict
    _name: str
    _checkpoint: str | Path
    _device: str
    _map_size: tuple[int, int]
    _explainer: Attributor
    _galleries: GalleryRegistry
    _registry: GalleryRegistry | AdaptedGalleries
    spec: EmbeddingSpec
    _samples: Path | None
    _links: bool
    _answers: Path | None = None
    """Where answers are kept; None for the usual folder."""

    @abstractmethod
    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures; see `Engine.analyze`."""

    @abstractmethod
    def embed(self, images: Sequence[Image.Image]) -> Embedded:
        """Return what stands for pictures in retrieval; see `Engine.embed`."""

    @abstractmethod
    def _forget(self) -> None:
        """Forget what was worked out with another network."""

    @abstractmethod
    def _look(self, pixels: np.ndarray) -> AONetOutput:
        """Run the network on pictures (B, H, W, 3) uint8 of its input size."""
