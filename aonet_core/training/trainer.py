"""The Lightning trainer of a recipe: device, number format, checkpoints, logs, progress."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.callbacks import ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from pytorch_lightning.plugins.io import TorchCheckpointIO

from aonet_core.files import replacing
from aonet_core.model.precision import best_device, fast_dtype
from aonet_core.training.callbacks import ours
from aonet_core.training.recipe import TrainingRecipe
from aonet_core.training.run import METRICS_FOLDER, RESUME_FILE


class AtomicCheckpoints(TorchCheckpointIO):
    """Writes checkpoints so that a kill while writing leaves the one before.

    Lightning's own way goes through the folder for temporary files, which may be on another disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint beside the one it replaces and exchange them."""
        with replacing(Path(path)) as partial, partial.open("wb") as file:
            torch.save(checkpoint, file)


class RunProgress(TQDMProgressBar):
    """A progress bar of the epoch that also shows the time left for the whole run."""

    def get_metrics(self, trainer: Trainer, module: LightningModule) -> dict:
        """Return what stands behind the bar."""
        metrics = super().get_metrics(trainer, module)
        metrics.pop("v_num", None)
        return {"run_left": timedelta(seconds=round(ours(module).seconds_left()))} | metrics


def build_trainer(
    recipe: TrainingRecipe, out: Path, callbacks: list[Callback], progress: bool, done_steps: int
) -> Trainer:
    """Build the trainer of a run.

    Args:
        recipe: How to train.
        out: Folder of the run.
        callbacks: What happens between steps and epochs, in order.
        progress: Show a progress bar.
        done_steps: Steps of the run that is resumed; TensorBoard forgets what it saw after them.
    """
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    together = recipe.devices > 1
    checkpoint = ModelCheckpoint(
        dirpath=out,
        filename=Path(RESUME_FILE).stem,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    return Trainer(
        accelerator="auto",
        devices=recipe.devices,
        strategy="ddp" if together else "auto",
        # Torch has no synchronised batch norm on processors: each process then normalises by its
        # own part of the batch.
        sync_batchnorm=together and torch.cuda.is_available(),
        precision=_precision(recipe),
        max_epochs=recipe.epochs,
        plugins=[AtomicCheckpoints()],
        logger=[
            CSVLogger(out, name=METRICS_FOLDER),
            TensorBoardLogger(out, name="tensorboard", version="", purge_step=done_steps),
        ],
        log_every_n_steps=1,
        callbacks=[*callbacks, checkpoint, *([RunProgress(leave=True)] if progress else [])],
        enable_progress_bar=progress,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )


def _precision(recipe: TrainingRecipe) -> Any:
    """Lightning's name of the number format to train in."""
    if recipe.precision != "auto":
        return recipe.precision
    names = {torch.bfloat16: "bf16-mixed", torch.float16: "16-mixed", torch.float32: "32-true"}
    return names[fast_dtype(best_device())]
