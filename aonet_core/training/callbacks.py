"""What happens between epochs: a line in the log, and validation."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import torch
from pytorch_lightning import Callback, Trainer

from aonet_core.model import AONet
from aonet_core.training.module import AONetTraining

logger = logging.getLogger(__name__)

Measure = Callable[[AONet], dict[str, float]]
"""Measures a network in evaluation mode."""


class EpochReport(Callback):
    """Logs one line per epoch.

    Attributes:
        means: Mean of every logged value over the steps of the last epoch.
    """

    def __init__(self) -> None:
        """Start without an epoch."""
        self.means: dict[str, float] = {}
        self._sums: Counter[str] = Counter()
        self._steps = 0

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        """Add up what the step logged."""
        self._sums.update({name: value.item() for name, value in trainer.logged_metrics.items()})
        self._steps += 1

    def on_train_epoch_end(self, trainer: Trainer, module: AONetTraining) -> None:
        """Write the line."""
        self.means = {name: total / self._steps for name, total in self._sums.items()}
        self._sums, self._steps = Counter(), 0
        logger.info(
            "Epoch %d of %d after %.1f min: %s",
            trainer.current_epoch + 1,
            trainer.max_epochs,
            module.seconds / 60,
            _words(self.means),
        )


class Validation(Callback):
    """Measures the network before the first epoch, every few epochs and after the last one.

    The first time, whatever stands in the way of measuring shows before hours of training.

    Attributes:
        metrics: What the last measurement gave.
    """

    def __init__(self, measure: Measure, every: int) -> None:
        """Remember what to call, and how often."""
        self.measure, self.every = measure, every
        self.metrics: dict[str, float] = {}

    def on_train_start(self, trainer: Trainer, module: AONetTraining) -> None:
        """Measure what training starts from."""
        self._measure(trainer.current_epoch, module)

    def on_train_epoch_end(self, trainer: Trainer, module: AONetTraining) -> None:
        """Measure if it is time to, and log the result."""
        done = trainer.current_epoch + 1
        if done % self.every == 0 or done == trainer.max_epochs or trainer.should_stop:
            self._measure(done, module)
            module.log_dict({f"validation_{name}": value for name, value in self.metrics.items()})

    def _measure(self, done: int, module: AONetTraining) -> None:
        """Measure in evaluation mode, without gradients."""
        module.model.eval()
        # Code generated for training is not generated again for measuring.
        with torch.no_grad(), torch.compiler.set_stance("force_eager"):
            self.metrics = self.measure(module.model)
        module.model.train()
        logger.info("Validation after epoch %d: %s", done, _words(self.metrics))


def _words(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
