"""Self-attention between the landmarks of one image."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LandmarkAttention(nn.Module):
    """Lets every landmark's feature gather from the others', as a gated residual.

    Query and key have C / 8 channels, the value C; the gate starts at zero, so that an untrained
    network passes its landmark features through.
    """

    def __init__(self, channels: int) -> None:
        """Build the projections for features of `channels` C."""
        super().__init__()
        self.query = nn.Linear(channels, channels // 8, bias=False)
        self.key = nn.Linear(channels, channels // 8, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, features: Tensor) -> Tensor:
        """Attend over K: (B, K, C) -> (B, K, C)."""
        scores = self.query(features) @ self.key(features).transpose(1, 2)  # (B, K, K)
        attention = (scores / math.sqrt(self.query.out_features)).softmax(dim=2)
        return features + self.gate * (attention @ self.value(features))
