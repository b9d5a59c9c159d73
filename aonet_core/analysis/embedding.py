"""Runs a network over files and keeps what retrieval and analysis need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from aonet_core.data.image_files import read_image
from aonet_core.data.transforms import preprocess
from aonet_core.errors import ImageError
from aonet_core.model.aonet import AONet
from aonet_core.model.precision import AT_A_TIME, autocast, for_looking
from aonet_core.retrieval import Embedding

BATCH = 32


@dataclass(frozen=True)
class Records:
    """Outputs of N images as arrays under `AONetOutput`'s names, without the feature map."""

    retrieval_features: np.ndarray
    weight: np.ndarray
    awareness: np.ndarray
    response_map: np.ndarray
    referenced_response_map: np.ndarray

    @property
    def embedding(self) -> Embedding:
        """What stands for the images in retrieval."""
        return Embedding(self.retrieval_features, self.weight)

    def take(self, indices: Sequence[int]) -> Records:
        """Return those of some images."""
        return Records(**{name: array[indices] for name, array in vars(self).items()})


def run_files(model: AONet, files: Sequence[Path], progress: str | None = None) -> Records:
    """Run a network over image files, in order.

    Args:
        model: The network, in evaluation mode.
        files: Image files.
        progress: Label of a progress bar on standard error; None for no bar.

    Raises:
        ValueError: There is no file, or one is not a readable image; the message names it.
    """
    return run_pictures(model, map(open_picture, files), len(files), progress)


def run_pictures(
    model: AONet, pictures: Iterable[Image.Image], count: int, progress: str | None = None
) -> Records:
    """Run a network over pictures, in order.

    Args:
        model: The network, in evaluation mode.
        pictures: RGB; a few at a time are taken of an iterator.
        count: How many they are.
        progress: As in `run_files`.

    Raises:
        ValueError: There are none.
    """
    if not count:
        raise ValueError("there are no images to run the network on")
    pictures = iter(pictures)
    collected: dict[str, list[np.ndarray]] = {name: [] for name in Records.__annotations__}
    model = for_looking(model)
    device = next(model.parameters()).device
    batch = AT_A_TIME if device.type == "cpu" else BATCH
    for _ in _steps(range(0, count, batch), progress):
        images = preprocess(list(islice(pictures, batch)), model.config.image_size).to(device)
        with torch.inference_mode(), autocast(device.type):
            output = model(images.contiguous(memory_format=torch.channels_last))
        for name, arrays in collected.items():
            arrays.append(getattr(output, name).float().cpu().numpy())
    return Records(**{name: np.concatenate(arrays) for name, arrays in collected.items()})


def _steps(steps: range, label: str | None) -> Iterable[int]:
    if label is None:
        return steps
    from tqdm import tqdm

    return tqdm(steps, desc=label, unit="batch", leave=False)


def open_picture(path: Path) -> Image.Image:
    """Read an image file as RGB.

    Raises:
        ValueError: It is not a readable image; the message names it.
    """
    try:
        return read_image(path)
    except (ImageError, OSError) as error:
        raise ValueError(f"{path} is not a readable image: {error}") from error
