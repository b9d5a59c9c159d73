"""Maps of embeddings: made in the background, once for all sessions; new pictures in them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from aonet_core import engine as core
from aonet_core.engine import Cancelled, Placed, Projection, ProjectionSpec
from app import services
from app.services import Photo, UserError, galleries

if TYPE_CHECKING:
    import numpy as np

_log = logging.getLogger(__name__)
MOST_JOBS = 4
"""Maps that are kept at hand; the oldest goes first."""


@dataclass
class Job:
    """A map in the making, in a thread of its own.

    Attributes:
        percent: How much is done, 0 to 100.
        result: The map, once it is made.
        problem: Why it could not be made; "" where all is well.
        stopped: Somebody wants it stopped.
    """

    percent: int = 0
    result: Projection | None = None
    problem: str = ""
    stopped: bool = False
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.thread is not None and self.thread.is_alive()


class _Jobs:
    """All maps of the process, by what they depend on; safe to share between sessions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[Hashable, Job] = {}

    def get(self, key: Hashable) -> Job | None:
        return self._jobs.get(key)

    def start(self, key: Hashable, gallery: str, spec: ProjectionSpec) -> Job:
        """Begin, unless it has begun."""
        with self._lock:
            job = self._jobs.get(key)
            if job and not job.stopped and not job.problem:
                return job
            job = self._jobs[key] = Job()
            while len(self._jobs) > MOST_JOBS:
                oldest = self._jobs.pop(next(iter(self._jobs)))
                oldest.stopped = True
            job.thread = threading.Thread(
                target=_work, args=(job, gallery, spec), name="map", daemon=True
            )
            job.thread.start()
            return job


def _work(job: Job, gallery: str, spec: ProjectionSpec) -> None:
    def progress(done: int, total: int) -> None:
        if job.stopped:
            raise Cancelled
        job.percent = 100 * done // max(1, total)

    try:
        job.result = services.ask(lambda engine: engine.project(gallery, spec, progress))
    except Cancelled:
        pass
    except UserError as error:
        job.problem = str(error)
    except Exception as error:  # nobody waits for this thread: whatever it is must be told
        _log.exception("the map of %s could not be made", gallery)
        job.problem = f"The map could not be made: {error}."


@st.cache_resource(show_spinner=False)
def _jobs() -> _Jobs:
    return _Jobs()


def job(gallery: str, spec: ProjectionSpec) -> Job:
    """The map of a gallery, begun where it was not; one that was stopped stays so.

    Raises:
        UserError: The gallery or the engine is not there.
    """
    key = _key(gallery, spec)
    found = _jobs().get(key)
    if found and found.problem:
        raise UserError(found.problem)
    return found or _jobs().start(key, gallery, spec)


def again(gallery: str, spec: ProjectionSpec) -> None:
    """Begin a map once more that was stopped."""
    _jobs().start(_key(gallery, spec), gallery, spec)


def stop(gallery: str, spec: ProjectionSpec) -> None:
    """Stop a map in the making."""
    if found := _jobs().get(_key(gallery, spec)):
        found.stopped = True


def _key(gallery: str, spec: ProjectionSpec) -> Hashable:
    return services.info().digest, gallery, galleries.gallery(gallery).revision, spec


@st.cache_data(max_entries=32, show_spinner=False)
def _place(belongs: Hashable, spec: ProjectionSpec, gallery: str, _pictures: list) -> Placed:
    embedded = core.embedded(_pictures)
    return services.ask(lambda engine: engine.place(embedded, gallery, spec))


def place(found: Projection, photos: list[Photo]) -> Placed:
    """Where pictures come to lie in a map.

    Raises:
        UserError: The map takes no new pictures.
    """
    from app.services.retrieval import digest

    belongs = found.checkpoint, found.revision, *(digest(photo.image) for photo in photos)
    analyses = [services.analysis_of(photo) for photo in photos]
    return _place(belongs, found.spec, found.gallery, analyses)


class _Peaks:
    """Where landmarks peak in pictures the network has looked at; the oldest go first."""

    MOST = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, np.ndarray] = {}

    def of(self, belongs: Hashable, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Those that are known, by name."""
        with self._lock:
            found = {name: self._known.get((belongs, name)) for name in names}
        return {name: peaks for name, peaks in found.items() if peaks is not None}

    def keep(self, belongs: Hashable, found: dict[str, np.ndarray]) -> None:
        with self._lock:
            self._known |= {(belongs, name): peaks for name, peaks in found.items()}
            while len(self._known) > self.MOST:
                del self._known[next(iter(self._known))]


@st.cache_resource(show_spinner=False)
def _peaks() -> _Peaks:
    return _Peaks()


def peaks(found: Projection, names: Sequence[str], look: bool) -> dict[str, np.ndarray]:
    """Where every landmark peaks in pictures of a map, (K, 2) by name, as `Engine.peaks`.

    Args:
        found: The map.
        names: Of pictures.
        look: Let the network look at those that it has not looked at; else they are left out.

    Raises:
        UserError: A picture cannot be read.
    """
    belongs = found.checkpoint, found.gallery, found.revision
    known = _peaks().of(belongs, names)
    missing = [name for name in names if name not in known]
    if look and missing:
        places = services.ask(lambda engine: engine.peaks(found.gallery, missing))
        new = dict(zip(missing, places, strict=True))
        _peaks().keep(belongs, new)
        known |= new
    return known
