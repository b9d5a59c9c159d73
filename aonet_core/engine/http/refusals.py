"""What the gateway answers without an engine: refusals with their sentence and status."""

from __future__ import annotations

from fastapi import Request, Response

from aonet_core.engine.http.frames import FAULT, frame
from aonet_core.engine.wire import CONTENT_TYPE, pack

BUSY_AGAIN, AWAY_AGAIN = 1, 3
"""Seconds after which a caller may ask again."""
BUSY = "the engine is busy: too many requests are waiting"


class Refused(Exception):
    """An answer that is given without asking an engine."""

    def __init__(self, status: int, message: str, again: int | None = None) -> None:
        """Note HTTP status, a sentence, and seconds after which asking again may help."""
        super().__init__(message)
        self.status, self.message = status, message
        self.again = again


def answer_refusal(_: Request, refused: Exception) -> Response:
    """Make an HTTP answer of a `Refused`."""
    if not isinstance(refused, Refused):
        raise refused
    headers = {"Retry-After": str(refused.again)} if refused.again else {}
    if refused.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    kind = "ValueError" if refused.status in (404, 408, 413, 415) else "EngineAway"
    body = pack({"kind": kind, "message": refused.message})
    return Response(body, refused.status, headers, CONTENT_TYPE)


def fault_frame(message: str) -> bytes:
    """Make the last frame of a stream of a refusal."""
    return frame(FAULT, pack({"kind": "EngineAway", "message": message}))
