"""Evaluations that are kept on disk, by what they belong to."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from aonet_core.cache import DAMAGED, cache_folder, write_arrays
from aonet_core.results.evaluation import Best, Evaluation, ScoreHistogram, Setting

VERSION = 1
"""Raised when what is kept, or how it is computed, changes."""
_PARTS = {"right": Best, "wrong": Best, "scores": ScoreHistogram}
_PLAIN = ("setting", "notes", "gallery_size", "mean_ap", "mean_inp")
_log = logging.getLogger(__name__)


def kept_file(setting: Setting) -> Path:
    """Where the evaluation of a setting is kept."""
    content = json.dumps([VERSION, asdict(setting)]).encode()
    name = hashlib.sha256(content).hexdigest()[:32]
    return cache_folder() / "evaluations" / f"{name}.npz"


def read_kept(setting: Setting) -> Evaluation | None:
    """Read an evaluation; None where none is kept, or what is kept is no longer whole."""
    file = kept_file(setting)
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as stored:
            evaluation = _unpacked(dict(stored))
        if evaluation.setting == setting:
            return evaluation
        problem = "it belongs to another setting"
    except DAMAGED as error:
        problem = str(error)
    _log.warning("the kept evaluation %s is made anew: %s", file.name, problem)
    return None


def write_kept(evaluation: Evaluation) -> None:
    """Keep an evaluation, whole or not at all; where that fails it is told in a warning."""
    write_arrays(kept_file(evaluation.setting), _packed(evaluation), "evaluation")


def _packed(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """Arrays by field, those of parts with the part's name before; the rest as JSON."""
    plain = {name: getattr(evaluation, name) for name in _PLAIN}
    plain["setting"] = asdict(evaluation.setting)
    arrays = {"plain": np.array(json.dumps(plain))}
    for field in fields(evaluation):
        value = getattr(evaluation, field.name)
        if field.name in _PARTS:
            inner = {} if value is None else vars(value)
            arrays |= {f"{field.name}.{name}": np.asarray(each) for name, each in inner.items()}
        elif field.name not in _PLAIN:
            arrays[field.name] = value
    return arrays


def _unpacked(arrays: dict[str, np.ndarray]) -> Evaluation:
    plain = json.loads(str(arrays.pop("plain")))
    setting = plain.pop("setting")
    setting["without"] = tuple(setting["without"])
    plain["notes"] = tuple(plain["notes"])
    parts: dict[str, Best | ScoreHistogram | None] = {"scores": None}
    for name, kind in _PARTS.items():
        inner = {key.partition(".")[2]: key for key in arrays if key.startswith(f"{name}.")}
        if inner:
            values = {field: arrays.pop(key) for field, key in inner.items()}
            parts[name] = kind(**{f: v if v.ndim else float(v) for f, v in values.items()})
    evaluation = Evaluation(setting=Setting(**setting), **plain, **parts, **arrays)
    lengths = {len(getattr(evaluation, name)) for name in ("names", "first_rank", "top_names")}
    if len(lengths) > 1:
        raise ValueError(f"its columns differ in length, got {sorted(lengths)}")
    return evaluation
