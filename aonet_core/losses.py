"""Training losses: Eqs. 5 and 6, position regularisation, and agreement under pasted occluders.

Each returns one number for a batch, in float32 also where its inputs have less precision.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from aonet_core.types import AONetOutput

AWARENESS_TERM = 2.0
"""How much the awareness counts beside the maps in `consistency_loss`."""


def landmark_cross_entropy(
    logits: Tensor, labels: Tensor, weight: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Classify every landmark, weighted by how visible it is: one of the two sums of Eq. 5.

    The mean over images of (1 / K) * sum_k weight_k * cross-entropy_k.

    Args:
        logits: (B, K, N) identity logits of each landmark's feature.
        labels: (B,) training classes in 0..N-1.
        weight: (B, K) weight of each landmark, as in `AONetOutput.weight`.
        smoothing: Share of the target that is spread over all classes; 0 in the paper.

    Raises:
        ValueError: The three shapes do not belong together.
    """
    if logits.ndim != 3 or labels.shape != logits.shape[:1] or weight.shape != logits.shape[:2]:
        raise ValueError(
            "logits must be (B, K, N), labels (B,) and weight (B, K), got "
            f"{tuple(logits.shape)}, {tuple(labels.shape)} and {tuple(weight.shape)}"
        )
    targets = labels[:, None].expand(weight.shape)  # (B, K)
    entropy = functional.cross_entropy(
        logits.float().transpose(1, 2), targets, reduction="none", label_smoothing=smoothing
    )  # (B, K)
    return (weight * entropy).mean()


def orthogonal_loss(features: Tensor, eps: float = 1e-6) -> Tensor:
    """Push the landmark features of an image apart (Eq. 6).

    The mean over images of -(1 / K^2) * sum_{i<j} log(1 - max(0, cos(f_i, f_j)) + eps). The cosine
    is not clamped below 1: that would take the gradient away exactly where landmarks coincide.

    Args:
        features: (B, K, C) landmark features before self-attention.
        eps: Keeps the logarithm finite where two features coincide.

    Raises:
        ValueError: `features` is not of that shape.
    """
    if features.ndim != 3:
        raise ValueError(f"features must be (B, K, C), got {tuple(features.shape)}")
    num_landmarks = features.shape[1]
    unit = functional.normalize(features.float(), dim=2)
    with torch.autocast(features.device.type, enabled=False):
        cosine = unit @ unit.transpose(1, 2)  # (B, K, K)
    first, second = torch.triu_indices(num_landmarks, num_landmarks, offset=1)
    # Rounding may bring a cosine to 1 + 1e-7: without the minimum the logarithm's argument would
    # be smaller than eps. It takes the value only, the gradient passes as if it were not there.
    similar = cosine[:, first, second].relu()
    similar = similar - (similar - 1.0).relu().detach()
    return -(1.0 - similar + eps).log().sum(dim=1).mean() / num_landmarks**2


def position_loss(response_map: Tensor) -> Tensor:
    """Push the response maps of an image to distinct positions, after Comparator Networks.

    Our reading of their diversity regularisation: each map is a distribution over pixels, and what
    the K maps cover together, sum_p max_k R_k(p), is K where none overlap and 1 where all are the
    same. The loss is the mean over images of 1 - covered / K, in [0, 1 - 1/K].

    Args:
        response_map: (B, K, H, W), each map summing to 1 over the pixels (Eq. 2).

    Raises:
        ValueError: `response_map` is not of that shape.
    """
    if response_map.ndim != 4:
        raise ValueError(f"response_map must be (B, K, H, W), got {tuple(response_map.shape)}")
    covered = response_map.float().amax(dim=1).sum(dim=(1, 2))  # (B,)
    return (1.0 - covered / response_map.shape[1]).mean()


def band_loss(response_map: Tensor) -> Tensor:
    """Keep every landmark within a horizontal band of its own, and near the vertical axis.

    People stand upright in the middle of a detector's box and fill it from top to bottom. The
    picture is cut into K bands of equal height. What a response map holds within its band, a
    quarter of a band beyond, and the middle half of the width, costs nothing; what lies farther
    away costs its distance, in heights and widths of the picture. The mean over images and
    landmarks. A soft form of the stripes of PCB (Sun et al., "Beyond part models", 2018); not in
    the paper.

    Args:
        response_map: (B, K, H, W), each map summing to 1 over the pixels (Eq. 2).

    Raises:
        ValueError: `response_map` is not of that shape.
    """
    if response_map.ndim != 4:
        raise ValueError(f"response_map must be (B, K, H, W), got {tuple(response_map.shape)}")
    _, landmarks, height, width = response_map.shape
    device = response_map.device
    rows = (torch.arange(height, device=device) + 0.5) / height
    columns = (torch.arange(width, device=device) + 0.5) / width
    centres = (torch.arange(landmarks, device=device) + 0.5) / landmarks
    down = ((rows[None, :] - centres[:, None]).abs() - 0.75 / landmarks).relu()  # (K, H)
    across = ((columns - 0.5).abs() - 0.25).relu()  # (W,)
    distance = down[:, :, None] + across  # (K, H, W)
    return (response_map * distance).sum(dim=(2, 3)).mean()


def match_loss(
    features: Tensor, weight: Tensor, labels: Tensor, picture: Tensor, temperature: float = 0.1
) -> Tensor:
    """Ask images of one person to match better than those of others, in the weighted match.

    Every image queries the rest of the batch with Eq. 8 divided by the sum of the weight products;
    the loss is the cross-entropy of finding its own identity, the mean over its matches and over
    all images that have one (Khosla et al., "Supervised contrastive learning", 2020). Not in the
    paper.

    Args:
        features: (B, K, C) landmark features; only their direction matters.
        weight: (B, K) weight of each landmark, as in `AONetOutput.weight`.
        labels: (B,) training classes.
        picture: (B,) which picture each image is of: copies of one are not compared.
        temperature: Divides the similarities.

    Raises:
        ValueError: The shapes do not belong together.
    """
    shapes = (labels.shape, picture.shape, weight.shape[:1])
    if features.ndim != 3 or weight.shape != features.shape[:2] or set(shapes) != {shapes[2]}:
        raise ValueError(
            "features must be (B, K, C), weight (B, K), labels and picture (B,), got "
            f"{tuple(features.shape)}, {tuple(weight.shape)}, {tuple(labels.shape)} and "
            f"{tuple(picture.shape)}"
        )
    weight = weight.float()
    with torch.autocast(features.device.type, enabled=False):
        vectors = functional.normalize(features.float(), dim=2) * weight[:, :, None]
        flat = vectors.flatten(1)
        total = (weight @ weight.T).clamp_min(1e-6)
        logits = flat @ flat.T / total / temperature  # (B, B)
    other = picture[:, None] != picture[None, :]
    same = (labels[:, None] == labels[None, :]) & other
    chance = logits.masked_fill(~other, -torch.inf).log_softmax(dim=1)
    matches = same.sum(dim=1)
    log_likelihood = chance.masked_fill(~same, 0.0).sum(dim=1) / matches.clamp_min(1)
    return -log_likelihood.sum() / (matches > 0).sum().clamp_min(1)


def visible_awareness(clean: AONetOutput, visible: Tensor) -> Tensor:
    """The awareness that a pasted occluder leaves: sum_p R(p) v(p), (B, K), without gradient.

    Args:
        clean: Output for the images without the occluder, R its referenced response maps.
        visible: (B, H, W) share v of every feature pixel left free, in [0, 1].
    """
    return (clean.referenced_response_map.detach().float() * visible[:, None]).sum((2, 3))


def consistency_loss(
    clean: AONetOutput, occluded: AONetOutput, visible: Tensor, form: str = "absolute"
) -> Tensor:
    """Ask the network to notice an occluder that we pasted ourselves.

    Under a pasted occluder a landmark should keep its referenced response where the image is still
    visible, lose it where it is not, and lose as much awareness. With R the clean map and v the
    visible share of each pixel: the mean over images and landmarks of
    sum_p |R'(p) - R(p) v(p)| + 2 * d(awareness', sum_p R(p) v(p)). No gradient reaches the clean
    side.

    Args:
        clean: Output for the images as they are.
        occluded: Output for the same images under pasted occluders.
        visible: (B, H, W) share of every feature pixel left free, in [0, 1].
        form: What d is: the "absolute" difference, or the "divergence" of Kullback and Leibler of
            the two as chances, whose pull does not fade where a hidden landmark is believed in.

    Raises:
        ValueError: The shapes do not belong together.
    """
    target, got = clean.referenced_response_map.detach(), occluded.referenced_response_map
    shape = (target.shape[0], *target.shape[2:])
    if got.shape != target.shape or tuple(visible.shape) != shape:
        raise ValueError(
            f"clean and occluded maps must have the same shape and visible {shape}, got "
            f"{tuple(target.shape)}, {tuple(got.shape)} and {tuple(visible.shape)}"
        )
    target = target.float() * visible[:, None]  # (B, K, H, W)
    map_term = (got - target).abs().sum(dim=(2, 3))  # (B, K)
    expected = visible_awareness(clean, visible)  # (B, K)
    awareness = occluded.awareness.float()
    if form == "absolute":
        awareness_term = (awareness - expected).abs()
    else:
        awareness_term = _divergence(expected, awareness)
    return (map_term + AWARENESS_TERM * awareness_term).mean()


def _divergence(expected: Tensor, got: Tensor) -> Tensor:
    """Kullback-Leibler divergence of two chances; 0 where they agree."""
    expected, got = (chance.clamp(1e-6, 1 - 1e-6) for chance in (expected, got))
    return expected * (expected / got).log() + (1 - expected) * ((1 - expected) / (1 - got)).log()
