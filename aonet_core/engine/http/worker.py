"""One engine behind the gateway: requests come as bodies and leave as bodies."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from aonet_core.engine.adapted import AdaptedEngines
from aonet_core.engine.http import arguments
from aonet_core.engine.http.batching import AT_A_TIME, Together
from aonet_core.engine.http.errors import UNEXPECTED, fault
from aonet_core.engine.http.frames import FAULT, PROGRESS, RESULT, WAIT, frame
from aonet_core.engine.http.options import ReplicaOptions
from aonet_core.engine.http.rpc_methods import ADAPTATION, Method, methods
from aonet_core.engine.protocol import Engine
from aonet_core.engine.wire import REQUEST, WireError, pack, unpack
from aonet_core.errors import GalleryBusy
from aonet_core.occlusion import Cancelled
from aonet_core.results.landmarks import embedded
from aonet_core.trust import lies_below

Answer = TypeVar("Answer")

TICK, BEAT = 0.1, 3.0
"""Seconds between two looks at the progress, and between two signs of life."""
LONGEST_WAIT = 300.0
"""Seconds that a request waits for a gallery that is being made."""
MOST_ANALYSED = 256
"""Pictures of a request for analyses, which take about a megabyte each."""
DOORS = 4
"""Bodies that are read at a time."""
_log = logging.getLogger("aonet.engine")


class Worker:
    """Runs a checkpoint for the gateway, which may be in another process.

    Bodies are read, pictures looked at, and work that may take minutes is done on threads apart
    from all others, so that none of them waits for another kind.
    """

    def __init__(self, options: ReplicaOptions) -> None:
        """Load the checkpoint and run it once at full batch, so that no caller waits for that."""
        import torch

        from aonet_core.engine import connect

        if options.threads:
            torch.set_num_threads(options.threads)
        self._options = options
        self._door = ThreadPoolExecutor(DOORS, "door")
        self._network = ThreadPoolExecutor(1, "network")
        self._pool = ThreadPoolExecutor(options.slots, "engine")
        self._long = ThreadPoolExecutor(options.most_long, "long")
        self._engine = connect(
            checkpoint=options.checkpoint,
            samples=options.samples,
            galleries=options.galleries,
            links=False,
        )
        self._adapted = AdaptedEngines(self._engine)
        self._together = self._look_together(self._engine)
        self._engine.analyze([Image.new("RGB", (32, 64))] * AT_A_TIME)
        arguments.check_types()

    async def ping(self) -> str:
        """Answer the digest of the checkpoint; whoever can is ready."""
        return self._engine.info().digest

    async def call(self, name: str, body: bytes) -> tuple[int, bytes]:
        """Answer a request: HTTP status and body."""
        work = _Work()
        try:
            return 200, await self._answer(methods()[name], body, work)
        except asyncio.CancelledError:
            work.cancelled.set()
            raise
        except Exception as error:
            return _fault_answer(name, error)

    async def stream(self, name: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Answer a request in frames, telling how far it is."""
        work, sent, beat = _Work(), None, time.monotonic()
        yield frame(WAIT)
        task = asyncio.ensure_future(self._answer(methods()[name], body, work))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=TICK)
                if work.last_progress != sent:
                    sent, beat = work.last_progress, time.monotonic()
                    yield frame(PROGRESS, pack(sent))
                elif time.monotonic() - beat > BEAT:
                    beat = time.monotonic()
                    yield frame(WAIT)
            try:
                yield frame(RESULT, task.result())
            except Exception as error:
                yield frame(FAULT, _fault_answer(name, error)[1])
        finally:
            # The caller may have gone: the next word on progress ends the work.
            work.cancelled.set()
            task.cancel()

    def close(self) -> None:
        """Start nothing more; what is at work ends at its next word on progress."""
        for pool in (self._door, self._network, self._pool, self._long):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, method: Method, body: bytes, work: _Work) -> bytes:
        keywords, engine = await _on(self._door, lambda: self._arguments(method, body))
        if method.batched:
            together = self._together if engine is self._engine else self._look_together(engine)
            analyses = await together(keywords["images"])
            to_answer: Callable[[list], object] = embedded if method.name == "embed" else list
            return await _on(self._door, lambda: pack(to_answer(analyses)))
        if method.tells_progress:
            keywords["progress"] = work.progress
        pool = self._long if method.long else self._pool
        return await _on(pool, lambda: self._ask(engine, method, keywords, work))

    def _ask(
        self, engine: Engine, method: Method, keywords: dict[str, object], work: _Work
    ) -> bytes:
        """Ask the engine; wait where another one is just making the gallery of the samples."""
        end = time.monotonic() + LONGEST_WAIT
        while not work.cancelled.is_set():
            try:
                return pack(getattr(engine, method.name)(**keywords))
            except GalleryBusy:
                if time.monotonic() > end or not method.repeatable:
                    raise
                time.sleep(BEAT / 6)
        raise Cancelled

    def _arguments(self, method: Method, body: bytes) -> tuple[dict[str, Any], Engine]:
        """Read a body's arguments, and find the engine that it is for.

        Raises:
            WireError: They do not fit the method.
            PermissionError: They name a folder that callers may not.
            ValueError: The body brings an adaptation that does not fit the checkpoint.
        """
        keywords = unpack(body, arguments.record, REQUEST)
        if not isinstance(keywords, dict) or not all(isinstance(name, str) for name in keywords):
            raise WireError(f"a body must hold arguments by name, got {arguments.shown(keywords)}")
        keywords.pop("progress", None)
        own = arguments.adaptation(keywords.pop(ADAPTATION, None))
        keywords = arguments.call(method, keywords)
        for path in method.paths(keywords):
            self._check_folder(path)
        if method.name == "analyze" and len(keywords["images"]) > MOST_ANALYSED:
            raise ValueError(
                f"analyze takes at most {MOST_ANALYSED} pictures a request, "
                f"got {len(keywords['images'])}"
            )
        return keywords, self._adapted.engine(own) if own else self._engine

    def _check_folder(self, path: Path) -> None:
        if not any(lies_below(path, each) for each in self._options.folders):
            raise PermissionError(
                f"the folder {path} is not one that the engine's machine opens to callers"
            )

    def _look_together(self, engine: Engine) -> Together:
        async def look(images: list[Image.Image]) -> list:
            return await _on(self._network, lambda: engine.analyze(images))

        return Together(look)


async def _on(pool: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(pool, work)


class _Work:
    """A request while it is worked on.

    Attributes:
        last_progress: Done and total, as last heard.
        cancelled: Set where nobody waits for the answer any more.
    """

    def __init__(self) -> None:
        self.last_progress: tuple[int, int] | None = None
        self.cancelled = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """Note progress; raise `Cancelled` where nobody waits."""
        if self.cancelled.is_set():
            raise Cancelled
        self.last_progress = int(done), int(total)


def _fault_answer(name: str, error: Exception) -> tuple[int, bytes]:
    """Make an answer of an exception; what nobody expected is logged, without its words."""
    status, body = fault(error)
    if status == UNEXPECTED and not isinstance(error, Cancelled):
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        _log.error("%s failed with %s\n%s", name, type(error).__name__, where)
    return status, body
