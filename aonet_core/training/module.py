"""The training loop's one step, as a LightningModule."""

from __future__ import annotations

import operator
import time
from dataclasses import replace
from functools import reduce
from typing import Any

import torch
from pytorch_lightning import LightningModule
from torch import Tensor

from aonet_core.data.batches import Batch
from aonet_core.losses import consistency_loss, match_loss, visible_awareness
from aonet_core.model import AONet
from aonet_core.training.objective import objective
from aonet_core.training.recipe import TrainingRecipe
from aonet_core.training.schedule import SCHEDULES


class DivergedError(ValueError):
    """The loss is no longer a finite number."""


class AONetTraining(LightningModule):
    """Trains a network by a recipe: the loss, the memory, the learning rate.

    Attributes:
        model: The network.
        recipe: How it is trained.
        seconds: Time spent training, over all resumptions.
    """

    def __init__(self, model: AONet, recipe: TrainingRecipe) -> None:
        """Wrap a network."""
        super().__init__()
        self.model, self.recipe = model, recipe
        self.seconds = 0.0
        self._clock = 0.0
        self._frozen = list(model.backbone.children())[: recipe.frozen_stages]
        for stage in self._frozen:
            stage.requires_grad_(False)

    def on_train_start(self) -> None:
        """Start the clock."""
        self._clock = time.monotonic()

    def training_step(self, batch: Batch, batch_index: int) -> dict[str, Tensor]:
        """Return the loss of one batch, and what the memory will be updated with.

        Occluded copies go through the network beside the images, so that both are normalised by
        the same batch statistics; they take part in the consistency term, and in the identity loss
        if the recipe says so.

        Raises:
            DivergedError: The loss is not finite.
        """
        for stage in self._frozen:
            stage.eval()  # so that its batch norms keep their statistics
        images = torch.cat([batch.images, batch.occluded])
        if self.recipe.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        output = self.model(images)
        count = len(batch.labels)
        clean = output.take(slice(None, count))
        smoothing = self.recipe.label_smoothing
        terms = objective(self.model, clean, batch.labels, smoothing)
        config = self.model.config
        weight = output.weight
        if len(batch.source):
            source = clean.take(batch.source)
            occluded = output.take(slice(count, None))
            terms["consistency"] = config.consistency_weight * consistency_loss(
                source, occluded, batch.visible, config.consistency
            )
            # What is hidden is known here; how visible each landmark is need not be believed.
            occluded = replace(occluded, weight=visible_awareness(source, batch.visible))
            weight = torch.cat([clean.weight, occluded.weight])
            if self.recipe.classify_occluded:
                copies = objective(self.model, occluded, batch.labels[batch.source], smoothing)
                terms["occluded"] = copies["identity"] * len(batch.source) / count
        if config.match_weight:
            picture = torch.cat([torch.arange(count, device=images.device), batch.source])
            terms["match"] = config.match_weight * match_loss(
                output.retrieval_features, weight, batch.labels[picture], picture
            )
        loss = reduce(operator.add, terms.values())
        if not loss.isfinite():
            raise DivergedError(
                f"the loss became {loss.item()} at step {self.global_step}: "
                "try a lower learning rate or precision 32-true"
            )
        # Since awareness weights the loss, the network may come to switch landmarks off: watch it.
        awareness = clean.awareness.mean(dim=0)  # (K,)
        values = {"loss": loss, **terms, "awareness": awareness.mean(), "weakest": awareness.min()}
        # Means over all processes, each of which has as many images.
        logged = {name: value.detach() for name, value in values.items()}
        self.log_dict(logged, prog_bar=True, sync_dist=True)
        return {
            "loss": loss,
            "landmark_map": clean.landmark_map,
            "referenced_response_map": clean.referenced_response_map,
        }

    def on_train_batch_start(self, batch: Batch, batch_index: int) -> None:
        """Set the learning rate."""
        rate = self.recipe.learning_rate * SCHEDULES[self.recipe.schedule](self.progress())
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate
        self.log("learning_rate", rate)

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_index: int) -> None:
        """Update the memory (Eq. 1), and stop when the time is over.

        Not in the step itself: the backward pass still needs the memory as the forward saw it.
        """
        if self.model.config.landmark_features not in ("gap", "pose"):
            self.model.memory.update(outputs["landmark_map"], outputs["referenced_response_map"])
        now = time.monotonic()
        self.seconds, self._clock = self.seconds + now - self._clock, now
        if self.recipe.minutes is not None:
            # Learning rate and end follow the time: all processes must read one clock.
            self.seconds = self.trainer.strategy.broadcast(self.seconds)
            self.trainer.should_stop |= self.seconds >= 60 * self.recipe.minutes

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam; only weight matrices and convolutions decay."""
        decayed: list[Tensor] = []
        undecayed: list[Tensor] = []
        for name, parameter in self.model.named_parameters():
            if not parameter.requires_grad:
                continue
            matrix = parameter.ndim > 1 and not name.endswith("patterns")
            (decayed if matrix else undecayed).append(parameter)
        groups = [
            {"params": decayed, "weight_decay": self.recipe.weight_decay},
            {"params": undecayed, "weight_decay": 0.0},
        ]
        return torch.optim.Adam(groups, lr=self.recipe.learning_rate)

    def on_save_checkpoint(self, checkpoint: dict) -> None:
        """Remember the time spent."""
        checkpoint["seconds"] = self.seconds

    def on_load_checkpoint(self, checkpoint: dict) -> None:
        """Take up the time spent."""
        self.seconds = checkpoint["seconds"]

    def seconds_left(self) -> float:
        """Estimate the time to the end of the run."""
        done = self.progress()
        return self.seconds * (1.0 - done) / done

    def progress(self) -> float:
        """Share of the run that is done, in (0, 1], at the middle of the coming step."""
        done = (self.global_step + 0.5) / self.trainer.estimated_stepping_batches
        if self.recipe.minutes is not None:
            done = max(done, self.seconds / (60 * self.recipe.minutes))
        return min(done, 1.0)
