"""What ends a run early, in one sentence each."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import TimeoutExpired

import torch
from pytorch_lightning import Trainer

from aonet_core.data.samples import DataSet
from aonet_core.errors import is_full
from aonet_core.training.recipe import TrainingRecipe


def check_identities(dataset: DataSet, recipe: TrainingRecipe) -> None:
    """Refuse identities that there is nothing to learn from.

    Raises:
        ValueError: An identity has fewer images than the recipe's `min_images`, or there are fewer
            identities than a batch needs.
    """
    counts = Counter(sample.pid for sample in dataset.train)
    if len(counts) < recipe.identities:
        raise ValueError(
            f"a batch needs {recipe.identities} identities, {dataset.name} has only {len(counts)} "
            "to train on: use fewer identities per batch or more data"
        )
    few = sorted(pid for pid, count in counts.items() if count < recipe.min_images)
    if few:
        raise ValueError(
            f"{len(few)} of {len(counts)} training identities have fewer images than expected, "
            f"{recipe.min_images}, such as identity {few[0]} with {counts[few[0]]}: add images of "
            "them, leave them out, or lower min_images"
        )


def check_devices(recipe: TrainingRecipe) -> None:
    """Refuse more devices than this machine has; without accelerators each is a processor.

    Raises:
        ValueError: There are fewer.
    """
    cards = torch.accelerator.device_count() if torch.accelerator.is_available() else 0
    here, what = (cards, "accelerators") if cards else (os.cpu_count() or 1, "processors")
    if recipe.devices > here:
        raise ValueError(f"devices is {recipe.devices}, this machine has {here} {what}")


@contextmanager
def clear_stops(trainer: Trainer, out: Path) -> Iterator[None]:
    """Turn what Lightning, its workers and the disk raise into one sentence.

    Raises:
        KeyboardInterrupt: The user stopped the run.
        OSError: The disk is full, or a process that trained along has stopped.
        ValueError: As raised inside, without the traceback of a worker.
    """
    try:
        yield
    except SystemExit:
        if not trainer.interrupted:
            raise
        # Lightning turns Ctrl-C into an exit, and ignores it from then on.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt from None
    except Exception as error:
        left_alone = _end_companions(trainer)
        if is_full(error):
            raise OSError(
                f"the disk of {out} is full: make room and go on with --resume; what was written "
                "before is intact"
            ) from error
        if left_alone and isinstance(error, RuntimeError):
            raise ChildProcessError(
                "a process that trained along has stopped; its message says why"
            ) from error
        if isinstance(error, (ValueError, OSError)) and str(error).startswith("Caught "):
            # From a worker that prepares batches: the last line of its traceback.
            raise type(error)(str(error).strip().splitlines()[-1].partition(": ")[2]) from error
        raise


def _end_companions(trainer: Trainer) -> bool:
    """End the processes this one started; return whether one had failed before."""
    failed = False
    for process in getattr(trainer.strategy.launcher, "procs", ()):
        try:
            failed |= process.wait(timeout=1) != 0
        except TimeoutExpired:
            process.kill()
    return failed
