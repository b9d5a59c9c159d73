"""The network as a whole; `forward` reads like the paper."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from aonet_core.model.attention import LandmarkAttention
from aonet_core.model.backbone import TappedStages, build_backbone
from aonet_core.model.classifier import CLASSIFIERS
from aonet_core.model.config import AONetConfig
from aonet_core.model.joints import GivenLogits, JointMaps
from aonet_core.model.landmark_head import landmark_head
from aonet_core.model.landmark_trunk import ForkedStages
from aonet_core.model.landmarks import (
    GlobalAverage,
    LandmarkActivation,
    pool,
    response_maps,
)
from aonet_core.model.memory import LandmarkMemory
from aonet_core.types import AONetOutput, Landmarks


class AONet(nn.Module):
    """Attentional occlusion-aware network (Gao et al.), or one of its ablations.

    Attributes:
        config: What it was built from.
        memory: Remembered average features; the training step updates it, `forward` never does.
    """

    def __init__(self, config: AONetConfig) -> None:
        """Build the network with random weights and an empty memory."""
        super().__init__()
        self.config = config
        stages, channels = build_backbone(config.backbone, config.stride_one_stage)
        self.backbone: nn.Module = stages
        self.feature_norm = self._norm(channels)
        landmark_channels = channels
        if config.landmark_stage != "last":
            kind = TappedStages if config.landmark_stage == "middle" else ForkedStages
            tapped = kind(stages, config.backbone)
            self.backbone, landmark_channels = tapped, tapped.tapped_channels
            by_image = config.feature_norm and config.landmark_norm == "instance"
            norm = nn.InstanceNorm2d if by_image else self._norm
            self.landmark_norm = norm(landmark_channels)
        if config.landmark_head:
            self.landmark_head = landmark_head(
                landmark_channels, config.landmark_head, config.landmark_context
            )
            landmark_channels = config.landmark_head
        if config.landmark_features == "pose":
            self.joints, landmark_channels = JointMaps(), config.num_landmarks
        self.activation = self._activation(landmark_channels)
        self.memory = LandmarkMemory(
            landmark_channels,
            config.num_landmarks,
            momentum=config.memory_momentum,
            weighting=config.memory_weighting,
            unit_features=config.logits == "cosine",
        )
        self.attention = LandmarkAttention(channels) if config.attention else nn.Identity()
        self.classifier = CLASSIFIERS[config.classifier](
            channels, config.num_landmarks, config.num_ids
        )

    def forward(self, images: Tensor) -> AONetOutput:
        """Find the landmarks of a batch and score how visible each one is.

        Args:
            images: (B, 3, H, W), normalised by the ImageNet mean and deviation; H and W are
                usually those of the configuration.

        Raises:
            ValueError: `images` is not of that shape.
        """
        return self.landmarks(*self.maps(images))

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """What features are pooled from, and what landmarks are found in: (B, C, H, W), float32.

        The two are the same unless landmarks are found at an earlier stage. Arguments and errors
        are those of `forward`.
        """
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be (B, 3, H, W), got {tuple(images.shape)}")
        if self.config.landmark_features == "pose":
            return self._posed(images)
        tapped = self.config.landmark_stage != "last"
        features, *earlier = self.backbone(images) if tapped else (self.backbone(images),)
        with torch.autocast(images.device.type, enabled=False):
            feature_map = self.feature_norm(features.float())
            return feature_map, self.prepare(earlier[0].float()) if earlier else feature_map

    def landmarks(self, feature_map: Tensor, landmark_map: Tensor) -> AONetOutput:
        """All that comes after the backbone; it runs in float32, also under autocast.

        Args:
            feature_map: (B, C, H, W), as `maps` gives it.
            landmark_map: The same, of the stage where landmarks are found.
        """
        with torch.autocast(feature_map.device.type, enabled=False):
            landmarks = self.find(landmark_map)
            sl_features = pool(feature_map, self._held(landmarks.response_map))  # (B, K, C)
            oa_map = self._held(landmarks.referenced_response_map)
            oa_features = pool(feature_map, oa_map)  # (B, K, C)
            if not self.config.oa_scale_gradient:  # the same values
                oa_features = sl_features * landmarks.awareness.detach()[:, :, None]
            landmark_features = (
                oa_features if self.config.landmark_features == "oa" else sl_features
            )
            attended = self.attention(landmark_features)  # (B, K, C)
        return AONetOutput(
            feature_map=feature_map,
            **landmarks._asdict(),
            weight=self._weight(landmarks.response_map, landmarks.awareness),
            sl_features=sl_features,
            oa_features=oa_features,
            landmark_features=landmark_features,
            attended_features=attended,
            retrieval_features=(
                attended if self.config.retrieval_features == "attended" else oa_features
            ),
        )

    def prepare(self, features: Tensor) -> Tensor:
        """Normalise what an earlier stage sees, (B, C, H, W), and take it through the head."""
        features = self.landmark_norm(features)
        return self.landmark_head(features) if self.config.landmark_head else features

    def find(self, landmark_map: Tensor) -> Landmarks:
        """Compare features with every landmark and with the memory (Eqs. 2 to 4).

        Args:
            landmark_map: (B, C, H, W), as `maps` gives it.
        """
        logits, average_logit = self.activation(landmark_map, self.memory.vectors)
        return Landmarks(landmark_map, logits, average_logit, *response_maps(logits, average_logit))

    def classify(self, features: Tensor) -> Tensor:
        """Identity logits of landmark features: (B, K, C) -> (B, K, N). Training only (Eq. 5)."""
        return self.classifier(features)

    def _posed(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The feature map, and logits of landmarks where a pose model finds their joints."""
        features = self.backbone(images)
        with torch.autocast(images.device.type, enabled=False):
            feature_map = self.feature_norm(features.float())
            return feature_map, self.joints(images, feature_map.shape[2:])

    def _activation(self, channels: int) -> nn.Module:
        """What gives landmark logits, by the configuration."""
        config = self.config
        if config.landmark_features in ("gap", "pose"):
            return GlobalAverage() if config.landmark_features == "gap" else GivenLogits()
        return LandmarkActivation(channels, config.num_landmarks, config.logits, config.temperature)

    def _norm(self, channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels, affine=False) if self.config.feature_norm else nn.Identity()

    def _held(self, maps: Tensor) -> Tensor:
        """The same maps, with only a share of the gradient of what is pooled under them."""
        share = self.config.map_gradient
        return maps if share == 1.0 else torch.lerp(maps.detach(), maps, share)

    def _weight(self, response_map: Tensor, awareness: Tensor) -> Tensor:
        """What weights each landmark in loss and similarity, (B, K)."""
        weight = {
            "one": torch.ones_like(awareness),
            "max_response": response_map.amax(dim=(2, 3)),
            "awareness": awareness,
        }[self.config.weight]
        return weight if self.config.awareness_gradient else weight.detach()
