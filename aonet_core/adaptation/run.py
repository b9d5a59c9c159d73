"""From pictures to an adapted checkpoint: what command line and engines call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from PIL import Image

from aonet_core.adaptation.adapt import AdaptOptions, adapt, spread
from aonet_core.adaptation.features import find_landmarks, tapped_features
from aonet_core.adaptation.report import adapted_card, too_few
from aonet_core.analysis.photographs.shift import CARD_KEY, MIN_PICTURES, Familiar, familiar
from aonet_core.data.pictures import PicturesRead, read_pictures
from aonet_core.data.sources import Source
from aonet_core.data.transforms import to_pixels
from aonet_core.model.aonet import AONet
from aonet_core.model.checkpoint import save_checkpoint, update_card

Progress = Callable[[int, int], None]


def read_for(
    model: AONet, source: Source, progress: Progress | None = None, dataset: str = "auto"
) -> PicturesRead:
    """Read the pictures of a source, resized for a network.

    Raises:
        FileNotFoundError, ValueError: As in `sources.opened`.
    """
    return read_pictures(source, resized(model), progress, dataset)


def resized(model: AONet) -> Callable[[Image.Image], torch.Tensor]:
    """What makes of a picture the pixels (3, H, W) uint8 that a network looks at."""
    return partial(to_pixels, size=model.config.image_size)


def adapt_to(
    model: AONet,
    card: dict,
    name: str,
    read: PicturesRead,
    out: Path,
    options: AdaptOptions | None = None,
    progress: Progress | None = None,
) -> tuple[Path, dict]:
    """Adapt a network to pictures and write the new checkpoint.

    Args:
        model: The network, in evaluation mode.
        card: Its card.
        name: What it is called.
        read: The pictures, as `read_for` reads them.
        out: Where to write; the suffix becomes `.safetensors`.
        options: How.
        progress: Told of pictures done and their number.

    Returns:
        The path of the weights, and the part of the new card that tells of the adaptation.

    Raises:
        ValueError: The pictures are too few, or the network has no landmarks.
        OSError: The checkpoint cannot be written.
    """
    own, new = adapted_to(model, card, name, read, options, progress)
    return save_checkpoint(out, own, new), new["adapted"]


def adapted_to(
    model: AONet,
    card: dict,
    name: str,
    read: PicturesRead,
    options: AdaptOptions | None = None,
    progress: Progress | None = None,
) -> tuple[AONet, dict]:
    """Adapt a network to pictures; arguments and errors are those of `adapt_to`.

    Returns:
        The new network and its card.
    """
    options = options or AdaptOptions()
    if problem := too_few(read, MIN_PICTURES):
        raise ValueError(problem)
    rows = spread(read.images)
    used = replace(
        read,
        names=[read.names[row] for row in rows],
        images=[read.images[row] for row in rows],
        camids=[read.camids[row] for row in rows],
        digests=[read.digests[row] for row in rows],
    )
    adapted = adapt(model, torch.stack(used.images), used.source, options, progress)
    return adapted.model, adapted_card(card, name, adapted, used, options)


def remember(
    model: AONet, name: str | Path, read: PicturesRead, progress: Progress | None = None
) -> tuple[Path, Familiar]:
    """Write into a checkpoint's card what best logits it knows: those of pictures like training's.

    Args:
        model: The network, in evaluation mode.
        name: Of the checkpoint.
        read: The pictures, as `read_for` reads them, occluded ones in the usual number.
        progress: Told of pictures done and their number.

    Returns:
        The path of the card, and what was written.

    Raises:
        ValueError: The pictures are too few.
    """
    if problem := too_few(read, MIN_PICTURES):
        raise ValueError(problem)
    pixels = torch.stack([read.images[row] for row in spread(read.images)])
    landmarks = find_landmarks(model, tapped_features(model, pixels, progress))
    learnt = familiar(landmarks.best_logit.numpy(), read.source)
    return update_card(name, **{CARD_KEY: learnt.to_card()}), learnt
