"""Networks that nobody trained: random weights of a preset, to compare a trained one with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from aonet_core.model.config import PRESETS, preset

if TYPE_CHECKING:
    from aonet_core.model.aonet import AONet

UNTRAINED = "untrained-"
"""Prefix of the names of such networks; a preset's name follows."""
SEED = 0
BLOTCHES = 8
"""Pictures of blurred noise that the statistics of the batch norms come from."""


def untrained_names() -> tuple[str, ...]:
    """Names that `untrained` takes, one a preset."""
    return tuple(UNTRAINED + name for name in PRESETS)


def untrained(name: str, device: str = "cpu") -> tuple[AONet, dict]:
    """Build a network with random weights and an empty memory, the same one every time.

    Args:
        name: One of `untrained_names()`.
        device: Where to put it.

    Returns:
        The network in evaluation mode, and a card that says what it is.

    Raises:
        ValueError: There is no such preset.
    """
    import torch

    from aonet_core.model.aonet import AONet

    config = preset(name.removeprefix(UNTRAINED), num_ids=1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = AONet(config)
        _settle(model)
    digest = hashlib.sha256(name.encode())
    for tensor in model.state_dict().values():
        digest.update(tensor.contiguous().numpy().tobytes())
    card = {
        "untrained": True,
        "command": "none: random weights, nothing was learnt",
        "seed": SEED,
        "config": config.to_dict(),
        "sha256": digest.hexdigest(),
    }
    return model.to(device), card


def _settle(model: AONet) -> None:
    """Measure the statistics of the batch norms on blotches, and put the network to use.

    Without them what random weights pass on fades away from layer to layer.
    """
    import torch
    from torch.nn import functional

    norms = [each for each in model.modules() if isinstance(each, torch.nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None  # the mean over all that it sees
    blotches = functional.interpolate(
        torch.randn(BLOTCHES, 3, 8, 4), size=model.config.image_size, mode="bilinear"
    )
    with torch.no_grad():
        model.train()(blotches)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()
