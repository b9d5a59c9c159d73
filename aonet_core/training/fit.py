"""Trains a network by a recipe and exports it."""

from __future__ import annotations

import logging
import platform
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
import torchvision
import yaml
from pytorch_lightning.callbacks import Callback, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import CSVLogger
from torch.utils.data import DataLoader

from aonet_core.data.batches import Collate, TrainingImages
from aonet_core.data.readers import read_dataset
from aonet_core.data.sampler import IdentitySampler
from aonet_core.data.samples import DataSet
from aonet_core.data.transforms import normalise
from aonet_core.model import AONet, save_checkpoint
from aonet_core.training.module import AONetTraining
from aonet_core.training.patterns import kmeans_patterns
from aonet_core.training.recipe import TrainingRecipe
from aonet_core.training.weights import load_backbone_weights

logger = logging.getLogger(__name__)
PATTERN_IMAGES = 384
RESUME_FILE = "last.ckpt"
RECIPE_FILE = "recipe.yaml"
MAY_CHANGE = frozenset({"data", "devices", "minutes", "validate_every", "workers"})
"""Fields of a recipe that a resumed run may change."""

Measure = Callable[[AONet], dict[str, float]]


class Validation(Callback):
    """Measures the network every few epochs and after the last one."""

    def __init__(self, measure: Measure, every: int) -> None:
        """Remember what to call, and how often."""
        self.measure, self.every = measure, every
        self.metrics: dict[str, float] = {}

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: AONetTraining) -> None:
        """Measure in evaluation mode, without gradients, and log the result."""
        done = trainer.current_epoch + 1
        if done % self.every and done < trainer.max_epochs and not trainer.should_stop:
            return
        module.model.eval()
        with torch.no_grad():
            self.metrics = self.measure(module.model)
        module.model.train()
        module.log_dict({f"validation_{name}": value for name, value in self.metrics.items()})


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

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: object) -> None:
        """Add up what the step logged."""
        self._sums.update({name: value.item() for name, value in trainer.logged_metrics.items()})
        self._steps += 1

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: AONetTraining) -> None:
        """Write the line."""
        self.means = {name: total / self._steps for name, total in self._sums.items()}
        self._sums, self._steps = Counter(), 0
        values = ", ".join(f"{name} {value:.4g}" for name, value in self.means.items())
        logger.info(
            "Epoch %d of %d after %.1f min: %s",
            trainer.current_epoch + 1,
            trainer.max_epochs,
            module.seconds / 60,
            values,
        )


class IdentityBatches(lightning.LightningDataModule):
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
        validate: Called with the network every `recipe.validate_every` epochs; what it returns is
            logged, and that of the last call goes into the card as metrics.
        callbacks: Further Lightning callbacks.
        command: The command that was given, for the card.
        progress: Show a progress bar.

    Returns:
        The path of the exported checkpoint.

    Raises:
        FileNotFoundError: Data, weights or the run to resume are missing.
        ValueError: The data cannot be trained on, `out` holds another run, or the loss diverged.
    """
    out = Path(out)
    _open_run(recipe, out, resume)
    dataset = read_dataset(recipe.data, recipe.dataset)
    if not dataset.train:
        raise ValueError(f"{dataset.name} in {dataset.root} has no training images")
    config = recipe.network(dataset.num_ids)
    images = TrainingImages(dataset.train, dataset.train_labels(), config.image_size)
    torch.manual_seed(recipe.seed)
    model = AONet(config)
    # On resuming the checkpoint holds it all; only the words for the card are wanted.
    origin = load_backbone_weights(model.backbone, config.backbone, recipe.backbone_weights)
    if recipe.channels_last:
        model = model.to(memory_format=torch.channels_last)
    feature_size = _feature_size(model)
    if config.pattern_start == "kmeans" and not resume:
        _start_patterns(model, images, recipe)

    module = AONetTraining(model, recipe)
    validation = [Validation(validate, recipe.validate_every)] if validate else []
    report = EpochReport()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists")
        warnings.filterwarnings("ignore", message=".*does not have many workers")
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
    card["metrics"] = validation[0].metrics if validation else {}
    return save_checkpoint(out / "model.safetensors", model.eval(), card)


def fastest_precision() -> str:
    """Return the Lightning precision this machine computes fastest in.

    A processor without bfloat16 instructions emulates them, about ten times slower than float32.
    """
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
    able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    native = able.get("avx512_bf16") or able.get("amx_bf16")
    return "bf16-mixed" if native else "32-true"


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
    patterns = kmeans_patterns(model, normalise(pixels), recipe.seed)
    with torch.no_grad():
        model.activation.patterns.copy_(patterns)
    logger.info("Landmark patterns start from k-means over %d images", len(chosen))


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
        precision=fastest_precision() if recipe.precision == "auto" else recipe.precision,
        max_epochs=recipe.epochs,
        logger=CSVLogger(out, name="metrics"),
        log_every_n_steps=1,
        callbacks=[*callbacks, checkpoint, *([TQDMProgressBar(leave=True)] if progress else [])],
        enable_progress_bar=progress,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )


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
