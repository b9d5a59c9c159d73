"""What a network is trained to minimise (Eqs. 5 to 7)."""

from __future__ import annotations

import torch
from torch import Tensor

from aonet_core.losses import (
    band_loss,
    landmark_cross_entropy,
    orthogonal_loss,
    position_loss,
)
from aonet_core.model import AONet
from aonet_core.types import AONetOutput


def objective(
    model: AONet, output: AONetOutput, labels: Tensor, smoothing: float = 0.0
) -> dict[str, Tensor]:
    """Return the weighted terms of Eq. 7; their sum is the loss.

    Args:
        model: The network, for its configuration and classifier.
        output: Its output for a batch.
        labels: (B,) training classes.
        smoothing: Label smoothing of the identity loss.

    Returns:
        "identity", Eq. 5, and the extra losses under their names if the network has them.
    """
    config = model.config
    with torch.autocast(labels.device.type, enabled=False):
        logits = model.classify(output.landmark_features)
        identity = landmark_cross_entropy(logits, labels, output.weight, smoothing)
        if config.attention:
            logits = model.classify(output.attended_features)
            identity = identity + landmark_cross_entropy(logits, labels, output.weight, smoothing)
    terms = {"identity": identity}
    if config.extra_loss == "orthogonal":
        terms["orthogonal"] = config.extra_loss_weight * orthogonal_loss(output.landmark_features)
    elif config.extra_loss == "position":
        terms["position"] = config.extra_loss_weight * position_loss(output.response_map)
    if config.band_weight:
        terms["band"] = config.band_weight * band_loss(output.response_map)
    return terms
