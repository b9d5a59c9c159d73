"""Batches for the processes that train together."""

from __future__ import annotations

import torch
from pytorch_lightning import LightningDataModule
from torch.utils.data import DataLoader

from aonet_core.data.batches import Collate, TrainingImages
from aonet_core.data.sampler import IdentitySampler
from aonet_core.training.recipe import TrainingRecipe


class IdentityBatches(LightningDataModule):
    """The training batches of a recipe, shared among the processes that train together."""

    def __init__(
        self, images: TrainingImages, recipe: TrainingRecipe, feature_size: tuple[int, int]
    ) -> None:
        """Remember the images; the sampler is made when the processes are known."""
        super().__init__()
        self.images, self.recipe = images, recipe
        network = recipe.network(num_ids=1)
        occluded = recipe.occluded_images if network.consistency_weight else 0
        self.collate = Collate(occluded, feature_size)

    def train_dataloader(self) -> DataLoader:
        """Make this process's loader; Lightning tells its sampler the epoch."""
        recipe = self.recipe
        sampler = IdentitySampler(
            self.images.labels,
            recipe.identities,
            recipe.images,
            recipe.seed,
            rank=self.trainer.global_rank,
            processes=self.trainer.world_size,
        )
        return DataLoader(
            self.images,
            batch_size=recipe.identities * recipe.images,
            sampler=sampler,
            collate_fn=self.collate,
            num_workers=recipe.workers,
            persistent_workers=recipe.workers > 0,
            pin_memory=torch.cuda.is_available(),
        )
