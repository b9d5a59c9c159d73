"""Landmark activation and the referenced response: Eqs. 2 to 4, and the pooling under a map."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class LandmarkActivation(nn.Module):
    """K trainable patterns compared with every pixel and with the remembered average (Sec. 3.2).

    A 1 x 1 convolution without bias whose weight is the matrix of landmark patterns.
    """

    def __init__(
        self,
        channels: int,
        num_landmarks: int,
        logits: str = "inner_product",
        temperature: float = 16.0,
    ) -> None:
        """Start the patterns as a 1 x 1 convolution would.

        Args:
            channels: C.
            num_landmarks: K.
            logits: "inner_product" (the paper), or "cosine" times `temperature`.
            temperature: Scale of cosine logits.
        """
        super().__init__()
        bound = 1.0 / math.sqrt(channels)
        self.patterns = nn.Parameter(torch.empty(num_landmarks, channels).uniform_(-bound, bound))
        self.cosine = logits == "cosine"
        self.temperature = temperature

    def forward(self, feature_map: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Compare patterns with pixels and with the memory.

        Args:
            feature_map: (B, C, H, W) float32.
            memory: (K, C) remembered average features, of unit features if logits are cosines.

        Returns:
            Landmark logits (B, K, H, W) and average logit (K,), float32.
        """
        pixels = functional.normalize(feature_map, dim=1) if self.cosine else feature_map
        logits = functional.conv2d(pixels, self._directions()[:, :, None, None])  # (B, K, H, W)
        return logits, self.average_logit(memory.detach())

    def average_logit(self, vectors: Tensor) -> Tensor:
        """Compare every pattern with its own remembered feature: (K, C) -> (K,)."""
        return (self._directions() * vectors).sum(dim=1)

    def _directions(self) -> Tensor:
        """What features are multiplied with, (K, C)."""
        if not self.cosine:
            return self.patterns
        return self.temperature * functional.normalize(self.patterns, dim=1)


def patterned(activation: nn.Module) -> LandmarkActivation:
    """An activation that has patterns.

    Raises:
        ValueError: It has none.
    """
    if not isinstance(activation, LandmarkActivation):
        raise ValueError(f"expected landmark patterns, got {type(activation).__name__}")
    return activation


class GlobalAverage(nn.Module):
    """The activation that sees every pixel alike: pooling under it is global average pooling."""

    def forward(self, feature_map: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of zero (B, 1, H, W) and an average logit (1,) of minus infinity.

        Without a reference the awareness is 1 and both maps are the same.
        """
        batch, _, height, width = feature_map.shape
        logits = feature_map.new_zeros(batch, 1, height, width)
        return logits, feature_map.new_full((1,), -math.inf)


def response_maps(landmark_logits: Tensor, average_logit: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise the responses without and with the average response (Eqs. 2, 3 and 4).

    The exponential of the paper overflows for real feature maps; softmaxes never form it.

    Args:
        landmark_logits: (B, K, H, W) float32.
        average_logit: (K,) float32.

    Returns:
        Response map and referenced response map, both (B, K, H, W), and the awareness (B, K) in
        [0, 1], the sum of the latter over the pixels.
    """
    batch, num_landmarks, height, width = landmark_logits.shape
    logits = landmark_logits.flatten(2)  # (B, K, P)
    average = average_logit[None, :, None].expand(batch, -1, 1)  # (B, K, 1)
    response = logits.softmax(dim=2)
    referenced = torch.cat([logits, average], dim=2).softmax(dim=2)[:, :, :-1]  # (B, K, P)
    awareness = torch.sigmoid(logits.logsumexp(dim=2) - average.squeeze(2))  # (B, K)
    shape = (batch, num_landmarks, height, width)
    return response.reshape(shape), referenced.reshape(shape), awareness


def pool(feature_map: Tensor, response_map: Tensor) -> Tensor:
    """Sum the pixels' features under each landmark's map: (B, C, H, W), (B, K, H, W) -> (B, K, C).

    With the response map this gives the SL features (Sec. 3.2), with the referenced one the OA
    features (Sec. 3.4). A map finer than the features is summed over the pixels that share one.
    """
    response_map = coarsen(response_map, feature_map.shape[2:])
    return response_map.flatten(2) @ feature_map.flatten(2).transpose(1, 2)


def coarsen(response_map: Tensor, size: Sequence[int]) -> Tensor:
    """Sum a map (..., H, W) over equal blocks to (..., h, w); its total stays.

    Raises:
        ValueError: H and W are no multiples of h and w.
    """
    height, width = response_map.shape[-2:]
    down, rest_down = divmod(height, size[0])
    across, rest_across = divmod(width, size[1])
    if rest_down or rest_across:
        raise ValueError(
            f"maps of {height} x {width} do not divide into features of {size[0]} x {size[1]}"
        )
    if down == across == 1:
        return response_map
    blocks = response_map.unflatten(-1, (size[1], across)).unflatten(-3, (size[0], down))
    return blocks.sum(dim=(-3, -1))
