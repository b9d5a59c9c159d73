"""What the landmark patterns are compared with, kept so that the backbone runs once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aonet_core.data.transforms import normalise
from aonet_core.model.aonet import AONet
from aonet_core.model.landmarks import response_maps
from aonet_core.model.precision import AT_A_TIME, autocast

BATCH = 32


def landmark_norm(model: AONet) -> nn.Module:
    """The module that centres the features landmarks are found on; it may do nothing."""
    return getattr(model, "landmark_norm", model.feature_norm)


def tapped_features(
    model: AONet, pixels: Tensor, progress: Callable[[int, int], None] | None = None
) -> Tensor:
    """Features of pictures as they come to `landmark_norm`.

    Args:
        model: The network, in evaluation mode.
        pixels: (N, 3, H, W) uint8 of the network's input size.
        progress: Told of pictures done and their number.

    Returns:
        (N, C, h, w) float16 on the processor.
    """
    caught: list[Tensor] = []
    device = next(model.parameters()).device
    step = AT_A_TIME if device.type == "cpu" else BATCH
    model = model.to(memory_format=torch.channels_last)
    hook = landmark_norm(model).register_forward_pre_hook(
        lambda _, inputs: caught.append(inputs[0].to("cpu", torch.float16))
    )
    try:
        for start in range(0, len(pixels), step):
            images = normalise(pixels[start : start + step]).to(device)
            with torch.inference_mode(), autocast(device.type):
                model(images.contiguous(memory_format=torch.channels_last))
            if progress:
                progress(min(start + step, len(pixels)), len(pixels))
    finally:
        hook.remove()
    return torch.cat(caught)


@dataclass(frozen=True)
class Landmarks:
    """Where a network finds its landmarks in N pictures, and how sure it is.

    Attributes:
        best_logit: (N, K) the largest landmark logit.
        peak: (N, K, C) the feature there, of unit length where logits are cosines.
        awareness: (N, K).
    """

    best_logit: Tensor
    peak: Tensor
    awareness: Tensor


@torch.inference_mode()
def find_landmarks(model: AONet, tapped: Tensor, batch: int = 64) -> Landmarks:
    """Find the landmarks on features that `tapped_features` kept.

    Args:
        model: The network, in evaluation mode, with the norm and memory to look with.
        tapped: (N, C, h, w).
        batch: Pictures at a time.
    """
    device = model.memory.vectors.device
    parts = [_find(model, part.to(device).float()) for part in tapped.split(batch)]
    return Landmarks(*(torch.cat(column).cpu() for column in zip(*parts, strict=True)))


def _find(model: AONet, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    landmark_map = landmark_norm(model)(features)
    landmark_map = getattr(model, "landmark_head", nn.Identity())(landmark_map)
    logits, average = model.activation(landmark_map, model.memory.vectors)  # (B, K, H, W)
    best, place = logits.flatten(2).max(dim=2)  # (B, K)
    features = landmark_map.flatten(2).transpose(1, 2)  # (B, P, C)
    if model.memory.unit_features:
        features = nn.functional.normalize(features, dim=2)
    peak = features.gather(1, place[:, :, None].expand(-1, -1, features.shape[2]))
    return best, peak, response_maps(logits, average)[2]


@torch.inference_mode()
def statistics(tapped: Tensor, batch: int = 64) -> tuple[Tensor, Tensor]:
    """Mean and variance of every channel over all pixels of all pictures: (C,), (C,) float32."""
    count = tapped.numel() // tapped.shape[1]
    total = sum(part.double().sum(dim=(0, 2, 3)) for part in tapped.split(batch))
    mean = total / count
    squares = sum(
        (part.double() - mean[:, None, None]).square().sum(dim=(0, 2, 3))
        for part in tapped.split(batch)
    )
    return mean.float(), (squares / count).float()
