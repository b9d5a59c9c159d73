"""From pictures to the network's input, for use and for training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from aonet_core.pictures import IMAGENET_MEAN, IMAGENET_STD, to_rgb

CROP_PADDING = 10
"""Pixels added on every side before the random crop (Sec. 4.1)."""


def to_pixels(image: Image.Image, size: tuple[int, int] = (256, 128)) -> Tensor:
    """Resize one picture: upright RGB, bilinear with antialiasing, to (3, H, W) uint8."""
    pixels = functional.pil_to_tensor(to_rgb(image))  # (3, h, w)
    return functional.resize(pixels, list(size), antialias=True)


def normalise(pixels: Tensor) -> Tensor:
    """Scale uint8 pixels (..., 3, H, W) to [0, 1], then by ImageNet's mean and deviation."""
    return functional.normalize(
        functional.to_dtype(pixels, torch.float32, scale=True), IMAGENET_MEAN, IMAGENET_STD
    )


def preprocess(images: Sequence[Image.Image], size: tuple[int, int] = (256, 128)) -> Tensor:
    """Make the network's input of pictures of any size and mode.

    Args:
        images: B pictures.
        size: Height and width of the input, `AONetConfig.image_size`.

    Returns:
        (B, 3, H, W) float32, normalised by ImageNet's mean and deviation.

    Raises:
        ValueError: There are no pictures.
        ImageError: One is too large, a thin line, or its file is damaged.
    """
    if not images:
        raise ValueError("images must hold at least one picture, got none")
    return normalise(torch.stack([to_pixels(image, size) for image in images]))


def train_transform(size: tuple[int, int] = (256, 128), erasing: float = 0.5) -> v2.Compose:
    """Build the augmentation of the paper's recipe for pixels already resized to `size`.

    Flip with probability 0.5, pad by 10 and crop back, normalise, erase a rectangle with
    probability `erasing`. What is erased becomes ImageNet's mean, which is zero here.

    Returns:
        A function from (3, H, W) uint8 to (3, H, W) float32, drawing from torch's global generator.
    """
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(0.5),
            v2.RandomCrop(size, padding=CROP_PADDING),
            v2.Lambda(normalise),
            v2.RandomErasing(p=erasing, scale=(0.02, 0.4), ratio=(0.3, 1 / 0.3), value=0.0),
        ]
    )
