"""What the gateway asks: an engine in this process, or some elsewhere, behind one interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from aonet_core.engine.http.refusals import BUSY, BUSY_AGAIN, Refused
from aonet_core.engine.http.worker import Worker


class EngineDied(Exception):
    """The engine that worked on a request is gone; another may take it."""


class Backend(Protocol):
    """Engines of one checkpoint.

    All raise `Refused` where no engine takes the request, and `EngineDied`.
    """

    async def ping(self) -> str:
        """Answer the digest of the checkpoint; whoever can is ready."""

    async def call(self, name: str, body: bytes) -> tuple[int, bytes]:
        """Answer a request: HTTP status and body."""

    def stream(self, name: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Answer a request in frames; leaving the iteration ends the work."""


class InProcess:
    """An engine in the gateway's own process; it is asked by so many callers at a time."""

    def __init__(self, worker: Worker, slots: int, waiting: int) -> None:
        """Note the engine, requests at a time, and how many more may wait."""
        self._worker = worker
        self._slots = asyncio.Semaphore(slots)
        self._most = slots + waiting
        self._admitted = 0

    async def ping(self) -> str:
        """Answer the digest of the checkpoint."""
        return await self._worker.ping()

    async def call(self, name: str, body: bytes) -> tuple[int, bytes]:
        """Answer a request."""
        async with self._place():
            return await self._worker.call(name, body)

    async def stream(self, name: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Answer a request in frames."""
        async with self._place():
            frames = self._worker.stream(name, body)
            try:
                async for each in frames:
                    yield each
            finally:
                await frames.aclose()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._admitted >= self._most:
            raise Refused(503, BUSY, BUSY_AGAIN)
        self._admitted += 1
        try:
            async with self._slots:
                yield
        finally:
            self._admitted -= 1
