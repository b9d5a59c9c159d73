"""Maps of embeddings, and new pictures in them."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from aonet_core import engine as core
from aonet_core.engine import Placed, Progress, Projection, ProjectionSpec
from app import services
from app.services import Photo, galleries

if TYPE_CHECKING:
    import numpy as np

POINT = 0.16
"""Time that a point takes in the making of a map, in looks of the network."""


def ready(gallery: str, spec: ProjectionSpec) -> bool:
    """Whether a map is kept already.

    Raises:
        UserError: The gallery or the engine is not there.
    """
    return services.ask(lambda engine: engine.projection_ready(gallery, spec))


def made(gallery: str, spec: ProjectionSpec, progress: Progress | None = None) -> Projection:
    """The map of a gallery; kept on disk.

    Raises:
        UserError: The gallery or the engine is not there, or the map cannot be made.
    """
    return services.ask(lambda engine: engine.project(gallery, spec, progress))


def looks(gallery: str, spec: ProjectionSpec) -> float:
    """Time that a map takes, in looks of the network, 0 where it is kept.

    Raises:
        UserError: As `ready`.
    """
    if ready(gallery, spec):
        return 0.0
    pictures = galleries.size(gallery)
    points = pictures * (services.info().num_landmarks if spec.kind == "landmarks" else 1)
    return POINT * points + galleries.size(gallery, "query")


@st.cache_data(max_entries=32, show_spinner=False)
def _place(key: Hashable, spec: ProjectionSpec, gallery: str, _pictures: list) -> Placed:
    embedded = core.embedded(_pictures)
    return services.ask(lambda engine: engine.place(embedded, gallery, spec))


def place(projection: Projection, photos: list[Photo]) -> Placed:
    """Where pictures come to lie in a map.

    Raises:
        UserError: The map takes no new pictures.
    """
    digests = (core.picture_digest(photo.image) for photo in photos)
    key = projection.checkpoint, projection.revision, *digests
    analyses = [services.analysis_of(photo) for photo in photos]
    return _place(key, projection.spec, projection.gallery, analyses)


class _Peaks:
    """Where landmarks peak in pictures the network has looked at; the oldest go first."""

    MAX_PEAKS = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._peaks: dict[Hashable, np.ndarray] = {}

    def of(self, key: Hashable, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Those that are known, by name."""
        with self._lock:
            by_name = {name: self._peaks.get((key, name)) for name in names}
        return {name: peaks for name, peaks in by_name.items() if peaks is not None}

    def keep(self, key: Hashable, by_name: dict[str, np.ndarray]) -> None:
        with self._lock:
            self._peaks |= {(key, name): peaks for name, peaks in by_name.items()}
            while len(self._peaks) > self.MAX_PEAKS:
                del self._peaks[next(iter(self._peaks))]


@st.cache_resource(show_spinner=False)
def _peaks() -> _Peaks:
    return _Peaks()


def peaks(projection: Projection, names: Sequence[str], look: bool) -> dict[str, np.ndarray]:
    """Where every landmark peaks in pictures of a map, (K, 2) by name, as `Engine.peaks`.

    Args:
        projection: The map.
        names: Of pictures.
        look: Let the network look at those that it has not looked at; else they are left out.

    Raises:
        UserError: A picture cannot be read.
    """
    key = projection.checkpoint, projection.gallery, projection.revision
    by_name = _peaks().of(key, names)
    missing = [name for name in names if name not in by_name]
    if look and missing:
        places = services.ask(lambda engine: engine.peaks(projection.gallery, missing))
        new = dict(zip(missing, places, strict=True))
        _peaks().keep(key, new)
        by_name |= new
    return by_name
