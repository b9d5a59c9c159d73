"""What every engine can do, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from aonet_core.engine.types import Embedded, EngineInfo, LandmarkAnalysis

if TYPE_CHECKING:
    from PIL import Image


class Engine(Protocol):
    """Safe to share between threads."""

    def info(self) -> EngineInfo:
        """Tell what runs behind it."""

    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures of any size and mode, one analysis each; none for none."""

    def embed(self, images: Sequence[Image.Image]) -> Embedded:
        """Return what stands for pictures in retrieval.

        Raises:
            ValueError: There are no pictures.
        """
