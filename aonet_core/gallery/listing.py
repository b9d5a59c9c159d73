"""Where galleries lie, and what can be told of them without a network."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from aonet_core.cache import cache_folder
from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.records import EmbeddingSpec, is_gallery, read_state
from aonet_core.gallery.store import GalleryStore
from aonet_core.results.gallery import GalleryEntry

SAMPLE = "sample"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}(?<![ .])")


def galleries_folder() -> Path:
    """Where galleries lie: AONET_GALLERIES, or `galleries` in this user's cache folder."""
    if os.environ.get("AONET_GALLERIES"):
        return Path(os.environ["AONET_GALLERIES"])
    return cache_folder() / "galleries"


def list_galleries(folder: Path, spec: EmbeddingSpec | None = None) -> list[GalleryEntry]:
    """Tell of every gallery in a folder; those of sample sets lie one folder deeper.

    Args:
        folder: Of galleries.
        spec: The network in use; None where it does not matter.
    """
    names = sorted(path.name for path in folder.glob("*") if is_gallery(path))
    return [describe(folder / name, name, spec) for name in names]


def describe(path: Path, name: str, spec: EmbeddingSpec | None = None) -> GalleryEntry:
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
            store.spec.checkpoint,
            state.complete,
            state.source,
        )
        if spec is not None:
            GalleryStore(path, spec)
    except (GalleryError, OSError) as error:
        return replace(entry, problem=str(error))
    return entry


def own(folder: Path, name: str) -> Path:
    """Where a gallery lies, or will, that is not the sample set's.

    Raises:
        GalleryError: The name cannot be one.
    """
    if not NAME.fullmatch(name) or name.lower() == SAMPLE or name.startswith(f"{SAMPLE}-"):
        raise GalleryError(
            "a gallery's name must be 1 to 64 letters, digits, spaces, dots and dashes, and "
            f"neither {SAMPLE} nor begin with {SAMPLE}-, got {name!r}"
        )
    return folder / name


def existing(folder: Path, name: str) -> Path:
    """Where a gallery lies.

    Raises:
        GalleryError: There is none of that name.
    """
    path = own(folder, name)
    if not is_gallery(path):
        names = sorted(path.name for path in folder.glob("*") if is_gallery(path))
        raise GalleryError(
            f"there is no gallery {name!r}: expected one of {', '.join([SAMPLE, *names])}"
        )
    return path


def delete_gallery(folder: Path, name: str) -> None:
    """Delete a gallery, usable or not.

    Raises:
        GalleryError: There is none of that name, or somebody is writing to it.
        OSError: It cannot be deleted.
    """
    path = existing(folder, name)
    try:
        GalleryStore(path).remove()
    except GalleryBusy:
        raise
    except GalleryError:
        shutil.rmtree(path)
