"""How far the loader is ahead of the network, and how many workers keep the device busy.

Run as `python -m benchmarks.loader`. Three rates in images/s, all of them through the same training
loop: of the loader alone, of the network alone on one batch that never changes, and of both
together. A recipe's `workers` are enough when the third is the second.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import yaml
from pytorch_lightning import Callback, LightningDataModule
from torch.utils.data import DataLoader

from aonet_core.data import read_dataset
from aonet_core.data.batches import Batch, TrainingImages
from aonet_core.model import AONet
from aonet_core.training import TrainingRecipe, load_recipe
from aonet_core.training.loader import IdentityBatches, default_workers
from aonet_core.training.module import AONetTraining
from aonet_core.training.trainer import build_trainer

WARM_UP = 3
ENDLESS = 10**6


@dataclass
class Rate(Callback):
    """Counts the images trained on per second, after a warm-up."""

    steps: int
    batch: int
    per_second: float = 0.0

    def on_train_batch_end(self, trainer, *_) -> None:
        """Start and stop the clock."""
        if trainer.global_step == WARM_UP:
            self.began = _now()
        if trainer.global_step == WARM_UP + self.steps:
            self.per_second = self.batch * self.steps / (_now() - self.began)
            trainer.should_stop = True


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


class OneBatch(LightningDataModule):
    """The same batch again and again, made once."""

    def __init__(self, batch: Batch) -> None:
        """Remember it."""
        super().__init__()
        self.batches = [batch] * ENDLESS

    def train_dataloader(self) -> DataLoader:
        """Hand it out."""
        return DataLoader(self.batches, batch_size=None, pin_memory=torch.cuda.is_available())


def trained_per_second(
    data: LightningDataModule, recipe: TrainingRecipe, num_ids: int, steps: int
) -> float:
    """Train some steps and return images/s."""
    rate = Rate(steps, recipe.identities * recipe.images)
    model = AONet(recipe.network(num_ids)).to(memory_format=torch.channels_last)
    with TemporaryDirectory() as out:
        trainer = build_trainer(recipe, Path(out), [rate], progress=False, done_steps=0)
        trainer.fit(AONetTraining(model, recipe), datamodule=data)
    return rate.per_second


def loaded_per_second(data: IdentityBatches, recipe: TrainingRecipe, steps: int) -> float:
    """Draw batches without a network and return images/s; epochs follow each other."""
    loader = data.loader()
    batches = chain.from_iterable(repeat(loader))
    for _ in range(WARM_UP):
        next(batches)
    began = time.perf_counter()
    for _ in range(steps):
        next(batches)
    return recipe.identities * recipe.images * steps / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="aonet_lens", help="recipe")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2, 4])
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    pairs = (text.partition("=") for text in options.set)
    changes = {name: yaml.safe_load(value) for name, _, value in pairs}
    recipe = load_recipe(options.config).change({"epochs": ENDLESS, **changes})
    # The shipped set has no training split; its gallery is as good for a stopwatch.
    shipped = read_dataset("sample_data")
    dataset = replace(shipped, train=tuple(sample for sample in shipped.gallery if sample.pid))
    height, width = recipe.network(dataset.num_ids).image_size
    images = TrainingImages(dataset.train, dataset.train_labels(), (height, width))
    grid = height // 16, width // 16

    print(f"{os.cpu_count()} cores, {torch.cuda.device_count()} CUDA devices, {options.config}")
    one = next(iter(IdentityBatches(images, recipe.change({"workers": 0}), grid).loader()))
    network = trained_per_second(OneBatch(one), recipe, dataset.num_ids, options.steps)
    print(f"network alone: {network:.0f} images/s")
    for workers in options.workers:
        data = IdentityBatches(images, recipe.change({"workers": workers}), grid)
        alone = loaded_per_second(data, recipe, options.steps)
        both = trained_per_second(data, recipe, dataset.num_ids, options.steps)
        chosen = " (the default here)" if workers == default_workers(1) else ""
        print(
            f"{workers} workers{chosen}: loader alone {alone:.0f} images/s, {alone / network:.1f} "
            f"times the network; together {both:.0f}, {100 * both / network:.0f} % of the network"
        )


if __name__ == "__main__":
    main()
