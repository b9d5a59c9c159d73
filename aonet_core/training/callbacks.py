"""What happens between epochs: a line in the log, validation, the choice of the best epoch."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable

import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from aonet_core.model import AONet
from aonet_core.training.module import AONetTraining

logger = logging.getLogger(__name__)

Measure = Callable[[AONet], dict[str, float]]
"""Measures a network in evaluation mode; NaN stands for what cannot be measured."""


class EpochReport(Callback):
    """Logs one line per epoch.

    Attributes:
        epoch: How many epochs are done.
        means: Mean of every logged value over the steps of the last epoch.
    """

    def __init__(self) -> None:
        """Start without an epoch."""
        self.epoch = 0
        self.means: dict[str, float] = {}
        self._sums: Counter[str] = Counter()
        self._steps = 0

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        """Add up what the step logged."""
        self._sums.update(
            {
                name: value.item()
                for name, value in trainer.logged_metrics.items()
                if not name.startswith(Validation.PREFIX)
            }
        )
        self._steps += 1

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Write the line."""
        self.epoch = trainer.current_epoch + 1
        self.means = {name: total / self._steps for name, total in self._sums.items()}
        self._sums, self._steps = Counter(), 0
        logger.info(
            "Epoch %d of %d after %.1f min, %.1f min to go: %s",
            self.epoch,
            trainer.max_epochs,
            ours(module).seconds / 60,
            ours(module).seconds_left() / 60,
            _words(self.means),
        )

    def state_dict(self) -> dict:
        """Return what a resumed run must know."""
        return {"epoch": self.epoch, "means": self.means}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.epoch, self.means = state["epoch"], state["means"]


class Validation(Callback):
    """Measures the network before the first epoch, every few epochs and after the last one.

    The first time, whatever stands in the way of measuring shows before hours of training. Of
    processes that train together the first measures while the others wait.

    Attributes:
        history: What each measurement gave, by the number of epochs done before it.
        best_epoch: The trained epoch with the highest score; None before there is one.
    """

    PREFIX = "validation_"

    def __init__(
        self, measure: Measure, every: int, select_by: str, keep: Callable[[bool], None]
    ) -> None:
        """Remember what to call, and how often.

        Args:
            measure: Measures the network.
            every: Epochs between two measurements.
            select_by: Names of what it returns, joined by "+"; their sum is the score.
            keep: Called on the first process after every measurement of a trained network, with
                whether it is the best so far.
        """
        self.measure, self.every, self.select_by, self.keep = measure, every, select_by, keep
        self.history: dict[int, dict[str, float]] = {}
        self.best_epoch: int | None = None

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Measure what training starts from."""
        if trainer.current_epoch == 0:
            metrics = self._measure(0, trainer, ours(module))
            if trainer.is_global_zero:
                score(metrics, self.select_by)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Measure if it is time to, log the result and keep the network if it is the best."""
        done = trainer.current_epoch + 1
        if done % self.every and done != trainer.max_epochs and not trainer.should_stop:
            return
        metrics = self._measure(done, trainer, ours(module))
        module.log_dict(
            {f"{self.PREFIX}{name}": value for name, value in metrics.items()}, rank_zero_only=True
        )
        reached = score(metrics, self.select_by)
        if math.isnan(reached):
            logger.warning("Epoch %d cannot be the best: %s is unknown", done, self.select_by)
            best = False
        else:
            before = self.best_epoch and score(self.history[self.best_epoch], self.select_by)
            best = before is None or reached > before
        self.best_epoch = done if best else self.best_epoch
        if trainer.is_global_zero:
            self.keep(best)

    def state_dict(self) -> dict:
        """Return what a resumed run must know."""
        return {"history": self.history, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.history, self.best_epoch = state["history"], state["best_epoch"]

    def _measure(self, done: int, trainer: Trainer, module: AONetTraining) -> dict[str, float]:
        """Measure in evaluation mode, without gradients."""
        metrics = {}
        if trainer.is_global_zero:
            module.model.eval()
            # Code generated for training is not generated again for measuring.
            with torch.no_grad(), torch.compiler.set_stance("force_eager"):
                measured = self.measure(module.model)
            metrics = {name: float(value) for name, value in measured.items()}
            module.model.train()
            logger.info("Validation after epoch %d: %s", done, _words(metrics))
        self.history[done] = trainer.strategy.broadcast(metrics)
        return self.history[done]


def ours(module: LightningModule) -> AONetTraining:
    """What these callbacks are made for.

    Raises:
        TypeError: It trains something else.
    """
    if not isinstance(module, AONetTraining):
        raise TypeError(f"expected AONetTraining, got {type(module).__name__}")
    return module


def score(metrics: dict[str, float], select_by: str) -> float:
    """Return the sum of the metrics that "mean_ap + awareness_auroc" names, NaN if one is.

    Raises:
        ValueError: One of them was not measured.
    """
    names = [name.strip() for name in select_by.split("+")]
    missing = [name for name in names if name not in metrics]
    if missing:
        raise ValueError(
            f"select_by expects {', '.join(missing)}, but validation on this data set measures "
            f"only {', '.join(metrics)}"
        )
    return sum(metrics[name] for name in names)


def _words(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
