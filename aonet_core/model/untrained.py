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
        model = AONet(config).eval()
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
