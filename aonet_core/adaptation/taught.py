"""What a head learns from: a network's own answers, less what covers hide.

Letters: N pictures, K landmarks, H x W the landmark map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from aonet_core.adaptation.covers import Pasted
from aonet_core.model.aonet import AONet
from aonet_core.model.landmark_head import PARTS, ContextHead
from aonet_core.training.parts.loss import FOREGROUND, MARGIN
from aonet_core.types import Landmarks

PIXELS, AWARENESS, MAPS, ANYBODY = 2.0, 1.0, 1.0, 1.0
"""Weights of the four terms of the loss."""


@dataclass(frozen=True)
class Truth:
    """What is to be found in N pictures.

    Attributes:
        landmark: (N, 1 + K, H, W) chance that a pixel shows none of the landmarks, or each.
        anybody: (N, 8, H, W) chance that it shows background, each part, or the rest of anybody.
        maps: (N, K, H, W) referenced response maps.
        awareness: (N, K).
    """

    landmark: Tensor
    anybody: Tensor
    maps: Tensor
    awareness: Tensor

    def at(self, rows: Tensor) -> Truth:
        """The truth of some pictures."""
        return Truth(*(getattr(self, each.name)[rows] for each in fields(self)))

    def to(self, device: torch.device) -> Truth:
        """The same on a device."""
        return Truth(*(getattr(self, each.name).to(device) for each in fields(self)))

    def mirrored(self, which: Tensor) -> Truth:
        """The same after some of the pictures, (N,) bool, were mirrored."""
        flipped = which.view(-1, 1, 1, 1)
        landmark, anybody, maps = (
            torch.where(flipped, each.flip(3), each)
            for each in (self.landmark, self.anybody, self.maps)
        )
        return Truth(landmark, anybody, maps, self.awareness)


def joined(truths: Sequence[Truth]) -> Truth:
    """Put several sets of pictures into one."""
    return Truth(*(torch.cat([getattr(t, each.name) for t in truths]) for each in fields(Truth)))


@torch.inference_mode()
def answers(model: AONet, tapped: Tensor, batch: int = 64) -> Truth:
    """What a network finds in pictures, of which `tapped_features` were kept."""
    device = model.memory.vectors.device
    pieces = [_answer(*look(model, part.to(device).float())) for part in tapped.split(batch)]
    return Truth(*(torch.cat(column).cpu() for column in zip(*pieces, strict=True)))


def look(model: AONet, tapped: Tensor) -> tuple[Landmarks, Tensor]:
    """Landmarks, and logits (N, 8, H, W) of what every pixel shows, found on tapped features."""
    head = model.landmark_head
    if not isinstance(head, ContextHead):
        raise ValueError(f"expected a head that tells anybody's parts, got {type(head).__name__}")
    landmark_map, parts = head.both(model.landmark_norm(tapped))
    return model.find(landmark_map), parts


def _answer(landmarks: Landmarks, parts: Tensor) -> tuple[Tensor, ...]:
    chance = _log_chance(landmarks).exp()
    return chance, parts.softmax(dim=1), landmarks.referenced_response_map, landmarks.awareness


def _log_chance(landmarks: Landmarks) -> Tensor:
    """Log of the chance that a pixel shows no landmark, or each; the reference competes, too."""
    average = landmarks.average_logit[:, None, None]
    score = landmarks.landmark_logits - average + MARGIN  # (N, K, H, W)
    return torch.cat([torch.zeros_like(score[:, :1]), score], dim=1).log_softmax(dim=1)


def under_covers(clean: Truth, rows: Tensor, pasted: Sequence[Pasted]) -> Truth:
    """What is left to be found of pictures that something was pasted on.

    Args:
        clean: What there is without it, as the pictures are.
        rows: (M,) which of the pictures each cover was pasted on.
        pasted: The M covered pictures.
    """
    size = clean.maps.shape[2:]
    hidden = np.stack([each.hidden for each in pasted])  # (M, 256, 128)
    front = np.stack([each.front for each in pasted])
    groups = hidden[:, None] & (front[:, None] == np.arange(PARTS)[:, None, None])
    shares = torch.stack([_pooled(torch.from_numpy(each), size) for each in groups])
    free = 1 - shares.sum(dim=1, keepdim=True)  # (M, 1, H, W)
    whole = clean.at(rows).mirrored(torch.tensor([each.mirrored for each in pasted]))
    landmark = whole.landmark * free
    landmark[:, :1] += 1 - free
    maps = whole.maps * free
    left = maps.sum(dim=(2, 3)) / whole.maps.sum(dim=(2, 3)).clamp_min(1e-6)
    return Truth(landmark, whole.anybody * free + shares, maps, whole.awareness * left)


def _pooled(masks: Tensor, size: torch.Size) -> Tensor:
    return functional.adaptive_avg_pool2d(masks.float(), (size[0], size[1]))


def taught_loss(landmarks: Landmarks, parts: Tensor, truth: Truth) -> Tensor:
    """How far a head is from the truth: cross-entropies, and the L1 distance of the maps.

    Args:
        landmarks: Landmarks of a batch.
        parts: (N, 8, H, W) logits of what every pixel shows.
        truth: Of the same pictures.
    """
    importance = 1 + FOREGROUND * truth.landmark[:, 1:].sum(dim=1)  # (N, H, W)
    pixels = (-(truth.landmark * _log_chance(landmarks)).sum(dim=1) * importance).mean()
    awareness = functional.binary_cross_entropy(
        landmarks.awareness.clamp(1e-5, 1 - 1e-5), truth.awareness.clamp(0, 1)
    )
    maps = (landmarks.referenced_response_map - truth.maps).abs().sum(dim=(2, 3)).mean()
    importance = 1 + truth.anybody[:, 1:-1].sum(dim=1)
    anybody = (-(truth.anybody * parts.log_softmax(dim=1)).sum(dim=1) * importance).mean()
    return PIXELS * pixels + AWARENESS * awareness + MAPS * maps + ANYBODY * anybody
