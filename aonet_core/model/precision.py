"""Which device and which number format are fast here."""

from __future__ import annotations

import torch


def best_device() -> str:
    """Name the fastest device of this machine: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def fast_dtype(device: str) -> torch.dtype:
    """The format in which a device runs convolutions fastest.

    A processor without bfloat16 instructions emulates them, about ten times slower than float32.
    """
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device == "cpu":
        able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        if able.get("avx512_bf16") or able.get("amx_bf16"):
            return torch.bfloat16
    return torch.float32


def autocast(device: str) -> torch.autocast:
    """A context in which the backbone runs in the device's fastest format."""
    dtype = fast_dtype(device)
    enabled = dtype != torch.float32
    return torch.autocast(device, dtype=dtype if enabled else torch.bfloat16, enabled=enabled)
