"""What an engine answers: plain NumPy, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class EngineInfo:
    """What runs behind an engine.

    Attributes:
        checkpoint: Name of the checkpoint.
        digest: SHA-256 of its weights; identifies what results belong to.
        device: For example "cpu" or "NVIDIA H100".
        precision: Number format of the backbone; all else is float32.
        batch_norms_folded: Whether the backbone's convolutions hold its batch norms, for speed.
        preset: Named configuration that the network comes from.
        backbone: Convolutional network that makes the feature map.
        num_landmarks: K.
        image_size: Height and width that pictures are resized to, in pixels.
        map_size: Height and width of a response map.
        similarity: Form of the match that the checkpoint was chosen with.
        metrics: What was measured of the checkpoint, from its card.
        card: The whole card: configuration, data, command, seed, metrics, digest.
    """

    checkpoint: str
    digest: str
    device: str
    precision: str
    batch_norms_folded: bool
    preset: str
    backbone: str
    num_landmarks: int
    image_size: tuple[int, int]
    map_size: tuple[int, int]
    similarity: str
    metrics: dict
    card: dict


@dataclass(frozen=True)
class LandmarkAnalysis:
    """What the network sees in one picture; fields as in `AONetOutput`, without the batch axis.

    Attributes:
        feature_map: (C, H, W) backbone features.
        landmark_logits: (K, H, W) similarity of each pixel to each landmark pattern.
        average_logit: (K,) the same for the remembered average feature.
        response_map: (K, H, W) without the average-response reference; sums to 1 (Eq. 2).
        referenced_response_map: (K, H, W) with it; sums to the awareness (Eq. 3).
        awareness: (K,) how visible each landmark is, in [0, 1] (Eq. 4).
        weight: (K,) what weights the landmark in matching.
        sl_features: (K, C) features pooled under the response map.
        oa_features: (K, C) features pooled under the referenced response map.
        landmark_features: (K, C) those of the two that the network builds on.
        attended_features: (K, C) landmark features after self-attention.
        retrieval_features: (K, C) what stands for the picture in retrieval.
        milliseconds: Time the engine took, shared evenly by the pictures of one call.
    """

    feature_map: np.ndarray
    landmark_logits: np.ndarray
    average_logit: np.ndarray
    response_map: np.ndarray
    referenced_response_map: np.ndarray
    awareness: np.ndarray
    weight: np.ndarray
    sl_features: np.ndarray
    oa_features: np.ndarray
    landmark_features: np.ndarray
    attended_features: np.ndarray
    retrieval_features: np.ndarray
    milliseconds: float

    @property
    def best_logit(self) -> np.ndarray:
        """The largest landmark logit of the picture, (K,)."""
        return self.landmark_logits.max(axis=(1, 2))


class Embedded(NamedTuple):
    """What stands for N pictures in retrieval.

    Attributes:
        features: (N, K, C) retrieval features; only their direction matters.
        awareness: (N, K) weight of each landmark, in [0, 1].
    """

    features: np.ndarray
    awareness: np.ndarray


def embedded(analyses: Sequence[LandmarkAnalysis]) -> Embedded:
    """What stands for pictures that have been analysed, without running the network again.

    Raises:
        ValueError: There are none.
    """
    if not analyses:
        raise ValueError("embedding needs at least one picture, got none")
    return Embedded(
        np.stack([analysis.retrieval_features for analysis in analyses]),
        np.stack([analysis.weight for analysis in analyses]),
    )


@dataclass(frozen=True)
class Comparison:
    """How alike A pictures are to B others.

    Attributes:
        similarity: (A, B), higher is more alike.
        shares: (A, B, K) the part of each landmark; they sum to the similarity exactly.
        form: Form of the match.
    """

    similarity: np.ndarray
    shares: np.ndarray
    form: str
