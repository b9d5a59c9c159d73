"""Batches for the processes that train together."""

from __future__ import annotations

import os

import torch
from pytorch_lightning import LightningDataModule, Trainer
from torch.utils.data import DataLoader

from aonet_core.data.batches import Collate, TrainingImages
from aonet_core.data.sampler import IdentitySampler
from aonet_core.training.recipe import TrainingRecipe

MOST_WORKERS = 8


class IdentityBatches(LightningDataModule):
    """The training batches of a recipe, shared among the processes that train together."""

    def __init__(
        self,
        images: TrainingImages,
        recipe: TrainingRecipe,
        feature_size: tuple[int, int],
        facts: dict | None = None,
    ) -> None:
        """Remember the images; the sampler is made when the processes are known.

        Args:
            images: To train on.
            recipe: How batches are made of them.
            feature_size: Height and width of the network's feature map.
            facts: What tells the data from others (`data_facts`), kept with every checkpoint.
        """
        super().__init__()
        self.images, self.recipe, self.feature_size = images, recipe, feature_size
        self.facts = facts
        self.first_epoch = 0

    def train_dataloader(self) -> DataLoader:
        """Make this process's loader.

        Lightning tells its sampler the epoch, but it asks workers for their first batches before
        that, and so would start a resumed run with the draws of epoch 0.
        """
        rank, processes = self._running.global_rank, self._running.world_size
        loader = self.loader(rank, processes)
        if isinstance(loader.sampler, IdentitySampler):
            loader.sampler.set_epoch(self.first_epoch)
        return loader

    @property
    def _running(self) -> Trainer:
        """The trainer that asks."""
        if self.trainer is None:
            raise RuntimeError("only a trainer's batches know their epoch")
        return self.trainer

    def state_dict(self) -> dict:
        """Return what a resumed run must know; checkpoints are written when an epoch is done."""
        return {"first_epoch": self._running.current_epoch + 1, "data": self.facts}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.first_epoch = state["first_epoch"]

    def loader(self, rank: int = 0, processes: int = 1) -> DataLoader:
        """Make the loader of one of several processes.

        Raises:
            ValueError: A batch cannot be shared equally among them.
        """
        recipe = self.recipe
        occluded = recipe.occluded_images if recipe.network(1).consistency_weight else 0
        if occluded % processes:
            raise ValueError(
                f"{processes} processes cannot share {occluded} occluded_images equally"
            )
        sampler = IdentitySampler(
            self.images.labels,
            recipe.identities,
            recipe.images,
            recipe.seed,
            rank=rank,
            processes=processes,
        )
        workers = default_workers(processes) if recipe.workers is None else recipe.workers
        return DataLoader(
            self.images,
            batch_size=recipe.identities * recipe.images // processes,
            sampler=sampler,
            collate_fn=Collate(occluded // processes, self.feature_size),
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=torch.cuda.is_available(),
        )


def default_workers(processes: int) -> int:
    """Choose how many processes prepare batches for each that trains (`benchmarks.loader`).

    Where the processor trains as well, one is far ahead of the network. An accelerator needs as
    many as there are cores, one kept for the training process, up to `MOST_WORKERS`.
    """
    if not torch.cuda.is_available():
        return 1
    return max(1, min(MOST_WORKERS, (os.cpu_count() or 1) // processes - 1))
