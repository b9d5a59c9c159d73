"""What sets an adapted network apart from its parent, taken from one and put into the other."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch

from aonet_core.model.aonet import AONet

KEPT = ("backbone", "classifier")
"""Parts that an adapted network shares with its parent."""


def private_copy(model: AONet) -> AONet:
    """The same network whose parts may be changed, or hooked, while others use the parent.

    The parts named in `KEPT`, which are nearly all of it, are shared.
    """
    own = copy.copy(model)
    own._modules = {
        name: part if name in KEPT else copy.deepcopy(part) for name, part in model._modules.items()
    }
    return own


def changes(parent: AONet, own: AONet) -> dict[str, np.ndarray]:
    """Weights and buffers, float32, that differ from the parent's, by name; always the memory."""
    old = parent.state_dict()
    return {
        name: value.detach().float().cpu().numpy().copy()
        for name, value in own.state_dict().items()
        if value.is_floating_point()
        and (name == "memory.vectors" or not torch.equal(value, old[name]))
    }


def changed(parent: AONet, arrays: Mapping[str, np.ndarray]) -> AONet:
    """A network with some weights and buffers of its own.

    Raises:
        ValueError: The parent has none of that name and shape to be changed.
    """
    shapes = {
        name: tuple(value.shape)
        for name, value in parent.state_dict().items()
        if name.partition(".")[0] not in KEPT and value.is_floating_point()
    }
    for name, array in arrays.items():
        if shapes.get(name) != array.shape:
            expected = shapes.get(name, f"one of {', '.join(shapes)}")
            raise ValueError(f"the adapted {name} does not fit: expected {expected}, "
                             f"got {array.shape}")  # fmt: skip
    own = private_copy(parent)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    own.load_state_dict(tensors, strict=False)
    return own
