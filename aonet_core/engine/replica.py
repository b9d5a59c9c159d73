"""One engine behind the gateway: requests come as bodies and leave as bodies."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from ray import serve

from aonet_core.engine.faults import UNEXPECTED, fault
from aonet_core.engine.frames import FAULT, PROGRESS, RESULT, WAIT, frame
from aonet_core.engine.methods import Method, methods
from aonet_core.engine.server_options import ReplicaOptions
from aonet_core.engine.types import embedded
from aonet_core.engine.wire import WireError, pack, unpack
from aonet_core.errors import GalleryBusy
from aonet_core.occlusion import Cancelled
from aonet_core.trust import lies_below

TOGETHER = 16
"""Requests whose pictures go through the network together."""
TICK, BEAT = 0.1, 3.0
"""Seconds between two looks at the progress, and between two signs of life."""
LONGEST_WAIT = 300.0
"""Seconds that a request waits for a gallery that is being made."""
_log = logging.getLogger("aonet.engine")


class Replica:
    """Runs a checkpoint for the gateway; Ray Serve makes as many as are asked for."""

    def __init__(self, options: ReplicaOptions) -> None:
        """Load the checkpoint and run it once at full batch, so that no caller waits for that."""
        import torch

        from aonet_core.engine import connect

        if options.threads:
            torch.set_num_threads(options.threads)
        self._options = options
        self._pool = ThreadPoolExecutor(options.slots, "engine")
        self._engine = connect(
            checkpoint=options.checkpoint,
            samples=options.samples,
            galleries=options.galleries,
            links=False,
        )
        self._engine.analyze([Image.new("RGB", (32, 64))] * TOGETHER)

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
            return _told(name, error)

    async def stream(self, name: str, body: bytes) -> AsyncIterator[bytes]:
        """Answer a request in frames, telling how far it is."""
        work, told, beat = _Work(), None, time.monotonic()
        yield frame(WAIT)
        task = asyncio.ensure_future(self._answer(methods()[name], body, work))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=TICK)
                if work.told != told:
                    told, beat = work.told, time.monotonic()
                    yield frame(PROGRESS, pack(told))
                elif time.monotonic() - beat > BEAT:
                    beat = time.monotonic()
                    yield frame(WAIT)
            try:
                yield frame(RESULT, task.result())
            except Exception as error:
                yield frame(FAULT, _told(name, error)[1])
        finally:
            # The caller may have gone: the next word on progress ends the work.
            work.cancelled.set()
            task.cancel()

    async def _answer(self, method: Method, body: bytes, work: _Work) -> bytes:
        arguments = await self._in_thread(lambda: self._arguments(method, body))
        if method.batched:
            answer = await self._together((method.name, arguments["images"]))
            if isinstance(answer, Exception):
                raise answer
            return await self._in_thread(lambda: pack(answer))
        if method.tells_progress:
            arguments["progress"] = work.progress
        return await self._in_thread(lambda: pack(self._asked(method, arguments, work)))

    def _asked(self, method: Method, arguments: dict[str, object], work: _Work) -> object:
        """Ask the engine; wait where another one is just making the gallery of the samples."""
        end = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                return getattr(self._engine, method.name)(**arguments)
            except GalleryBusy:
                over = work.cancelled.is_set() or time.monotonic() > end
                if over or not method.repeatable:
                    raise
                time.sleep(BEAT / 6)

    def _arguments(self, method: Method, body: bytes) -> dict[str, object]:
        """Read a body's arguments.

        Raises:
            WireError: They do not fit the method.
            PermissionError: They name a folder that callers may not.
        """
        given = unpack(body)
        if not isinstance(given, dict):
            raise WireError(f"a body must hold arguments by name, got a {type(given).__name__}")
        given.pop("progress", None)
        try:
            method.signature.bind(**given)
        except TypeError as error:
            raise WireError(f"{method.name}: {error}") from None
        for path in method.paths(given):
            self._check_folder(path)
        if method.batched:
            images = given["images"]
            if not isinstance(images, list | tuple) or not all(map(_is_image, images)):
                raise WireError(f"{method.name} takes a list of pictures")
        return given

    def _check_folder(self, path: Path) -> None:
        if not any(lies_below(path, each) for each in self._options.folders):
            raise PermissionError(
                f"the folder {path} is not one that the engine's machine opens to callers"
            )

    @serve.batch(max_batch_size=TOGETHER, batch_wait_timeout_s=0.0)
    async def _together(self, asked: list[tuple[str, list[Image.Image]]]) -> list[object]:
        """Answer several callers at once: whatever came while the network was busy."""
        images = [image for _, each in asked for image in each]
        try:
            analyses = iter(await self._in_thread(lambda: self._engine.analyze(images)))
        except Exception as error:
            return [error] * len(asked)
        parts = [(name, [next(analyses) for _ in each]) for name, each in asked]
        return [_embedded(part) if name == "embed" else part for name, part in parts]

    async def _in_thread(self, work: Callable[[], object]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


class _Work:
    """A request while it is worked on.

    Attributes:
        told: Done and total, as last heard.
        cancelled: Set where nobody waits for the answer any more.
    """

    def __init__(self) -> None:
        self.told: tuple[int, int] | None = None
        self.cancelled = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """Note progress; raise `Cancelled` where nobody waits."""
        if self.cancelled.is_set():
            raise Cancelled
        self.told = int(done), int(total)


def _embedded(analyses: list) -> object:
    try:
        return embedded(analyses)
    except ValueError as error:
        return error


def _is_image(value: object) -> bool:
    return isinstance(value, Image.Image)


def _told(name: str, error: Exception) -> tuple[int, bytes]:
    """Make an answer of an exception; what nobody expected is logged, without its words."""
    status, body = fault(error)
    if status == UNEXPECTED and not isinstance(error, Cancelled):
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        _log.error("%s failed with %s\n%s", name, type(error).__name__, where)
    return status, body
