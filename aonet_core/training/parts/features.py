"""What a frozen trunk sees in composed pictures, kept so that heads train on it in minutes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from aonet_core.data.transforms import normalise
from aonet_core.model import AONet
from aonet_core.model.landmark_trunk import forked
from aonet_core.training.parts.compose import Composed, compose
from aonet_core.training.parts.layers import GROUPS, Layer

AT_A_TIME = 8
CLASSES = len(GROUPS) + 2
"""Background, the parts, and what belongs to the person but to no part."""
ALL = 2 * CLASSES - 1
"""The same, and parts and rest of anybody else."""


@dataclass(frozen=True)
class ComposedFeatures:
    """N composed pictures as a trunk sees them.

    Attributes:
        taps: Features of every tapped stage, (N, C, h, w) float16 each.
        cover: (N, `ALL`, H, W) uint8 shares of 255 of every landmark pixel that is background,
            each part and the rest of the person, each part and the rest of anybody else.
        visible: (N, parts) share seen of every part; nan where there is none of it.
    """

    taps: tuple[Tensor, ...]
    cover: Tensor
    visible: Tensor

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.visible)


class _Pictures(Dataset):
    """Composed pictures; the item of an index is a function of seed and index alone."""

    def __init__(self, layers: Sequence[Layer], count: int, seed: int) -> None:
        self.layers, self.count, self.seed = layers, count, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Composed:
        return compose(self.layers, np.random.default_rng([self.seed, index]))


def composed_features(
    model: AONet, layers: Sequence[Layer], count: int, seed: int, workers: int | None = None
) -> ComposedFeatures:
    """Compose pictures and look at them with a network's trunk.

    Args:
        model: A network whose landmarks are found at a frozen stage.
        layers: Layers to compose of.
        count: N.
        seed: Of everything drawn.
        workers: Processes that compose; None: all processors but one.
    """
    if workers is None:
        workers = max(1, len(os.sched_getaffinity(0)) - 1)
    loader = DataLoader(
        _Pictures(layers, count, seed),
        batch_size=AT_A_TIME,
        num_workers=workers,
        collate_fn=list,
    )
    trunk = forked(model.backbone.eval().to(memory_format=torch.channels_last))
    size = _map_size(model)
    taps, covers, visible = [], [], []
    with torch.inference_mode(), tqdm(total=count, unit="image", desc="composing") as bar:
        for pictures in loader:
            pixels = torch.from_numpy(np.stack([each.pixels for each in pictures]))
            images = normalise(pixels.permute(0, 3, 1, 2))
            images = images.contiguous(memory_format=torch.channels_last)
            taps.append([each.half().contiguous() for each in trunk.tapped(images)])
            covers.append(torch.stack([cover(each, size) for each in pictures]))
            visible.append(torch.from_numpy(np.stack([each.visible for each in pictures])))
            bar.update(len(pictures))
    joined = tuple(torch.cat(each) for each in zip(*taps, strict=True))
    return ComposedFeatures(joined, torch.cat(covers), torch.cat(visible))


def cover(picture: Composed, size: tuple[int, int]) -> Tensor:
    """Count what every landmark pixel shows: (`ALL`, H, W) shares of 255."""
    shown = np.where(picture.other > 0, picture.other + CLASSES - 1, picture.group)
    one = shown[None] == np.arange(ALL)[:, None, None]
    blocks = one.reshape(ALL, size[0], shown.shape[0] // size[0], size[1], -1)
    return torch.from_numpy((blocks.mean(axis=(2, 4)) * 255).round().astype(np.uint8))


def _map_size(model: AONet) -> tuple[int, int]:
    """Height and width of the landmark maps."""
    with torch.inference_mode():
        taps = forked(model.backbone).tapped(torch.zeros(1, 3, *model.config.image_size))
    height, width = taps[0].shape[2:]
    return height, width
