"""Trains a network by a recipe and exports it."""

from __future__ import annotations

import ctypes
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.utilities import rank_zero_only

from aonet_core.data.batches import TrainingImages
from aonet_core.data.readers import read_dataset
from aonet_core.data.transforms import normalise
from aonet_core.model import AONet
from aonet_core.model.landmarks import patterned
from aonet_core.training.callbacks import EpochReport, Measure, Validation
from aonet_core.training.export import EXPORT, Exports, base_card, data_facts
from aonet_core.training.loader import IdentityBatches
from aonet_core.training.module import AONetTraining
from aonet_core.training.patterns import STARTS
from aonet_core.training.recipe import TrainingRecipe
from aonet_core.training.run import RESUME_FILE, open_run, require_space, write_history
from aonet_core.training.stops import check_devices, check_identities, clear_stops
from aonet_core.training.trainer import build_trainer
from aonet_core.training.weights import load_backbone_weights

logger = logging.getLogger(__name__)
PATTERN_IMAGES = 384


def train(
    recipe: TrainingRecipe,
    out: str | Path,
    *,
    resume: bool = False,
    validate: Measure | None = None,
    callbacks: Sequence[Callback] = (),
    command: str = "",
    progress: bool = True,
) -> Path:
    """Train a network and export it.

    With validation `model.safetensors` is the network of the best epoch so far, written whenever
    there is a better one, and `last.safetensors` that of the last epoch. Without, the first of them
    is the last epoch's. Each has a JSON card beside it.

    Args:
        recipe: How. With several `devices` this process starts the others, by its own command
            line.
        out: Folder of the run: `recipe.yaml`; `last.ckpt` after every epoch; `metrics/` with one
            CSV file per start, joined in `history.csv` at the end of each; `tensorboard/`; and the
            exported networks.
        resume: Continue the run in `out`; the result is that of an uninterrupted run.
        validate: Called with the network before training and every `recipe.validate_every` epochs;
            what it returns is logged, goes into the cards, and chooses the best epoch.
        callbacks: Further Lightning callbacks.
        command: The command that was given, for the card.
        progress: Show a progress bar.

    Returns:
        The path of the exported network.

    Raises:
        FileNotFoundError: Data, weights or the run to resume are missing.
        KeyboardInterrupt: The user stopped the run; it can be resumed.
        OSError: The disk is or would become full.
        ValueError: The data cannot be trained on or are not those of the run to resume, `out`
            holds another run, or the loss diverged.
    """
    _keep_freed_memory()
    if getattr(rank_zero_only, "rank", 0):
        logging.getLogger("aonet_core").setLevel(logging.ERROR)
    out = Path(out)
    check_devices(recipe)
    dataset = read_dataset(recipe.data, recipe.dataset, splits=("train",))
    check_identities(dataset, recipe)
    facts = data_facts(dataset)
    done_steps = open_run(recipe, facts, out, resume)
    config = recipe.network(dataset.num_ids)
    images = TrainingImages(
        dataset.train,
        dataset.train_labels(),
        config.image_size,
        erasing=recipe.random_erasing,
    )
    torch.manual_seed(recipe.seed)
    model = AONet(config)
    require_space(model, out)
    # On resuming the checkpoint holds it all; only the words for the card are wanted.
    origin = load_backbone_weights(model.backbone, config.backbone, recipe.backbone_weights)
    if recipe.channels_last:
        model = model.to(memory_format=torch.channels_last)
    map_size = _map_size(model)
    if config.pattern_start in STARTS and not resume:
        _start_patterns(model, images, recipe)

    module, report = AONetTraining(model, recipe), EpochReport()
    if recipe.compile:
        model.backbone.compile()
    exports = Exports(out, base_card(recipe, facts, origin, command), module, report)
    stages = [*callbacks, report]
    if validate:
        exports.validation = Validation(
            validate, recipe.validate_every, recipe.select_by, exports.keep
        )
        stages.append(exports.validation)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists")
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        warnings.filterwarnings("ignore", message=".*LeafSpec")
        warnings.filterwarnings("ignore", message=".*sync_dist=True")
        trainer = build_trainer(recipe, out, stages, progress, done_steps)
        with clear_stops(trainer, out):
            try:
                trainer.fit(
                    module,
                    datamodule=IdentityBatches(images, recipe, map_size, facts),
                    ckpt_path=out / RESUME_FILE if resume else None,
                    weights_only=True if resume else None,
                )
                if trainer.is_global_zero:
                    exports.finish()
            finally:
                if trainer.is_global_zero:
                    write_history(out)
    return out / EXPORT


def _map_size(model: AONet) -> tuple[int, int]:
    """Height and width of the landmarks' maps."""
    with torch.no_grad():
        output = model.eval()(torch.zeros(1, 3, *model.config.image_size))
    model.train()
    return tuple(output.response_map.shape[2:])


def _start_patterns(model: AONet, images: TrainingImages, recipe: TrainingRecipe) -> None:
    """Set the landmark patterns from a sample of the training images."""
    rng = np.random.default_rng(recipe.seed)
    sampled = rng.permutation(len(images))[:PATTERN_IMAGES]
    pixels = torch.stack([images.pixels(int(index)) for index in sampled])
    start = model.config.pattern_start
    patterns = STARTS[start](model, normalise(pixels), recipe.seed)
    with torch.no_grad():
        patterned(model.activation).patterns.copy_(patterns)
    logger.info("Landmark patterns start from %s of %d images", start, len(sampled))


def _keep_freed_memory() -> None:
    """Have the C library keep freed memory for the next step instead of giving it back.

    A step frees and allocates gigabytes of feature maps; having the system clear and map those
    pages anew each time makes a step on the processor about twice as slow. Where the C library is
    not GNU's, nothing happens.
    """
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # names and numbers of malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, -1)
    mallopt(top_pad, 2**28)
