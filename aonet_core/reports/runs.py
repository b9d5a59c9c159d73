"""Runs of the ablation: every row under the same budget, resumable."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aonet_core.analysis.cost import device_in_words
from aonet_core.analysis.evaluation.figures import evaluate_dataset
from aonet_core.data.samples import DataSet
from aonet_core.model import AONetConfig, load_checkpoint
from aonet_core.model.precision import best_device, fast_dtype
from aonet_core.reports.rows import Row
from aonet_core.training import TrainingRecipe, load_recipe, train
from aonet_core.training.module import DivergedError
from aonet_core.training.run import MAY_CHANGE, RESUME_FILE

logger = logging.getLogger(__name__)
IDENTITY_FILE, FIGURES_FILE, CHECKPOINT_FILE = "run.json", "figures.json", "model.safetensors"
_NOT_COMPARED = MAY_CHANGE | {"preset", "overrides"}
"""Fields of a recipe that are compared as the network they make, or not at all."""
_DEFAULTS = TrainingRecipe().to_dict() | AONetConfig(num_ids=1).to_dict()


@dataclass(frozen=True)
class Run:
    """One row trained with one seed.

    Attributes:
        row: The row.
        recipe: How it is trained.
        folder: Where it is kept.
    """

    row: Row
    recipe: TrainingRecipe
    folder: Path

    @property
    def images_seen(self) -> int:
        """Images that go through the network in a step, copies included."""
        recipe = self.recipe
        copies = recipe.occluded_images if recipe.network(1).consistency_weight else 0
        return recipe.identities * recipe.images + copies


def plan(rows: Iterable[Row], seeds: Sequence[int], common: dict, folder: Path) -> list[Run]:
    """Return the runs, all rows with the first seed before any with the second.

    Args:
        rows: Which.
        seeds: Each row is trained with each.
        common: Fields of recipe or network that all rows share; a row's own changes win.
        folder: Where the runs' folders are kept.

    Raises:
        ValueError: A field is unknown or not allowed, or would give rows unequal budgets.
    """
    rows = list(rows)
    if common.get("minutes") is not None:
        raise ValueError("rows are compared after the same epochs: minutes must not be set")
    return [
        Run(
            row,
            load_recipe(row.recipe).change(common | row.changes | {"seed": seed}),
            folder / f"{row.name}-seed{seed}",
        )
        for seed in seeds
        for row in rows
    ]


def digest(dataset: DataSet, *splits: str) -> str:
    """Tell sets apart by the names and sizes of their images."""
    lines = [
        f"{sample.path.relative_to(dataset.root).as_posix()} {sample.path.stat().st_size}"
        for split in splits
        for sample in getattr(dataset, split)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def refuse_others(runs: Iterable[Run], training_set: DataSet) -> None:
    """Refuse folders that hold runs of another recipe, network or training set.

    Raises:
        ValueError: One does; the message says in what it differs.
    """
    images = digest(training_set, "train")
    for run in runs:
        file = run.folder / IDENTITY_FILE
        if not file.is_file():
            continue
        # A field that came later was at its default.
        before = _DEFAULTS | json.loads(file.read_text(encoding="utf-8"))
        now = _identity(run, training_set.num_ids, images)
        differ = [f"{k} was {before[k]!r}, got {now[k]!r}" for k in now if before[k] != now[k]]
        if differ:
            raise ValueError(
                f"{run.folder} holds another run: {'; '.join(differ)}; delete it, or choose "
                "another --runs"
            )


def carry_out(
    runs: Sequence[Run],
    training_set: DataSet,
    test_set: DataSet,
    command: str,
    progress: bool,
    after_each: Callable[[], None],
) -> None:
    """Train and measure what is not finished; a run that diverges is recorded as such.

    Args:
        runs: In the order to go through.
        training_set: What the recipes' data is, for the record.
        test_set: Queries and gallery that networks are measured on after their last epoch.
        command: For the cards.
        progress: Show progress bars.
        after_each: Called whenever a run is finished.

    Raises:
        OSError, ValueError: As `train` and `evaluate_dataset`, but for divergence.
    """
    images, test_images = digest(training_set, "train"), digest(test_set, "query", "gallery")
    todo = [run for run in runs if not _is_finished(run, test_images)]
    finished = len(runs) - len(todo)
    logger.info("%d of %d runs are finished", finished, len(runs))
    for index, run in enumerate(todo):
        left = _minutes_left(runs, todo[index:])
        logger.info(
            "Run %d of %d: %s, seed %d%s", finished + index + 1, len(runs), run.row.name,
            run.recipe.seed, f"; about {left:.0f} min of training left" if left else "",
        )  # fmt: skip
        _write(run.folder / IDENTITY_FILE, _identity(run, training_set.num_ids, images))
        content = _train_and_measure(run, test_set, command, progress)
        _write(run.folder / FIGURES_FILE, content | {"test_set": test_images})
        # It is large, and nothing is left to resume.
        (run.folder / RESUME_FILE).unlink(missing_ok=True)
        after_each()


def read_figures(run: Run) -> dict | None:
    """What a finished run wrote; None for one that is not finished."""
    file = run.folder / FIGURES_FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _train_and_measure(run: Run, test_set: DataSet, command: str, progress: bool) -> dict:
    checkpoint = run.folder / CHECKPOINT_FILE
    if not checkpoint.with_suffix(".json").is_file():  # the card is written last
        try:
            resume = (run.folder / RESUME_FILE).is_file()
            train(run.recipe, run.folder, resume=resume, command=command, progress=progress)
        except DivergedError as error:
            logger.warning("%s, seed %d failed: %s", run.row.name, run.recipe.seed, error)
            return {"failed": str(error)}
    model, card = load_checkpoint(checkpoint, best_device())
    return {
        "figures": evaluate_dataset(model, test_set, progress=progress),
        "device": device_in_words(fast_dtype),
        **{name: card[name] for name in ("data", "backbone_start", "steps", "minutes", "versions")},
    }


def _is_finished(run: Run, test_images: str) -> bool:
    content = read_figures(run)
    return content is not None and ("failed" in content or content["test_set"] == test_images)


def _minutes_left(runs: Sequence[Run], todo: Sequence[Run]) -> float:
    """Minutes of training that `todo` will take if it goes on as finished runs did; 0 for none."""
    read = [(run, read_figures(run)) for run in runs]
    done = [(run, content) for run, content in read if content and "minutes" in content]
    images_done = sum(run.images_seen for run, _ in done)
    minutes = sum(content["minutes"] for _, content in done)
    return minutes / images_done * sum(run.images_seen for run in todo) if images_done else 0.0


def _identity(run: Run, num_ids: int, images: str) -> dict:
    """What makes a run the one it is, in plain JSON types."""
    recipe, network = run.recipe.to_dict(), run.recipe.network(num_ids).to_dict()
    return (
        {k: v for k, v in recipe.items() if k not in _NOT_COMPARED}
        | network
        | {"training_images": images}
    )


def _write(path: Path, content: dict) -> None:
    """Write JSON so that a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    half.replace(path)
