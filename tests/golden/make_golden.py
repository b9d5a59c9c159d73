"""Writes the stored tensors of the golden test; run only when a change of numbers is meant.

Command: `python -m tests.golden.make_golden`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from aonet_core import AONet, preset

FILE = Path(__file__).with_name("tiny_aonet.npz")
FIELDS = ("awareness", "average_logit", "response_map", "referenced_response_map", "weight")


def tiny_output(name: str) -> dict[str, np.ndarray]:
    """Run a small network whose weights depend on the seed alone, after two memory updates."""
    torch.manual_seed(20)
    model = AONet(preset(name, 5, backbone="resnet18", image_size=(64, 32))).eval()
    images = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        for _ in range(2):
            output = model(images)
            model.memory.update(output.feature_map, output.referenced_response_map)
        output = model(images)
    return {field: getattr(output, field).numpy() for field in FIELDS}


if __name__ == "__main__":
    arrays = {
        f"{name}.{field}": value
        for name in ("aonet", "aonet_lens")
        for field, value in tiny_output(name).items()
    }
    np.savez_compressed(FILE, **arrays)
