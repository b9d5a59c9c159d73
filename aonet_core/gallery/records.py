"""What a gallery holds, and what is said where it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from aonet_core.errors import GalleryError
from aonet_core.files import replacing

ROLES = ("gallery", "query")
TABLE = "images"
STATE = "state.json"
FULL = "No space left on device"


@dataclass(frozen=True)
class EmbeddingSpec:
    """The network that a gallery is made with; what another one made is of no use to it.

    Attributes:
        checkpoint: SHA-256 of its weights.
        landmarks: K.
        channels: C, of one landmark's feature.
        network: What the checkpoint is called.
    """

    checkpoint: str
    landmarks: int
    channels: int
    network: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Say which one, for people."""
        name = f"{self.network} " if self.network else ""
        return f"{name}{self.checkpoint[:12]} ({self.landmarks} x {self.channels})"


@dataclass(frozen=True)
class State:
    """How far a gallery has come.

    Attributes:
        source: Where its pictures come from, for people.
        complete: Whether the last build reached its end.
        revision: Grows with every change.
    """

    source: str = ""
    complete: bool = False
    revision: int = 0


@dataclass(frozen=True)
class Record:
    """A picture to be stored.

    Attributes:
        name: What it is called; names are unique in a gallery.
        role: "gallery", or "query" for a picture that is kept to be searched for.
        pid: Identity, 0 where unknown.
        camid: Camera, 0 where unknown.
        digest: SHA-256 of the file.
        image: The file's content; None where it stays in its place.
        path: Where it lies; "" where the content is stored.
        features: (K, C) retrieval features; only their direction is kept.
        awareness: (K,) weight of each landmark.
    """

    name: str
    role: str
    pid: int
    camid: int
    digest: bytes
    image: bytes | None
    path: str
    features: np.ndarray
    awareness: np.ndarray


def damaged(gallery: str, name: str, expected: str) -> GalleryError:
    """What to say of a row that cannot be right."""
    return GalleryError(
        f"the gallery {gallery} has a damaged row, {name}: expected {expected}; delete or replace "
        "that picture"
    )


@contextmanager
def explained(gallery: str) -> Iterator[None]:
    """Turn what the table's library raises into one sentence.

    Raises:
        OSError: The disk is full, or cannot be read or written.
        GalleryError: The table is damaged.
    """
    from pyarrow import ArrowException

    try:
        yield
    except (OSError, RuntimeError, ArrowException) as error:
        if FULL in str(error):
            raise OSError(
                f"the disk is full: the gallery {gallery} keeps what was stored before; make "
                "room and go on"
            ) from error
        if isinstance(error, OSError):
            raise OSError(f"the gallery {gallery} cannot be used: {error}") from error
        reason = str(error).splitlines()[0].split(", /")[0]
        raise GalleryError(
            f"the gallery {gallery} is damaged ({reason}); delete it and build it again"
        ) from error


def is_gallery(folder: Path) -> bool:
    """Tell whether a folder is a gallery, usable or not."""
    return (folder / f"{TABLE}.lance").is_dir()


def read_state(folder: Path) -> State:
    """Tell how far a gallery has come; not at all where there is none.

    Raises:
        GalleryError: It cannot be told.
    """
    file = folder / STATE
    try:
        return State(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else State()
    except (OSError, ValueError, TypeError) as error:
        raise GalleryError(
            f"the gallery {folder.name} is damaged: {STATE} cannot be read ({error})"
        ) from error


def state_stamp(folder: Path) -> tuple[int, int] | None:
    """Something that changes whenever a gallery does."""
    file = folder / STATE
    return (file.stat().st_ino, file.stat().st_mtime_ns) if file.exists() else None


def write_state(folder: Path, state: State) -> None:
    """Note how far a gallery has come."""
    with replacing(folder / STATE) as partial:
        partial.write_text(json.dumps(asdict(state)), encoding="utf-8")
