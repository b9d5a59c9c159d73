"""Shared by all tests: small seeded networks, no network access, few threads."""

from __future__ import annotations

import pytest


@pytest.fixture
def tiny_model():
    """Build a small, seeded AONet with a filled memory, in evaluation mode."""
    import torch

    from aonet_core import AONet, preset

    def build(name: str = "aonet", seed: int = 0, **overrides):
        torch.manual_seed(seed)
        settings = {"backbone": "resnet18", "image_size": (64, 32)} | overrides
        model = AONet(preset(name, 5, **settings)).eval()
        images = torch.randn(4, 3, *model.config.image_size)
        output = model(images)
        for _ in range(3):
            model.memory.update(output.landmark_map, output.referenced_response_map)
        return model

    return build
