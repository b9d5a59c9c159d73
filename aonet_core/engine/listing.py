"""Where galleries lie, and what can be told of them without a network."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from aonet_core.engine.gallery_types import GalleryEntry
from aonet_core.retrieval.gallery import GalleryStore
from aonet_core.retrieval.records import (
    GalleryBusy,
    GalleryError,
    Made,
    is_gallery,
    read_state,
)

SAMPLE = "sample"


def galleries_folder() -> Path:
    """Where galleries lie: AONET_GALLERIES, or `galleries` in this user's cache folder."""
    if os.environ.get("AONET_GALLERIES"):
        return Path(os.environ["AONET_GALLERIES"])
    return cache_folder() / "galleries"


def cache_folder() -> Path:
    """Where this user's computed files are kept: AONET_CACHE, or the system's usual place."""
    if os.environ.get("AONET_CACHE"):
        return Path(os.environ["AONET_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("aonet-lens")


def list_galleries(folder: Path, made: Made | None = None) -> list[GalleryEntry]:
    """Tell of every gallery in a folder; those of sample sets lie one folder deeper.

    Args:
        folder: Of galleries.
        made: The network in use; None where it does not matter.
    """
    names = sorted(path.name for path in folder.glob("*") if is_gallery(path))
    return [describe(folder / name, name, made) for name in names]


def describe(path: Path, name: str, made: Made | None = None) -> GalleryEntry:
    """Tell of one gallery; whatever is wrong with it becomes its problem."""
    entry = GalleryEntry(name)
    try:
        state, store = read_state(path), GalleryStore(path)
        counts = store.counts()
        entry = GalleryEntry(
            name,
            counts["gallery"],
            counts["query"],
            counts["pid"] > 0,
            counts["camid"] > 0,
            store.made.checkpoint,
            state.complete,
            state.source,
        )
        if made is not None:
            GalleryStore(path, made)
    except (GalleryError, OSError) as error:
        return replace(entry, problem=str(error))
    return entry


def remove(path: Path) -> None:
    """Delete a gallery's folder, whatever is left of it.

    Raises:
        GalleryBusy: Somebody is writing to it.
        OSError: It cannot be deleted.
    """
    try:
        GalleryStore(path).remove()
    except GalleryBusy:
        raise
    except GalleryError:
        shutil.rmtree(path)
