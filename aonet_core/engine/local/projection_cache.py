"""Maps of embeddings that are kept on disk: arrays alone, from which UMAP is made again."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from aonet_core.analysis.projection.space import Space
from aonet_core.analysis.projection.umap_projection import Layout
from aonet_core.cache import DAMAGED, cache_folder, write_arrays
from aonet_core.results.projection import Projection, ProjectionSpec, Quality

VERSION = 1
"""Raised when what is kept, or how it is computed, changes."""
_PLAIN = tuple(
    field.name
    for field in fields(Projection)
    if field.type in ("str", "int", "float", "tuple[str, ...]")
)
_LAYOUT = ("points", "neighbours", "distances", "coordinates")
_SPACE = ("mean", "axes")
CachedMap = tuple[Projection, Layout]
_log = logging.getLogger(__name__)


def projection_file(spec: ProjectionSpec, belongs: tuple[str, ...]) -> Path:
    """Where a map is kept.

    Args:
        spec: How it is made.
        belongs: Digests of all else that it depends on.
    """
    content = json.dumps([VERSION, asdict(spec), belongs]).encode()
    name = hashlib.sha256(content).hexdigest()[:32]
    return cache_folder() / "projections" / f"{name}.npz"


def write_projection(file: Path, projection: Projection, layout: Layout) -> None:
    """Keep a map, whole or not at all; where that fails it is told in a warning."""
    plain = {name: getattr(projection, name) for name in _PLAIN}
    plain |= {"spec": asdict(projection.spec), "quality": asdict(projection.quality)}
    arrays = {"plain": np.array(json.dumps(plain))}
    arrays |= {
        name: value for name, value in vars(projection).items() if isinstance(value, np.ndarray)
    }
    arrays |= {f"layout.{name}": getattr(layout, name) for name in _LAYOUT}
    arrays |= {f"space.{name}": getattr(layout.space, name) for name in _SPACE}
    write_arrays(file, arrays, "map")


def read_projection(file: Path, gallery: str, revision: int) -> CachedMap | None:
    """Read a map and its layout; None where none is kept, or it is no longer whole.

    Args:
        file: From `projection_file`.
        gallery: Name that the gallery has now.
        revision: Of the gallery now; its pictures are the same.
    """
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as stored:
            projection, layout = _unpacked(dict(stored))
        return replace(projection, gallery=gallery, revision=revision), layout
    except DAMAGED as error:
        _log.warning("the kept map %s is made anew: %s", file.name, error)
    return None


def _unpacked(arrays: dict[str, np.ndarray]) -> CachedMap:
    plain = json.loads(str(arrays.pop("plain")))
    spec = ProjectionSpec(**plain.pop("spec"))
    quality = Quality(**plain.pop("quality"))
    plain["notes"] = tuple(plain["notes"])
    layout = {name: arrays.pop(f"layout.{name}") for name in _LAYOUT}
    space = {name: arrays.pop(f"space.{name}") for name in _SPACE}
    projection = Projection(spec=spec, quality=quality, **plain, **arrays)
    lengths = {len(getattr(projection, name)) for name in ("image", "landmark", "coordinates")}
    if len(lengths) > 1:
        raise ValueError(f"its columns differ in length, got {sorted(lengths)}")
    made = Space(spec.metric, variance=projection.variance, **space)
    return projection, Layout(spec, made, method=projection.method, **layout)
