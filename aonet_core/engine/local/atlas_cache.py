"""Atlases that are kept on disk, by what they belong to."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import fields
from pathlib import Path

import numpy as np

from aonet_core.cache import DAMAGED, cache_folder, write_arrays
from aonet_core.results.atlas import Atlas

VERSION = 1
"""Raised when what is kept, or how it is computed, changes."""
_PLAIN = ("checkpoint", "gallery", "region_names", "total", "unreadable")
_log = logging.getLogger(__name__)


def atlas_file(*belongs: str) -> Path:
    """Where an atlas is kept: named by all that it depends on."""
    content = json.dumps([VERSION, *belongs]).encode()
    name = hashlib.sha256(content).hexdigest()[:32]
    return cache_folder() / "atlases" / f"{name}.npz"


def read_atlas(file: Path) -> Atlas | None:
    """Read an atlas; None where none is kept, or what is kept is no longer whole."""
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        plain = json.loads(str(arrays.pop("plain")))
        plain |= {name: tuple(plain[name]) for name in ("region_names", "unreadable")}
        return Atlas(**plain, **arrays)
    except DAMAGED as error:
        _log.warning("the kept atlas %s is made anew: %s", file.name, error)
        return None


def write_atlas(file: Path, atlas: Atlas) -> None:
    """Keep an atlas, whole or not at all; where that fails it is told in a warning."""
    plain = {name: getattr(atlas, name) for name in _PLAIN}
    arrays = {field.name: getattr(atlas, field.name) for field in fields(atlas)}
    arrays = {name: value for name, value in arrays.items() if name not in _PLAIN}
    write_arrays(file, {"plain": np.array(json.dumps(plain)), **arrays}, "atlas")
