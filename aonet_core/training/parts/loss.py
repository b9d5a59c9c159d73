"""The loss of landmarks that learn from part masks: where each part is seen, and how much of it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from aonet_core.types import AONetOutput, Landmarks

MARGIN = 4.0
"""How far above background a pixel of the average response lies, in logits."""
FOREGROUND = 2.0
"""How much more a pixel of a part counts than one of the background."""
SEEN_WHOLE = 0.9
"""Awareness of a part that is seen whole; what remains below 1 tells better from worse views."""
PIXELS, AWARENESS, MAPS = 2.0, 1.0, 1.0
"""Weights of the three terms."""


def part_loss(output: Landmarks | AONetOutput, cover: Tensor, visible: Tensor) -> dict[str, Tensor]:
    """Compare landmarks with the truth of a rendered picture.

    Landmark k stands for part k. With s_k(p) = logit_k(p) - average logit_k + `MARGIN`:

    - `pixels`: cross-entropy of every pixel's softmax over (0, s_1 .. s_K), in which the reference
      is the background class that all landmarks compete with;
    - `awareness`: Kullback-Leibler divergence of awareness from `SEEN_WHOLE` times the share seen;
    - `maps`: L1 distance of the referenced response map from that awareness, spread evenly over
      where the part is seen.

    Args:
        output: Of the network for B pictures.
        cover: (B, K + 2, H, W) share of each landmark pixel that is background, each part, or the
            rest of the person.
        visible: (B, K) share seen of every part; nan leaves the landmark out.

    Returns:
        The weighted terms; their sum is the loss.

    Raises:
        ValueError: The shapes do not belong together.
    """
    logits = output.landmark_logits
    batch, landmarks, height, width = logits.shape
    expected = (batch, landmarks + 2, height, width)
    if tuple(cover.shape) != expected or tuple(visible.shape) != expected[:1] + (landmarks,):
        raise ValueError(
            f"cover must be {expected} and visible {(batch, landmarks)}, got "
            f"{tuple(cover.shape)} and {tuple(visible.shape)}"
        )
    street, part, rest = cover[:, 0], cover[:, 1:-1], cover[:, -1]
    score = logits - output.average_logit[:, None, None] + MARGIN  # (B, K, H, W)
    chance = torch.cat([torch.zeros_like(score[:, :1]), score], dim=1).log_softmax(dim=1)
    target = torch.cat([(street + rest)[:, None], part], dim=1)
    importance = 1 + FOREGROUND * part.sum(dim=1) - 0.5 * rest  # (B, H, W)
    pixels = (-(target * chance).sum(dim=1) * importance).mean()

    known = ~visible.isnan()
    goal = SEEN_WHOLE * visible.nan_to_num()  # (B, K)
    got = output.awareness.clamp(1e-5, 1 - 1e-5)
    divergence = functional.binary_cross_entropy(got, goal, reduction="none") + (
        torch.special.xlogy(goal, goal) + torch.special.xlogy(1 - goal, 1 - goal)
    )
    place = part / part.sum(dim=(2, 3), keepdim=True).clamp_min(1e-6)
    spread = place * goal[:, :, None, None]
    distance = (output.referenced_response_map - spread).abs().sum(dim=(2, 3))
    count = known.sum().clamp_min(1)
    return {
        "pixels": PIXELS * pixels,
        "awareness": AWARENESS * (divergence * known).sum() / count,
        "maps": MAPS * (distance * known).sum() / count,
    }


def own_and_anybody(cover: Tensor) -> tuple[Tensor, Tensor]:
    """Tell the person's parts from everything else, and anybody's from what is nobody's.

    Args:
        cover: (B, 2 K + 3, H, W) share of each landmark pixel that is background, each part and the
            rest of the person, each part and the rest of anybody else.

    Returns:
        (B, K + 2, H, W) twice: background, parts and rest, with the others' among the background,
        and with the others' among the parts and the rest.
    """
    classes = (cover.shape[1] + 1) // 2
    street, own, others = cover.split([1, classes - 1, classes - 1], dim=1)
    everything_else = street + others.sum(dim=1, keepdim=True)
    return torch.cat([everything_else, own], dim=1), torch.cat([street, own + others], dim=1)


def anybody_loss(parts: Tensor, cover: Tensor) -> Tensor:
    """Cross-entropy of what every pixel shows, whoever it belongs to.

    Args:
        parts: (B, K + 2, H, W) logits of background, each part and the rest of anybody.
        cover: The same shares as they are.

    Raises:
        ValueError: The shapes differ.
    """
    if parts.shape != cover.shape:
        raise ValueError(f"cover must be {tuple(parts.shape)}, got {tuple(cover.shape)}")
    importance = 1 + cover[:, 1:-1].sum(dim=1)
    return (-(cover * parts.log_softmax(dim=1)).sum(dim=1) * importance).mean()
