"""Long work in threads of its own: it goes on while one looks elsewhere, and is told as it does."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import streamlit as st

from aonet_core.engine import Cancelled, Progress
from app.services import networks
from app.services.connection import UserError

Result = TypeVar("Result")
Work = Callable[[Progress], Result | Iterator[Result]]
"""Does something and returns it, or yields it again and again as it grows. It runs outside of any
session: what it needs of one, it must hold. Whatever its progress callback raises must end it."""
MAX_JOBS = 64
"""Jobs that are remembered; the oldest that is done goes first."""
ASSUMED = 0.012
"""Seconds that a look of the network takes, before any was measured: two cores, shipped network."""
FEW = 16
"""Looks at fewer pictures tell less: one by one they take longer."""
TOGETHER = 0.5
"""Time for a picture among many, as a share of that for a single one."""
_log = logging.getLogger(__name__)


@dataclass
class Job(Generic[Result]):
    """Work that was begun.

    Attributes:
        done: How much of `total` is done.
        total: Unit as the work tells it.
        parts: How many times a part of the result came.
        result: What there is of it; all of it once the job no longer runs.
        error: Why it could not be done; None where all is well.
        stopped: Somebody wants it stopped.
        began: When, as `time.monotonic` tells.
    """

    done: int = 0
    total: int = 1
    parts: int = 0
    result: Result | None = None
    error: Exception | None = None
    stopped: bool = False
    began: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.thread is not None and self.thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Until it is done, but no longer than so many seconds."""
        if self.thread:
            self.thread.join(seconds)

    @property
    def left(self) -> float:
        """Seconds that it will still take if it goes on as it did; 0 before it has begun."""
        spent = time.monotonic() - self.began
        return spent * (self.total - self.done) / self.done if self.done else 0.0


class Jobs:
    """All jobs of the process, by what they depend on; safe to share between sessions."""

    def __init__(self) -> None:
        """Nothing is going on yet, and nothing was measured."""
        self._lock = threading.Lock()
        self._jobs: dict[tuple, Job] = {}
        self._pace, self._sure = 0.0, False
        self._few: list[float] = []

    def get(self, *key: Hashable) -> Job | None:
        """A job that was begun; None where there is none."""
        return self._jobs.get(key)

    def start(
        self, owner: str, name: str, key: Hashable, work: Work[Result], looks: float
    ) -> Job[Result]:
        """Begin, unless it has begun.

        Args:
            owner: Whose work it is, "" for everybody's. Of one owner only the last of a kind goes
                on: nobody waits for those before.
            name: What kind of work it is.
            key: All that the result depends on.
            work: Does it.
            looks: How many times the network will look at a picture.
        """
        with self._lock:
            job = self._jobs.get((owner, name, key))
            if job and (job.running or job.result is not None) and not job.stopped:
                return job
            for place, other in list(self._jobs.items()):
                if owner and place[:2] == (owner, name):
                    other.stopped = True
                    del self._jobs[place]
            done = [place for place, other in self._jobs.items() if not other.running]
            for place in done[: max(0, len(self._jobs) + 1 - MAX_JOBS)]:
                del self._jobs[place]
            job = Job()
            job.thread = threading.Thread(
                target=self._run,
                args=(job, name, work, looks, networks.held()),
                name=name,
                daemon=True,
            )
            job.thread.start()
            self._jobs[owner, name, key] = job  # others may wait for it from now on
            return job

    def drop(self, *key: Hashable) -> None:
        """Forget a job; it goes on if it runs."""
        with self._lock:
            self._jobs.pop(key, None)

    def expected(self, looks: float) -> float:
        """Seconds that so many looks of the network take here."""
        return looks * (self._pace or ASSUMED)

    def measured(self, looks: float, seconds: float) -> None:
        """Note how long looks took.

        Of many at once the last measurement counts. Until there is one, that of few does which was
        fastest; the very first looks, which wake the network up, do not count.
        """
        if looks >= FEW:
            self._pace = seconds / looks
            self._sure = True
        elif looks and not self._sure:
            self._few.append(TOGETHER * seconds / looks)
            self._pace = min(self._few[1:], default=0.0)

    def _run(
        self,
        job: Job[Result],
        name: str,
        work: Work[Result],
        looks: float,
        held: networks.Held,
    ) -> None:
        def progress(done: int, total: int) -> None:
            if job.stopped:
                raise Cancelled
            job.done, job.total = done, max(1, total)

        try:
            with networks.holding(held):
                outcome = work(progress)
                if isinstance(outcome, Iterator):
                    for job.result in outcome:
                        job.parts += 1
                else:
                    job.result = outcome
            self.measured(looks, time.monotonic() - job.began)
        except Cancelled:
            job.stopped = True
        except UserError as error:
            job.error = error
        except Exception as error:  # nobody waits for this thread: whatever it is must be told
            _log.exception("%s could not be done", name)
            job.error = UserError(f"That could not be done: {error}.")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this process."""
    return Jobs()


def patience() -> float:
    """Seconds of expected work that begin unasked; the environment variable AONET_PATIENCE."""
    return float(os.environ.get("AONET_PATIENCE") or 5)


def about(seconds: float) -> str:
    """A length of time in a few words."""
    if seconds >= 90:
        return f"about {round(seconds / 60)} min"
    return f"about {max(1, round(seconds))} s"
