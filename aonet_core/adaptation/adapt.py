"""Fits a network's reference to somebody's own unlabelled pictures.

Two things of a network were measured on its training pictures and can be measured anew on others
without any label: the statistics that centre the features landmarks are found on, and the memory,
which says how high a landmark's best logit is where it is seen (Eq. 1). Before that, the head that
landmarks are found through may learn from what covers pasted on the pictures hide (`head`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from aonet_core.adaptation.covers import KINDS
from aonet_core.adaptation.features import (
    Landmarks,
    find_landmarks,
    landmark_norm,
    statistics,
    tapped_features,
)
from aonet_core.adaptation.head import HeadFit, can_be_taught, looks, teach
from aonet_core.adaptation.robust import WAYS
from aonet_core.analysis.photographs.shift import MIN_PICTURES, Familiar, familiar
from aonet_core.errors import check_choice
from aonet_core.model.aonet import AONet

MAX_PICTURES = 2000
"""Pictures that are looked at of a larger set, evenly spaced."""
ROUNDS = 200
STEPS = 200
"""Of a head's training."""


@dataclass(frozen=True)
class AdaptOptions:
    """How a network is adapted.

    Attributes:
        way: Key of `WAYS`: which pictures tell what a landmark looks like where it is seen.
        norm: Whether the statistics of the landmark features are measured anew, too.
        seed: Of the bootstrap, and of the covers that the head learns from.
        head: Whether the head learns from covers, too.
        steps: Of its training.
        covers: Of `KINDS`, which covers it learns from.
    """

    way: str = "near_median"
    norm: bool = False
    seed: int = 0
    head: bool = False
    steps: int = STEPS
    covers: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            ValueError: There is no such way or cover, or there are no steps.
        """
        check_choice("the way", self.way, WAYS)
        if not self.covers or not set(self.covers) <= set(KINDS):
            raise ValueError(f"covers must be of {', '.join(KINDS)}, got {', '.join(self.covers)}")
        if self.steps < 1:
            raise ValueError(f"the head needs at least one step, got {self.steps}")


@dataclass(frozen=True)
class Adapted:
    """A network fitted to pictures.

    Attributes:
        model: The new network; the one it comes from is left as it was.
        before, after: What the old and the new network find in the pictures.
        average_before, average_after: (K,) average logits.
        interval: (K, 2) the latter's 95 % bootstrap interval over pictures.
        share: (K,) how much of the measured change was believed, in [0, 1].
        norm_moved: Root mean square of how far the mean of a channel moved, in its standard
            deviations; None where it was left alone.
        norm_scaled: Median ratio of the new variances to the old ones; None likewise.
        familiar: What best logits the new network knows from the pictures.
        taught: How the head learnt; None where it was left alone.
    """

    model: AONet
    before: Landmarks
    after: Landmarks
    average_before: np.ndarray
    average_after: np.ndarray
    interval: np.ndarray
    share: np.ndarray
    norm_moved: float | None
    norm_scaled: float | None
    familiar: Familiar
    taught: HeadFit | None


def adapt(
    model: AONet,
    pixels: Tensor,
    data: str,
    options: AdaptOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Adapted:
    """Fit a network to pictures.

    Args:
        model: The network, in evaluation mode.
        pixels: (N, 3, H, W) uint8, different pictures of the network's input size.
        data: What they are, for people.
        options: How.
        progress: Told of pictures looked at, some of them many times, and their number.

    Raises:
        ValueError: The pictures are too few, or the network finds no landmarks.
    """
    options = options or AdaptOptions()
    if model.config.landmark_features in ("gap", "pose"):
        raise ValueError(f"a network of preset {model.config.preset} has no landmarks to adapt")
    if len(pixels) < MIN_PICTURES:
        raise ValueError(
            f"adapting needs at least {MIN_PICTURES} different pictures, got {len(pixels)}"
        )
    if options.head and not can_be_taught(model):
        raise ValueError(
            f"a network of preset {model.config.preset} has no head that can be taught: expected "
            "one of aonet_context"
        )
    report = Told(
        progress, len(pixels) + (looks(len(pixels), options.steps) if options.head else 0)
    )
    tapped = tapped_features(model, pixels, report)
    before = find_landmarks(model, tapped)
    new = copy.deepcopy(model)
    moved = _renormalise(new, tapped) if options.norm else (None, None)
    how = None
    if options.head:
        how = teach(new, pixels, tapped, options.covers, options.steps, options.seed, report)
    landmarks = find_landmarks(new, tapped)
    logits = landmarks.best_logit.numpy()
    weights = _weights(logits, options.way)
    old, measured = average_logit(new), (weights * logits).sum(axis=0)
    drawn = _drawn(logits, options)
    change = measured - old
    if how:  # it was taught to answer as high as its parent where nothing is hidden
        change = np.minimum(change, 0)
    share = trusted(change, drawn.var(axis=0))
    remembered = torch.einsum("nk,nkc->kc", torch.from_numpy(weights).float(), landmarks.peak)
    vectors = new.memory.vectors
    vectors.lerp_(remembered.to(vectors), torch.from_numpy(share[:, None]).to(vectors))
    edges = np.percentile(drawn, [2.5, 97.5], axis=0).T
    return Adapted(
        new,
        before,
        find_landmarks(new, tapped),
        average_logit(model),
        average_logit(new),
        ((1 - share) * old)[:, None] + share[:, None] * edges,
        share,
        *moved,
        familiar(logits, data),
        how,
    )


class Told:
    """Tells of several pieces of work as of one."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        """Start with nothing done."""
        self._progress, self._total, self._before = progress, total, 0

    def __call__(self, done: int, total: int) -> None:
        """Tell of so much of a piece of work."""
        if self._progress:
            self._progress(self._before + done, self._total)
        if done == total:
            self._before += total


def trusted(change: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Share of a measured change to believe in, in [0, 1]: none where it may well be chance.

    Args:
        change: Measured minus known.
        variance: Of the measured value, from picture to picture.
    """
    return change**2 / np.maximum(change**2 + variance, 1e-12)


@torch.inference_mode()
def average_logit(model: AONet) -> np.ndarray:
    """The logit of what each landmark remembers, (K,): the height of the reference."""
    memory = model.memory.vectors
    blank = memory.new_zeros(1, memory.shape[1], 1, 1)
    return model.activation(blank, memory)[1].float().cpu().numpy()


def _renormalise(model: AONet, tapped: Tensor) -> tuple[float | None, float | None]:
    """Measure the statistics of the landmark features anew; how far they moved."""
    norm = landmark_norm(model)
    old_mean, old_variance = (getattr(norm, f"running_{each}", None) for each in ("mean", "var"))
    if old_mean is None or old_variance is None:
        return None, None
    mean, variance = (each.to(old_mean.device) for each in statistics(tapped))
    old = old_variance.clamp_min(1e-12)
    moved, scaled = (mean - old_mean) / old.sqrt(), variance / old
    old_mean.copy_(mean)
    old_variance.copy_(variance)
    return float(moved.square().mean().sqrt()), float(scaled.median())


def _weights(logits: np.ndarray, way: str) -> np.ndarray:
    """Weight of every picture for every landmark, (N, K), columns sum to 1."""
    return np.stack([WAYS[way](column) for column in logits.T], axis=1)


def _drawn(logits: np.ndarray, options: AdaptOptions) -> np.ndarray:
    """Weighted mean logits of other draws of as many pictures, (rounds, K)."""
    rng = np.random.default_rng(options.seed)
    means = []
    for _ in range(ROUNDS):
        drawn = logits[rng.integers(len(logits), size=len(logits))]
        means.append((_weights(drawn, options.way) * drawn).sum(axis=0))
    return np.array(means)


def spread(names: Sequence, most: int = MAX_PICTURES) -> list[int]:
    """Positions of at most so many of them, evenly spaced."""
    return (
        np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round())
        .astype(int)
        .tolist()
    )
