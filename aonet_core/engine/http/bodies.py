"""Bodies of requests as they arrive: of limited size, from callers who may not dawdle."""

from __future__ import annotations

import asyncio
import time

from fastapi import Request

from aonet_core.engine.http.refusals import BUSY_AGAIN, Refused

IDLE = 15.0
"""Seconds that a caller may take for the next piece of a body."""
SLOWEST = 50_000
"""Bytes a second that a body must come at, after the first `IDLE` seconds."""
TOGETHER = 4
"""How many bodies of the largest size are in memory at a time, or as much of smaller ones."""


class Bodies:
    """All bodies that are in memory."""

    def __init__(self, most: int) -> None:
        """Note how many bytes one may have."""
        self.most, self.held = most, 0

    def room(self) -> Room:
        """Make room for one more, which is given back at the end of its `with` block."""
        return Room(self)


class Room:
    """What the body of one request takes up."""

    def __init__(self, bodies: Bodies) -> None:
        """Note of which bodies it is one."""
        self._bodies, self._taken = bodies, 0

    def __enter__(self) -> Room:
        """Begin with nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give back what was taken."""
        self._bodies.held -= self._taken
        self._taken = 0

    async def read(self, request: Request) -> bytes:
        """Read a body.

        Raises:
            Refused: It is too large, or comes too slowly, or there are too many.
        """
        self._check(_length(request))
        body, pieces, began = bytearray(), aiter(request.stream()), time.monotonic()
        while True:
            left = began + IDLE + len(body) / SLOWEST - time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, min(IDLE, left))):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return bytes(body)
            except TimeoutError:
                raise Refused(
                    408,
                    f"the body came too slowly: expected a piece within {IDLE:.0f} s and "
                    f"{SLOWEST // 1000} kB/s",
                ) from None
            self._check(len(body) + len(piece))
            self._taken += len(piece)
            self._bodies.held += len(piece)
            body += piece

    def _check(self, length: int) -> None:
        most = self._bodies.most
        if length > most:
            raise Refused(413, f"a body can have at most {most} bytes, got more")
        if self._bodies.held - self._taken + length > TOGETHER * most:
            raise Refused(503, "the engine is busy: too many large requests", BUSY_AGAIN)


def _length(request: Request) -> int:
    """Bytes that a caller says will come; 0 where that is not said."""
    text = request.headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refused(413, "a body's length must be a whole number of bytes")
    return int(text)
