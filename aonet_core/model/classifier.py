"""Identity classifiers on landmark features, used by the training loss alone (Eq. 5)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SharedClassifier(nn.Linear):
    """One classifier for all landmarks, before and after attention: (B, K, C) -> (B, K, N)."""

    def __init__(self, channels: int, num_landmarks: int, num_ids: int) -> None:
        """Build an unbiased linear layer from C to N; the number of landmarks plays no part."""
        super().__init__(channels, num_ids, bias=False)
        nn.init.normal_(self.weight, std=0.001)


class LandmarkClassifiers(nn.Module):
    """One classifier per landmark, which lets landmarks differ: (B, K, C) -> (B, K, N)."""

    def __init__(self, channels: int, num_landmarks: int, num_ids: int) -> None:
        """Build K unbiased linear layers from C to N."""
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_landmarks, num_ids, channels))
        nn.init.normal_(self.weight, std=0.001)

    def forward(self, features: Tensor) -> Tensor:
        """Classify every landmark by its own weights."""
        return (features.transpose(0, 1) @ self.weight.transpose(1, 2)).transpose(0, 1)


CLASSIFIERS = {"shared": SharedClassifier, "per_landmark": LandmarkClassifiers}
