"""Identity-balanced batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """One image of a batch, and the seed of its augmentation.

    Attributes:
        sample: Its position in the training set.
        seed: Makes the augmentation the same wherever and whenever the image is loaded.
    """

    sample: int
    seed: int


class IdentitySampler(Sampler[Draw]):
    """Draws batches of P identities with K images each.

    An epoch cuts every identity's images, shuffled, into groups of K and deals one group of each
    identity per round, P identities at a time, so that no batch holds an identity twice. Remainders
    of fewer than K images, or of fewer than P identities in a round, wait for another epoch;
    identities with fewer than K images repeat some.

    The order is a function of seed and epoch alone: a run that is resumed sees what it would have
    seen. In data-parallel training each process takes its share of every batch, whole identities:
    together they see the batches that a single process would.
    """

    def __init__(
        self,
        labels: Sequence[int],
        identities: int = 16,
        images: int = 4,
        seed: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        """Index the images of every identity.

        Args:
            labels: Training class of every sample.
            identities: P, identities in a batch.
            images: K, images of each.
            seed: Of order and augmentation.
            rank: Which process this is, from 0.
            processes: How many train together.

        Raises:
            ValueError: There are fewer identities than a batch needs, or they cannot be shared
                equally among the processes.
        """
        if identities < 1 or images < 1:
            raise ValueError(
                f"a batch needs at least 1 identity and 1 image, got {identities} and {images}"
            )
        if identities % processes:
            raise ValueError(
                f"{processes} processes cannot share a batch of {identities} identities equally"
            )
        classes = np.asarray(labels)
        self.members = [np.flatnonzero(classes == label) for label in np.unique(classes)]
        if len(self.members) < identities:
            raise ValueError(
                f"a batch needs {identities} identities, the training set has only "
                f"{len(self.members)}: use fewer identities per batch or more data"
            )
        self.identities, self.images = identities, images
        self.seed, self.rank, self.processes = seed, rank, processes
        self.epoch = 0
        groups = np.array([max(1, len(member) // images) for member in self.members])
        self.batches = sum(int((groups > done).sum()) // identities for done in range(groups.max()))

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch, from 0, whose order the next iteration gives."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Count the images this process draws in an epoch."""
        return self.batches * self.identities * self.images // self.processes

    def __iter__(self) -> Iterator[Draw]:
        """Yield the draws of the epoch, batch after batch."""
        rng = np.random.default_rng([self.seed, self.epoch])
        batches = self._deal(rng)
        seeds = rng.integers(0, 2**31, size=batches.shape)
        share = batches.shape[1] // self.processes
        mine = np.s_[:, self.rank * share : (self.rank + 1) * share]
        for index, seed in zip(batches[mine].flat, seeds[mine].flat, strict=True):
            yield Draw(int(index), int(seed))

    def _deal(self, rng: np.random.Generator) -> np.ndarray:
        """Return the indices of all processes' batches, (batches, P * K)."""
        hands = [self._groups(member, rng) for member in self.members]
        batches = []
        for done in range(max(len(hand) for hand in hands)):
            left = rng.permutation([i for i, hand in enumerate(hands) if len(hand) > done])
            for start in range(0, len(left) - self.identities + 1, self.identities):
                identities = left[start : start + self.identities]
                batches.append(np.concatenate([hands[i][done] for i in identities]))
        return np.stack(batches)

    def _groups(self, member: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Shuffle one identity's images into groups, (groups, K)."""
        order = np.resize(rng.permutation(member), max(self.images, len(member)))
        count = len(order) // self.images
        return order[: count * self.images].reshape(count, self.images)
