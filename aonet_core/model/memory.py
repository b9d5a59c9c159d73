"""The memorised dictionary: the average feature of every landmark (Eq. 1)."""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional


class LandmarkMemory(nn.Module):
    """Momentum average, over the training images, of the feature at each landmark's peak.

    Attributes:
        vectors: (K, C) buffer m_k, zero until the first update, saved with the checkpoint.
    """

    vectors: Tensor

    def __init__(
        self,
        channels: int,
        num_landmarks: int,
        momentum: float = 0.9,
        weighting: str = "uniform",
        unit_features: bool = False,
    ) -> None:
        """Start empty.

        Args:
            channels: C.
            num_landmarks: K.
            momentum: Alpha of Eq. 1, the share of the old value kept.
            weighting: Mean over the batch "uniform" (Eq. 1 as printed) or weighted by
                "awareness" (the abstract's wording).
            unit_features: Remember features of unit length, for cosine logits.
        """
        super().__init__()
        self.momentum = momentum
        self.weighting = weighting
        self.unit_features = unit_features
        self.register_buffer("vectors", torch.zeros(num_landmarks, channels))

    @torch.no_grad()
    def update(
        self, feature_map: Tensor, referenced_response_map: Tensor, visible: Tensor | None = None
    ) -> None:
        """Move every m_k towards the mean feature at its peak in this batch (Eq. 1).

        Called once per training step, after the forward pass. Tied peaks share the image's vote.
        In data-parallel training the mean runs over the images of all ranks.

        Args:
            feature_map: (B, C, H, W), what the patterns are compared with: the feature map or,
                where landmarks are found at a middle stage, `AONetOutput.landmark_map`.
            referenced_response_map: (B, K, H, W).
            visible: (B, K) bool, which images may teach which landmark, where that is known; a
                landmark that none may teach keeps its memory. None: all of them.

        Raises:
            ValueError: The memory remembers features of another width.
        """
        if feature_map.shape[1] != self.vectors.shape[1]:
            raise ValueError(
                f"the memory remembers features of {self.vectors.shape[1]} channels, got "
                f"{feature_map.shape[1]}: pass the output's landmark_map"
            )
        features = feature_map.float().flatten(2)  # (B, C, P)
        if self.unit_features:
            features = functional.normalize(features, dim=1)
        response = referenced_response_map.float().flatten(2)  # (B, K, P)
        peak = response == response.amax(dim=2, keepdim=True)
        peak = peak / peak.sum(dim=2, keepdim=True)
        vote = response.sum(dim=2) if self.weighting == "awareness" else peak.sum(dim=2)  # (B, K)
        if visible is not None:
            vote = vote * visible
        total = torch.einsum("bk,bkp,bcp->kc", vote, peak, features)  # (K, C)
        votes = vote.sum(dim=0)  # (K,)
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(total)
            distributed.all_reduce(votes)
        mean = total / votes.clamp_min(torch.finfo(votes.dtype).tiny)[:, None]
        step = (1.0 - self.momentum) * (votes > 0)[:, None]
        self.vectors.lerp_(mean, step)
