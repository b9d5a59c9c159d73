"""Training images and the batches made of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from aonet_core.data.image_files import read_image
from aonet_core.data.occluders import paste_occluder
from aonet_core.data.sampler import Draw
from aonet_core.data.samples import Sample
from aonet_core.data.transforms import to_pixels, train_transform
from aonet_core.errors import ImageError

PRELOAD_BYTES = 4 * 2**30
"""Larger training sets are decoded as they are drawn instead of being held in memory."""


class Batch(NamedTuple):
    """What one training step needs.

    Attributes:
        images: (B, 3, H, W) augmented and normalised.
        labels: (B,) training classes.
        occluded: (O, 3, H, W) copies of some of the images under pasted occluders.
        source: (O,) which of the images each copy is of.
        visible: (O, h, w) share of every feature pixel the occluder leaves free.
    """

    images: Tensor
    labels: Tensor
    occluded: Tensor
    source: Tensor
    visible: Tensor


class TrainingImages(Dataset):
    """Training samples, resized once and augmented on every draw.

    An item is a function of its `Draw` alone, whichever process makes it.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        labels: Sequence[int],
        size: tuple[int, int],
        preload: bool | None = None,
        erasing: float = 0.5,
    ) -> None:
        """Read all images, so that a broken one shows now, and keep them if they fit.

        Args:
            samples: The training samples.
            labels: Training class of each.
            size: Height and width of the network's input.
            preload: Hold resized pixels in memory; None: if they need less than `PRELOAD_BYTES`.
            erasing: Probability of erasing a rectangle.

        Raises:
            FileNotFoundError: An image is missing.
            ValueError: A file is not an image, or broken.
        """
        self.samples, self.labels, self.size = samples, labels, size
        self.transform = train_transform(size, erasing)
        if preload is None:
            preload = len(samples) * 3 * size[0] * size[1] <= PRELOAD_BYTES
        self.cache = None
        if preload:
            changed = tuple(_modified(sample) for sample in samples)
            self.cache = _read_all(tuple(samples), tuple(size), changed)
        else:  # a broken file shall show before training, not in the middle of it
            with ThreadPoolExecutor() as pool:
                for _ in pool.map(lambda sample: _read(sample, self.size), samples):
                    pass

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.samples)

    def pixels(self, index: int) -> Tensor:
        """Return a sample's resized pixels, (3, H, W) uint8, not augmented."""
        if self.cache is None:
            return _read(self.samples[index], self.size)
        return self.cache[index]

    def __getitem__(self, draw: Draw) -> tuple[Tensor, int, int]:
        """Return an augmented image (3, H, W), its label and the seed it was drawn with."""
        pixels = self.pixels(draw.sample)
        # The transforms draw from torch's global generator; it is left as it was.
        state = torch.get_rng_state()
        torch.default_generator.manual_seed(draw.seed)
        image = self.transform(pixels)
        torch.set_rng_state(state)
        return image, self.labels[draw.sample], draw.seed


def _modified(sample: Sample) -> int:
    """When a file was written; 0 where it is missing, which reading will tell."""
    return sample.path.stat().st_mtime_ns if sample.path.exists() else 0


@lru_cache(maxsize=1)
def _read_all(
    samples: tuple[Sample, ...], size: tuple[int, int], changed: tuple[int, ...]
) -> Tensor:
    """Read all images, (N, 3, H, W) uint8.

    They are kept for this process's next run on the same; `changed`, when each file was written,
    tells whether they still are.
    """
    cache = torch.empty((len(samples), 3, *size), dtype=torch.uint8)
    with ThreadPoolExecutor() as pool:
        for index, pixels in enumerate(pool.map(lambda sample: _read(sample, size), samples)):
            cache[index] = pixels
    return cache


def _read(sample: Sample, size: tuple[int, int]) -> Tensor:
    path = sample.path
    try:
        return to_pixels(read_image(path), size)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is missing") from error
    except (ImageError, OSError) as error:
        raise ValueError(f"{path} is not an image that can be read: {error}") from error


class Collate:
    """Stacks images into a `Batch` and pastes occluders on copies of some of them."""

    def __init__(self, occluded: int, feature_size: tuple[int, int]) -> None:
        """Remember how many images get an occluded copy, and the size of the feature map."""
        self.occluded, self.feature_size = occluded, feature_size

    def __call__(self, items: list[tuple[Tensor, int, int]]) -> Batch:
        """Collate the items of one batch; all chance comes from their seeds."""
        images = torch.stack([image for image, _, _ in items])
        labels = torch.tensor([label for _, label, _ in items])
        generator = torch.Generator().manual_seed(items[0][2])
        # An image's own pixels would be no occluder: with a single image there is no donor.
        count = min(self.occluded, len(items)) if len(items) > 1 else 0
        source = torch.randperm(len(items), generator=generator)[:count]
        occluded = images.new_empty(count, *images.shape[1:])
        visible = images.new_empty(count, *self.feature_size)
        for row, index in enumerate(source.tolist()):
            step = 1 + int(torch.randint(len(items) - 1, (), generator=generator))
            donor = images[(index + step) % len(items)]
            occluded[row], visible[row] = paste_occluder(
                images[index], donor, self.feature_size, generator
            )
        return Batch(images, labels, occluded, source, visible)
