"""Trains a network by a recipe and exports it."""

from __future__ import annotations

import ctypes
import logging
import platform
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
import torchvision
import yaml
from pytorch_lightning.callbacks import Callback, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import CSVLogger

from aonet_core.data.batches import TrainingImages
from aonet_core.data.readers import read_dataset
from aonet_core.data.samples import DataSet
from aonet_core.data.transforms import normalise
from aonet_core.model import AONet, save_checkpoint
from aonet_core.model.precision import best_device, fast_dtype
from aonet_core.training.callbacks import EpochReport, Measure, Validation
from aonet_core.training.loader import IdentityBatches
from aonet_core.training.module import AONetTraining
from aonet_core.training.patterns import STARTS
from aonet_core.training.recipe import TrainingRecipe
from aonet_core.training.weights import load_backbone_weights

logger = logging.getLogger(__name__)
PATTERN_IMAGES = 384
RESUME_FILE = "last.ckpt"
RECIPE_FILE = "recipe.yaml"
MAY_CHANGE = frozenset({"data", "devices", "minutes", "validate_every", "workers"})
"""Fields of a recipe that a resumed run may change."""


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

    Args:
        recipe: How.
        out: Folder of the run: `recipe.yaml`, `last.ckpt` after every epoch, `metrics/` with one
            CSV file per start, and at the end `model.safetensors` with its card `model.json`.
        resume: Continue the run in `out`; the result is that of an uninterrupted run.
        validate: Called with the network before training and every `recipe.validate_every` epochs;
            what it returns is logged, and that of the last call goes into the card.
        callbacks: Further Lightning callbacks.
        command: The command that was given, for the card.
        progress: Show a progress bar.

    Returns:
        The path of the exported checkpoint.

    Raises:
        FileNotFoundError: Data, weights or the run to resume are missing.
        ValueError: The data cannot be trained on, `out` holds another run, or the loss diverged.
    """
    _keep_freed_memory()
    out = Path(out)
    _open_run(recipe, out, resume)
    dataset = read_dataset(recipe.data, recipe.dataset, splits=("train",))
    config = recipe.network(dataset.num_ids)
    images = TrainingImages(
        dataset.train,
        dataset.train_labels(),
        config.image_size,
        erasing=recipe.random_erasing,
    )
    torch.manual_seed(recipe.seed)
    model = AONet(config)
    # On resuming the checkpoint holds it all; only the words for the card are wanted.
    origin = load_backbone_weights(model.backbone, config.backbone, recipe.backbone_weights)
    if recipe.channels_last:
        model = model.to(memory_format=torch.channels_last)
    feature_size = _feature_size(model)
    if config.pattern_start in STARTS and not resume:
        _start_patterns(model, images, recipe)

    module = AONetTraining(model, recipe)
    if recipe.compile:
        model.backbone.compile()
    validation = [Validation(validate, recipe.validate_every)] if validate else []
    report = EpochReport()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists")
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        warnings.filterwarnings("ignore", message=".*LeafSpec")
        trainer = _trainer(recipe, out, [*callbacks, report, *validation], progress)
        trainer.fit(
            module,
            datamodule=IdentityBatches(images, recipe, feature_size),
            ckpt_path=out / RESUME_FILE if resume else None,
            weights_only=True if resume else None,
        )
    if trainer.interrupted:
        raise KeyboardInterrupt
    card = _card(recipe, dataset, origin, command) | {
        "steps": trainer.global_step,
        "minutes": round(module.seconds / 60, 2),
        "training": {name: round(value, 5) for name, value in report.means.items()},
    }
    card["validation"] = validation[0].metrics if validation else {}
    return save_checkpoint(out / "model.safetensors", model.eval(), card)


def _open_run(recipe: TrainingRecipe, out: Path, resume: bool) -> None:
    """Prepare the folder of a run, or check that it is the one to resume."""
    saved, state = out / RECIPE_FILE, out / RESUME_FILE
    if not resume:
        if state.exists():
            raise ValueError(
                f"{out} already holds a run: continue it with --resume, or choose another --out"
            )
        out.mkdir(parents=True, exist_ok=True)
        saved.write_text(yaml.safe_dump(recipe.to_dict(), sort_keys=False), encoding="utf-8")
        return
    if not state.is_file() or not saved.is_file():
        raise FileNotFoundError(
            f"no run to resume in {out}: expected {RESUME_FILE} and {RECIPE_FILE}, "
            "which are written after the first epoch"
        )
    before = TrainingRecipe(**yaml.safe_load(saved.read_text(encoding="utf-8"))).to_dict()
    now = recipe.to_dict()
    differ = [name for name in now if name not in MAY_CHANGE and now[name] != before[name]]
    if differ:
        raise ValueError(
            f"the run in {out} has another recipe: "
            + "; ".join(f"{name} was {before[name]!r}, got {now[name]!r}" for name in differ)
        )


def _feature_size(model: AONet) -> tuple[int, int]:
    """Height and width of the feature map."""
    with torch.no_grad():
        features = model.backbone.eval()(torch.zeros(1, 3, *model.config.image_size))
    model.backbone.train()
    return tuple(features.shape[2:])


def _start_patterns(model: AONet, images: TrainingImages, recipe: TrainingRecipe) -> None:
    """Set the landmark patterns from a sample of the training images."""
    rng = np.random.default_rng(recipe.seed)
    chosen = rng.permutation(len(images))[:PATTERN_IMAGES]
    pixels = torch.stack([images.pixels(int(index)) for index in chosen])
    start = model.config.pattern_start
    patterns = STARTS[start](model, normalise(pixels), recipe.seed)
    with torch.no_grad():
        model.activation.patterns.copy_(patterns)
    logger.info("Landmark patterns start from %s of %d images", start, len(chosen))


def _trainer(
    recipe: TrainingRecipe, out: Path, callbacks: list[Callback], progress: bool
) -> lightning.Trainer:
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    checkpoint = ModelCheckpoint(
        dirpath=out,
        filename=Path(RESUME_FILE).stem,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    return lightning.Trainer(
        accelerator="auto",
        devices=recipe.devices,
        precision=_precision(recipe),
        max_epochs=recipe.epochs,
        logger=CSVLogger(out, name="metrics"),
        log_every_n_steps=1,
        callbacks=[*callbacks, checkpoint, *([TQDMProgressBar(leave=True)] if progress else [])],
        enable_progress_bar=progress,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )


def _precision(recipe: TrainingRecipe) -> str:
    """Lightning's name of the number format to train in."""
    if recipe.precision != "auto":
        return recipe.precision
    names = {torch.bfloat16: "bf16-mixed", torch.float16: "16-mixed", torch.float32: "32-true"}
    return names[fast_dtype(best_device())]


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


def _card(recipe: TrainingRecipe, dataset: DataSet, origin: str, command: str) -> dict:
    """What the card of the exported checkpoint says about its origin."""
    return {
        "command": command,
        "data": {
            "name": dataset.name,
            "train_images": len(dataset.train),
            "train_identities": dataset.num_ids,
        },
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
