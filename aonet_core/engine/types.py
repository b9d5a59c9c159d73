"""What an engine is asked and what it answers: plain NumPy, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image


@dataclass(frozen=True)
class EngineInfo:
    """What runs behind an engine.

    Attributes:
        checkpoint: Name of the checkpoint.
        digest: SHA-256 of its weights; identifies what results belong to.
        device: For example "cpu" or "NVIDIA H100".
        precision: Number format of the backbone; all else is float32.
        preset, backbone: Of the network.
        num_landmarks: K.
        image_size: Height and width that pictures are resized to.
        map_size: Height and width of a response map.
        similarity: Form of the match that the checkpoint was chosen with.
        card: The checkpoint's card.
    """

    checkpoint: str
    digest: str
    device: str
    precision: str
    preset: str
    backbone: str
    num_landmarks: int
    image_size: tuple[int, int]
    map_size: tuple[int, int]
    similarity: str
    card: dict


@dataclass(frozen=True)
class LandmarkAnalysis:
    """What the network sees in one picture; fields as in `AONetOutput`, without the batch axis.

    Attributes:
        landmark_logits: (K, H, W) similarity of each pixel to each landmark pattern.
        average_logit: (K,) the same for the remembered average feature.
        response_map: (K, H, W) without the average-response reference; sums to 1 (Eq. 2).
        referenced_response_map: (K, H, W) with it; sums to the awareness (Eq. 3).
        awareness: (K,) how visible each landmark is, in [0, 1] (Eq. 4).
        weight: (K,) what weights the landmark in matching.
        retrieval_features: (K, C) what stands for the picture in retrieval.
        milliseconds: Time the engine took, shared evenly by the pictures of one call.
    """

    landmark_logits: np.ndarray
    average_logit: np.ndarray
    response_map: np.ndarray
    referenced_response_map: np.ndarray
    awareness: np.ndarray
    weight: np.ndarray
    retrieval_features: np.ndarray
    milliseconds: float

    @property
    def best_logit(self) -> np.ndarray:
        """The largest landmark logit of the picture, (K,)."""
        return self.landmark_logits.max(axis=(1, 2))


class Engine(Protocol):
    """What every engine can do."""

    def info(self) -> EngineInfo:
        """Tell what runs behind it."""

    def analyze(self, images: Sequence[Image.Image]) -> list[LandmarkAnalysis]:
        """Look at pictures of any size, one analysis each."""

    def embed(self, images: Sequence[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, K, C) and weights (N, K) that stand for pictures in retrieval."""
