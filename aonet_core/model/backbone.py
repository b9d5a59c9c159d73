"""Convolutional backbones that keep a 16 x 8 feature map for a 256 x 128 image."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v2, resnet18, resnet50

from aonet_core.model.backbones import BACKBONES

RESNETS = {"resnet18": (resnet18, 512), "resnet50": (resnet50, 2048)}
"""What makes each, and the channels of its last stage."""


class InstanceBatchNorm(nn.Module):
    """IBN-a: instance normalisation on half of the channels, batch normalisation on the rest.

    Source: Pan et al., "Two at once: enhancing learning and generalization capacities via
    IBN-Net", 2018.
    """

    def __init__(self, channels: int) -> None:
        """Split `channels` into two halves."""
        super().__init__()
        self.cut = channels // 2
        self.instance = nn.InstanceNorm2d(self.cut, affine=True)
        self.batch = nn.BatchNorm2d(channels - self.cut)

    def forward(self, features: Tensor) -> Tensor:
        """Normalise (B, C, H, W); the shape stays."""
        instance, batch = features.split([self.cut, features.shape[1] - self.cut], dim=1)
        return torch.cat([self.instance(instance.contiguous()), self.batch(batch)], dim=1)


class TappedStages(nn.Sequential):
    """Stages in a row that give the features of the middle one, too."""

    def __init__(self, stages: nn.Sequential, name: str) -> None:
        """Take over the stages; parameters keep their names.

        Args:
            stages: All of the backbone, as made by `build_backbone`.
            name: Its name.
        """
        super().__init__(OrderedDict(stages.named_children()))
        self.tap = BACKBONES[name].middle

    @property
    def tapped_channels(self) -> int:
        """Channels of the features on the way."""
        return _convolutions(self[self.tap])[-1].out_channels

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features of the last stage and of the tapped one.

        Raises:
            ValueError: The two have different resolutions.
        """
        features = images
        for index, stage in enumerate(self):
            features = stage(features)
            if index == self.tap:
                tapped = features
        if tapped.shape[2:] != features.shape[2:]:
            raise ValueError(
                "landmarks can be found at a middle stage of the last one's resolution only, "
                f"{tuple(features.shape[2:])}, got {tuple(tapped.shape[2:])}"
            )
        return features, tapped


def build_backbone(name: str, stride_one_stage: str = "layer4") -> tuple[nn.Sequential, int]:
    """Build a backbone without pretrained weights.

    Args:
        name: A key of `BACKBONES`; "_ibn" is for IBN-a in the first three stages.
        stride_one_stage: ResNet stage whose stride becomes 1, "layer4" or "layer3". MobileNetV2
            always has its last down-sampling block at stride 1.

    Returns:
        The module, mapping (B, 3, H, W) to (B, C, H / 16, W / 16), and its channels C.
    """
    if name == "mobilenet_v2":
        features = mobilenet_v2(weights=None).features
        _set_stride_one(_last_strided(features))
        return features, 1280
    make, channels = RESNETS[name.removesuffix("_ibn")]
    resnet = make(weights=None)
    for block in getattr(resnet, stride_one_stage):
        _set_stride_one(block)
    if name.endswith("_ibn"):
        for stage in (resnet.layer1, resnet.layer2, resnet.layer3):
            for block in stage:
                block.bn1 = InstanceBatchNorm(block.bn1.num_features)
    layers = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")
    stages = nn.Sequential()
    for layer in layers:
        stages.add_module(layer, getattr(resnet, layer))
    return stages, channels


def _convolutions(module: nn.Module) -> list[nn.Conv2d]:
    return [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]


def _last_strided(stages: nn.Sequential) -> nn.Module:
    """The last stage that halves the resolution."""
    return [s for s in stages if any(c.stride == (2, 2) for c in _convolutions(s))][-1]


def _set_stride_one(module: nn.Module) -> None:
    for convolution in _convolutions(module):
        convolution.stride = (1, 1)
