"""Teaches a network's landmark head on somebody's own unlabelled pictures.

Covers are pasted on the pictures. What the network itself finds without them is the truth where
they leave it free, and nothing is to be found where they hide it. The same is done with some
renders, so that what is known of those stays. The trunk is frozen: it looks at every picture once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import functional

from aonet_core.adaptation.covers import IN_FRONT, Pasted, paste
from aonet_core.adaptation.features import tapped_features
from aonet_core.adaptation.people import (
    RENDERED,
    Person,
    as_pixels,
    found_people,
    rendered_people,
)
from aonet_core.adaptation.taught import Truth, answers, joined, look, taught_loss, under_covers
from aonet_core.model.aonet import AONet
from aonet_core.model.landmark_head import ContextHead
from aonet_core.synthetic.picture import SIZE

COVERED, VERSIONS, RENDERED_VERSIONS = 500, 10, 8
"""Covered pictures of a large set; covered versions of a picture at most, and of a render."""
SHARES = (0.15, 0.6, 0.05, 0.2)
"""How much of what is learnt from are pictures as they are, covered, renders, and covered ones."""
BATCH, RATE, WARM_UP = 24, 1e-3, 0.15
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class HeadFit:
    """How a head was taught.

    Attributes:
        covered: How many covers of each kind were pasted on the user's pictures.
        renders: Rendered pictures among those learnt from.
        steps: Of Adam.
        loss: Mean loss of the first and of the last tenth of the steps.
    """

    covered: dict[str, int]
    renders: int
    steps: int
    loss: tuple[float, float]

    def to_card(self) -> dict:
        """Return plain JSON types."""
        loss = [round(each, 4) for each in self.loss]
        return {**vars(self), "loss": loss}


def can_be_taught(model: AONet) -> bool:
    """Whether a network has a head that tells anybody's parts."""
    return isinstance(getattr(model, "landmark_head", None), ContextHead)


def looks(count: int, steps: int) -> int:
    """How many pictures are looked at to teach a head on so many."""
    rows, versions = _amount(count)
    return rows * versions + RENDERED * (1 + RENDERED_VERSIONS) + steps * BATCH


def _amount(count: int) -> tuple[int, int]:
    """Of so many pictures, how many are covered, and how often."""
    rows = min(count, COVERED)
    return rows, min(VERSIONS, COVERED // rows)


def teach(
    model: AONet,
    pixels: Tensor,
    tapped: Tensor,
    kinds: Sequence[str],
    steps: int,
    seed: int,
    progress: Progress,
) -> HeadFit:
    """Teach the head and the patterns of a network, in place; all else stays what it is.

    Args:
        model: The network, in evaluation mode.
        pixels: (N, 3, H, W) uint8, different pictures of the network's input size.
        tapped: Their `tapped_features`.
        kinds: Of `covers.KINDS`, which covers to paste.
        steps: Of Adam.
        seed: Of covers and order.
        progress: Told of pictures looked at within every piece of work, and their number.
    """
    count, versions = _amount(len(pixels))
    rows = torch.linspace(0, len(pixels) - 1, count).round().long()
    own, truth = tapped[rows], answers(model, tapped[rows])
    people = found_people(_resized(pixels[rows], SIZE), truth.anybody)
    rendered = rendered_people()
    renders = tapped_features(
        model, _resized(as_pixels(rendered), model.config.image_size), progress
    )
    rendered_truth = answers(model, renders)
    pasted = _covers(people, versions, kinds, [seed, 0])
    on_renders = _covers(rendered, RENDERED_VERSIONS, [*kinds, IN_FRONT], [seed, 1])
    sets = [
        (own, truth),
        _covered(model, truth, pasted, versions, progress),
        (renders, rendered_truth),
        _covered(model, rendered_truth, on_renders, RENDERED_VERSIONS, progress),
    ]
    loss = _train(model, sets, steps, seed, progress)
    counts = Counter(each.kind for each in pasted)
    return HeadFit(dict(sorted(counts.items())), len(rendered), steps, loss)


def _covers(
    people: Sequence[Person], versions: int, kinds: Sequence[str], seed: list[int]
) -> list[Pasted]:
    return [
        paste(people, row, np.random.default_rng([*seed, row, version]), kinds)
        for row in range(len(people))
        for version in range(versions)
    ]


def _covered(
    model: AONet, clean: Truth, pasted: Sequence[Pasted], versions: int, progress: Progress
) -> tuple[Tensor, Truth]:
    """Features of covered pictures, and what is to be found in them."""
    pixels = torch.from_numpy(np.stack([each.pixels for each in pasted])).permute(0, 3, 1, 2)
    rows = torch.arange(len(pasted)) // versions
    features = tapped_features(model, _resized(pixels, model.config.image_size), progress)
    return features, under_covers(clean, rows, pasted)


def _resized(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    same = tuple(pixels.shape[2:]) == tuple(size)
    return pixels if same else functional.resize(pixels, list(size), antialias=True)


def _train(
    model: AONet, sets: Sequence[tuple[Tensor, Truth]], steps: int, seed: int, progress: Progress
) -> tuple[float, float]:
    device = model.memory.vectors.device
    features, truth = torch.cat([each for each, _ in sets]), joined([each for _, each in sets])
    weights = torch.cat(
        [torch.full((len(each),), s / len(each)) for (each, _), s in zip(sets, SHARES, strict=True)]
    )
    taught = nn.ModuleList([model.landmark_head, model.activation])
    optimiser = torch.optim.Adam(taught.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=WARM_UP)
    generator = torch.Generator().manual_seed(seed)
    history = []
    for step in range(steps):
        rows = torch.multinomial(weights, BATCH, generator=generator)
        loss = taught_loss(
            *look(model, features[rows].to(device).float()), truth.at(rows).to(device)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        history.append(loss.item())
        progress((step + 1) * BATCH, steps * BATCH)
    optimiser.zero_grad()
    tenth = max(1, steps // 10)
    return float(np.mean(history[:tenth])), float(np.mean(history[-tenth:]))
