"""The folder of a run: what it holds, whether it can be resumed, its history, its space on disk."""

from __future__ import annotations

import logging
import pickle
import shutil
from pathlib import Path

import pandas as pd
import torch
import yaml
from pytorch_lightning.utilities import rank_zero_only
from torch import nn

from aonet_core.files import replacing
from aonet_core.training.recipe import TrainingRecipe

logger = logging.getLogger(__name__)
RESUME_FILE = "last.ckpt"
RECIPE_FILE = "recipe.yaml"
HISTORY_FILE = "history.csv"
METRICS_FOLDER = "metrics"
MAY_CHANGE = frozenset({"data", "devices", "minutes", "validate_every", "workers"})
"""Fields of a recipe that a resumed run may change."""
LOG_BYTES = 64 * 2**20
"""More than the logs of any run we know of need."""


def open_run(recipe: TrainingRecipe, data: dict, out: Path, resume: bool) -> int:
    """Prepare the folder of a run, or check that it is the one to resume.

    Of processes that train together only the first looks and writes.

    Args:
        recipe: How it is trained.
        data: What it is trained on, of `data_facts`.
        out: Its folder.
        resume: Whether it is to be continued.

    Returns:
        The optimiser steps already done.

    Raises:
        FileNotFoundError: There is no run to resume.
        ValueError: `out` holds another run, of another recipe or on other data, or one that cannot
            be read.
    """
    saved, state = out / RECIPE_FILE, out / RESUME_FILE
    if getattr(rank_zero_only, "rank", 0):
        return 0
    if not resume:
        if state.exists():
            raise ValueError(
                f"{out} already holds a run: continue it with --resume, or choose another --out"
            )
        out.mkdir(parents=True, exist_ok=True)
        with replacing(saved) as partial:
            partial.write_text(yaml.safe_dump(recipe.to_dict(), sort_keys=False), encoding="utf-8")
        return 0
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
    try:
        checkpoint = torch.load(state, map_location="cpu", weights_only=True, mmap=True)
        done, trained_on = checkpoint["global_step"], _data_of(checkpoint)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as error:
        raise ValueError(f"{state} cannot be read: it is no checkpoint of a run") from error
    _refuse_other_data(trained_on, data, out)
    return done


def _data_of(checkpoint: dict) -> dict:
    """What a checkpoint tells about the data it was trained on.

    Checkpoints from before that was kept tell no more than the number of identities.
    """
    classifier = checkpoint["state_dict"]["model.classifier.weight"]  # (N, C) or (K, N, C)
    facts = checkpoint.get("IdentityBatches", {}).get("data")
    return facts or {"train_identities": classifier.shape[-2]}


def _short(fact: object) -> str:
    return str(fact)[:12]


def _refuse_other_data(trained_on: dict, data: dict, out: Path) -> None:
    differ = [name for name in trained_on if data.get(name) != trained_on[name]]
    if differ:
        raise ValueError(
            f"the run in {out} was trained on other data: "
            + "; ".join(
                f"{k} was {_short(trained_on[k])}, got {_short(data.get(k))}" for k in differ
            )
            + "; resume it with the data it began with, or choose another --out"
        )
    if "fingerprint" not in trained_on:
        logger.warning(
            "The run in %s was begun before the data were noted: that they are the same is not "
            "checked, but that there are %d identities", out, data["train_identities"],
        )  # fmt: skip


def require_space(model: nn.Module, out: Path) -> None:
    """Refuse a run whose files would not fit on the disk.

    A checkpoint holds the state and Adam's two moments in float32; each is written beside the one
    it replaces. Two exported networks take half of the state each, and as much while one is
    written.

    Raises:
        OSError: There is less space than the run will need.
    """
    state = sum(each.nbytes for each in model.state_dict().values())
    moments = 2 * sum(each.nbytes for each in model.parameters() if each.requires_grad)
    needed = 2 * (state + moments) + 3 * state // 2 + LOG_BYTES
    needed -= sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    free = shutil.disk_usage(out).free
    if free < needed:
        raise OSError(
            f"the run needs {needed / 2**20:,.0f} MiB in {out}, "
            f"the disk has only {free / 2**20:,.0f} MiB free"
        )


def read_history(out: Path) -> pd.DataFrame:
    """Join what a run logged over all its starts.

    Steps that were done after the last checkpoint of a start, and so were repeated by the next
    one, are those of the later start.

    Args:
        out: Folder of the run.

    Returns:
        One row per step, in order, indexed by "step"; columns are what was logged, empty where it
        was not, such as the validation's between two of them.
    """
    starts = sorted(
        (out / METRICS_FOLDER).glob("version_*/metrics.csv"),
        key=lambda path: int(path.parent.name.removeprefix("version_")),
    )
    history = pd.DataFrame()
    for path in starts:
        if path.stat().st_size:
            rows = pd.read_csv(path, float_precision="round_trip").groupby("step").first()
            before = history[history.index < rows.index.min()]
            history = pd.concat([before, rows]) if len(before) else rows
    return history


def write_history(out: Path) -> None:
    """Write `read_history` as one CSV file into the run's folder."""
    history = read_history(out)
    if len(history):
        with replacing(out / HISTORY_FILE) as partial:
            history.to_csv(partial)
