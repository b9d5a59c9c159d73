"""Which device and which number format are fast here."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)
AT_A_TIME = 8
"""Pictures that a processor takes through a network together.

More leave its caches: in float32, 32 of the shipped checkpoint's take 1.8 times as long a picture,
a single one 2.3 times.
"""


def best_device() -> str:
    """Name the fastest device of this machine: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def usable_device(name: str | None = None) -> str:
    """Return the device that somebody named, or else the fastest.

    Raises:
        ValueError: This machine has none of that name; the message lists those it has.
    """
    if name is None:
        return best_device()
    card = torch.accelerator.current_accelerator(check_available=True)
    count = torch.accelerator.device_count() if card else 0
    here = ["cpu", *([card.type] if card else ())]
    here += [f"{card.type}:{index}" for index in range(count)] if card else []
    if str(name) not in here:
        raise ValueError(f"this machine has no device {name!r}: expected {' or '.join(here)}")
    return str(name)


def fast_dtype(device: str) -> torch.dtype:
    """The format in which a device runs convolutions fastest; training's.

    A processor without bfloat16 instructions emulates them, about ten times slower than float32.
    """
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device == "cpu":
        able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        if able.get("avx512_bf16") or able.get("amx_bf16"):
            return torch.bfloat16
    return torch.float32


def inference_dtype(device: str) -> torch.dtype:
    """The format in which what a network says is looked at: exact enough, then fast.

    The eight bits of bfloat16 move the shipped checkpoint's awareness by 0.04 on average and by 0.2
    at most, and lower its mAP from .914 to .910: good enough for training, not for an instrument.
    float16 has three bits more. On a processor float32 with folded batch norms, `AT_A_TIME`
    pictures together, takes no longer than bfloat16 with neither.
    """
    return torch.float16 if device == "cuda" else torch.float32


def autocast(device: str) -> torch.autocast:
    """A context in which a trained backbone runs in the format of `inference_dtype`."""
    dtype = inference_dtype(device)
    enabled = dtype != torch.float32
    return torch.autocast(device, dtype=dtype if enabled else torch.bfloat16, enabled=enabled)


def folds(device: str) -> bool:
    """Whether a network that only looks at pictures has its batch norms folded on a device."""
    return device == "cpu" and inference_dtype(device) == torch.float32


def for_looking(model: Network) -> Network:
    """Return a copy of a network in evaluation mode, made ready to look at pictures fast.

    Its answers differ by rounding: see `fold_batch_norms`. Only the backbone is folded: the other
    parts keep the names and values that adapted networks are told apart by.
    """
    ready = copy.deepcopy(model)
    if folds(next(model.parameters()).device.type):
        ready.backbone = fold_batch_norms(ready.get_submodule("backbone"))
    return ready.to(memory_format=torch.channels_last)


def fold_batch_norms(backbone: nn.Module) -> nn.Module:
    """Return a copy for evaluation alone whose convolutions do the work of their batch norms.

    A batch norm that no longer learns is a scale and a shift of each channel, which the weights of
    the convolution before it can hold. The answers differ by rounding; in bfloat16 the weights
    themselves would be rounded, so it is for float32.

    Args:
        backbone: In evaluation mode; wherever a batch norm is listed next after a convolution, it
            must run next after it, as in all of `build_backbone`.
    """
    folded = copy.deepcopy(backbone)
    for module in list(folded.modules()):
        for (name, layer), (norm_name, norm) in pairwise(list(module.named_children())):
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(layer, norm))
                setattr(module, norm_name, nn.Identity())
    return folded
