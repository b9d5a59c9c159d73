"""The networks a run leaves behind, and what their cards say."""

from __future__ import annotations

import logging
import math
import platform
from pathlib import Path

import pytorch_lightning as lightning
import torch
import torchvision

from aonet_core.data.samples import DataSet
from aonet_core.model import save_checkpoint
from aonet_core.model.checkpoint import update_card
from aonet_core.training.callbacks import EpochReport, Validation
from aonet_core.training.module import AONetTraining
from aonet_core.training.recipe import TrainingRecipe

logger = logging.getLogger(__name__)
EXPORT = "model.safetensors"
LAST_EXPORT = "last.safetensors"


class Exports:
    """Writes the network of the best epoch, and that of the last.

    Attributes:
        validation: Chooses the best epoch; None: the last one is exported as the best.
    """

    validation: Validation | None = None

    def __init__(self, out: Path, card: dict, module: AONetTraining, report: EpochReport) -> None:
        """Remember where to write, what every card says, and where the rest is known."""
        self.out, self.card, self.module, self.report = out, card, module, report

    def keep(self, best: bool) -> None:
        """Export the best epoch so far, or note in its card what was measured after it."""
        if best:
            self._write(EXPORT)
            logger.info("Epoch %d is the best so far", self.report.epoch)
        elif self.validation is not None and self.validation.best_epoch is not None:
            update_card(self.out / EXPORT, validations=self._validations())

    def finish(self) -> None:
        """Export the last epoch."""
        if self.validation is not None and self.validation.best_epoch is not None:
            self._write(LAST_EXPORT)
        else:
            self._write(EXPORT)
            logger.info("Exported the last epoch: there is no validation to choose another by")

    def _write(self, name: str) -> None:
        history = self._validations()
        facts = {
            "epoch": self.report.epoch,
            "steps": self.module.trainer.global_step,
            "minutes": round(self.module.seconds / 60, 2),
            "training": {name: round(value, 5) for name, value in self.report.means.items()},
            "validation": history.get(str(self.report.epoch), {}),
            "validations": history,
        }
        save_checkpoint(self.out / name, self.module.model, self.card | facts)

    def _validations(self) -> dict[str, dict[str, float | None]]:
        """All measurements so far by epoch; JSON has no word for NaN."""
        history = self.validation.history if self.validation else {}
        return {
            str(epoch): {n: None if math.isnan(value) else value for n, value in metrics.items()}
            for epoch, metrics in history.items()
        }


def data_facts(dataset: DataSet) -> dict[str, str | int]:
    """What is said of the training data: name, numbers, and a fingerprint that no other set has."""
    return {
        "name": dataset.name,
        "train_images": len(dataset.train),
        "train_identities": dataset.num_ids,
        "fingerprint": dataset.fingerprint(),
    }


def base_card(recipe: TrainingRecipe, data: dict, origin: str, command: str) -> dict:
    """What every card of a run says about its origin; `data` is of `data_facts`."""
    return {
        "command": command,
        "data": data,
        "seed": recipe.seed,
        "recipe": recipe.to_dict(),
        "backbone_start": origin,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "pytorch_lightning": lightning.__version__,
        },
    }
