"""The table of backbones: their names, and which of their stages are looked at on the way."""

from __future__ import annotations

from typing import NamedTuple


class Stages(NamedTuple):
    """Stages of a kind of backbone, counted from 0.

    Attributes:
        middle: Half-way through those of the last resolution: the block of MobileNetV2 before its
            channels grow to 96, layer3 of a ResNet.
        shared: First stages that serve the backbone and a trunk of the landmarks' own.
        taps: Stages whose features such a trunk puts side by side, the finest first.
        strides: Which of them may keep the resolution of the one before, by `stride_one_stage`;
            one that is always the same has a single name.
    """

    middle: int
    shared: int
    taps: tuple[int, ...]
    strides: tuple[str, ...]


_RESNET = Stages(middle=6, shared=5, taps=(5, 6), strides=("layer4", "layer3"))
BACKBONES = {
    "resnet50": _RESNET,
    "resnet50_ibn": _RESNET,
    "resnet18": _RESNET,
    "resnet18_ibn": _RESNET,
    "mobilenet_v2": Stages(middle=10, shared=4, taps=(6, 10, 13), strides=("last block",)),
}
"""By name; `backbone.build_backbone` makes them."""
