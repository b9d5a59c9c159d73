"""Landmarks found on features that no training on renders has touched.

Features that learn from renders make photographs foreign; those that learnt from photographs know
parts of people on both. So landmarks may be found on a trunk of their own: the backbone's stages up
to the middle as ImageNet left them, several of them side by side. The first stages serve both.
"""

from __future__ import annotations

import copy
from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from aonet_core.model.backbones import BACKBONES

TRUNK = "landmark_trunk"
"""Name of the trunk among the stages, after all of them."""


def forked(backbone: nn.Module) -> ForkedStages:
    """A backbone that has a trunk.

    Raises:
        ValueError: It has none.
    """
    if not isinstance(backbone, ForkedStages):
        raise ValueError(f"expected a backbone with a trunk, got {type(backbone).__name__}")
    return backbone


class ForkedStages(nn.Sequential):
    """A backbone beside a frozen copy of its stages up to the middle, on which landmarks are found.

    What both share is frozen as well: the trunk's features must stay what they are.
    """

    def __init__(self, stages: nn.Sequential, name: str) -> None:
        """Take over the stages, whose parameters keep their names, and copy those of the trunk.

        Args:
            stages: All of the backbone, as made by `build_backbone`.
            name: Its name.
        """
        super().__init__(OrderedDict(stages.named_children()))
        self.stages = BACKBONES[name]
        self.add_module(TRUNK, nn.Sequential())
        self.refork()

    def refork(self) -> None:
        """Make the trunk anew from the backbone's stages as they are now, and freeze it."""
        copied = list(self.named_children())[self.stages.shared : self.stages.taps[-1] + 1]
        trunk = nn.Sequential(OrderedDict((name, copy.deepcopy(stage)) for name, stage in copied))
        setattr(self, TRUNK, trunk)
        self.train(self.training)

    @property
    def tapped_channels(self) -> int:
        """Channels of all tapped stages together."""
        return sum(_channels(self[tap]) for tap in self.stages.taps)

    def train(self, mode: bool = True) -> ForkedStages:
        """Set the mode; what landmarks are found on keeps its weights and statistics."""
        super().train(mode)
        for stage in [*list(self)[: self.stages.shared], self.get_submodule(TRUNK)]:
            stage.eval().requires_grad_(False)
        return self

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features of the last stage, (B, C, H, W), and those landmarks are found on."""
        shared = self._shared(images)
        features = shared
        for stage in list(self)[self.stages.shared : -1]:
            features = stage(features)
        return features, self.join(self._tapped(shared))

    def tapped(self, images: Tensor) -> list[Tensor]:
        """Return the features of each tapped stage, float32, the finest first."""
        return self._tapped(self._shared(images))

    @staticmethod
    def join(tapped: list[Tensor]) -> Tensor:
        """Put tapped stages side by side at the finest resolution.

        Returns:
            (B, tapped_channels, H, W) float32; 32 x 16 pixels for a 256 x 128 image.
        """
        size = tapped[0].shape[2:]
        enlarged = [
            functional.interpolate(each.float(), size=size, mode="bilinear", align_corners=False)
            for each in tapped[1:]
        ]
        return torch.cat([tapped[0].float(), *enlarged], dim=1)

    def _shared(self, images: Tensor) -> Tensor:
        for stage in list(self)[: self.stages.shared]:
            images = stage(images)
        return images

    def _tapped(self, shared: Tensor) -> list[Tensor]:
        features = []
        trunk = self.get_submodule(TRUNK)
        for index, stage in enumerate(trunk.children(), start=self.stages.shared):
            shared = stage(shared)
            if index in self.stages.taps:
                features.append(shared.float())
        return features


def _channels(stage: nn.Module) -> int:
    """Channels that a stage gives."""
    layers = [m for m in stage.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    return next(
        layer.num_features if isinstance(layer, nn.BatchNorm2d) else layer.out_channels
        for layer in reversed(layers)
    )
