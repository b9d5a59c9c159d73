"""An engine that is far away, behind the interface of one that is near. Imports no torch."""

from __future__ import annotations

import copy
import io
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from aonet_core.engine.http.errors import EngineAway, EngineDenied, raised
from aonet_core.engine.http.frames import FAULT, PROGRESS, RESULT, frames
from aonet_core.engine.http.rpc_methods import ADAPTATION, Method, methods
from aonet_core.engine.http.upload import content_of
from aonet_core.engine.wire import CONTENT_TYPE, STREAM_TYPE, WireError, pack, unpack
from aonet_core.results.adaptation import Adaptation
from aonet_core.results.landmarks import Embedded

TOGETHER = 32
"""Pictures that are sent at a time."""
LARGEST = 1 << 30
"""Bytes of an answer that are too many."""
PIECE = 1 << 18
"""Bytes that are sent at a time."""
AGAIN = (502, 503, 504)
"""Statuses after which it may help to ask again."""
KEEP_ALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]
"""A machine that is switched off is noticed within half a minute, however long the work takes."""


@dataclass(frozen=True)
class Patience:
    """How long a caller waits, in seconds.

    Attributes:
        connect: For a connection.
        answer: For an answer that tells no progress.
        frame: For the next frame of one that does.
        busy: In all, for an engine that is busy or away to answer again.
    """

    connect: float = 3.0
    answer: float = 125.0
    frame: float = 20.0
    busy: float = 8.0


class RemoteEngine:
    """All methods of `Engine`, asked over HTTP; safe to share between threads.

    Besides what each of them raises, all raise `EngineAway` where the engine cannot be reached or
    stays too busy to answer, and `EngineDenied` where it does not know the token.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        checkpoint: str = "default",
        patience: Patience | None = None,
    ) -> None:
        """Note where the engine is; nothing is asked yet.

        Args:
            url: Address such as http://host:8700.
            token: Bearer token.
            checkpoint: Name of one that the server has.
            patience: How long to wait.

        Raises:
            ValueError: The address is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"an engine's address must be like http://host:8700, got {url!r}")
        self.url = url.rstrip("/")
        self._name = f"the engine at {parts.hostname}:{parts.port or parts.scheme}"
        self._checkpoint = checkpoint
        self._patience = patience or Patience()
        self._besides: dict[str, Adaptation] = {}
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        options = urllib3.connection.HTTPConnection.default_socket_options
        self._pool = urllib3.PoolManager(
            maxsize=64, retries=False, socket_options=[*options, *KEEP_ALIVE], blocksize=PIECE
        )

    def adapted(self, adaptation: Adaptation) -> RemoteEngine:
        """Return an engine whose requests bring a network of their own; see `Engine.adapted`."""
        own = copy.copy(self)
        own._besides = {ADAPTATION: adaptation}
        return own

    def check(self, seconds: float = 2.0) -> None:
        """Raise `EngineAway`, or `EngineDenied`, unless the engine can answer now."""
        try:
            response = self._pool.request(
                "GET", f"{self.url}/readyz", headers=self._headers, timeout=seconds
            )
        except HTTPError as error:
            raise EngineAway(self._unreached(error)) from None
        if response.status != 200:
            raise self._failure(response.status, response.data)

    def _ask(self, method: Method, args: tuple, kwargs: Mapping[str, object]) -> Any:
        arguments = method.arguments(args, kwargs)
        if method.batched:
            images = list(arguments["images"])
            parts = [images[n : n + TOGETHER] for n in range(0, len(images), TOGETHER)] or [[]]
            return _joined(method, [self._send(method, {"images": part}) for part in parts])
        if method.name == "build_gallery":
            arguments["source"], left_out = content_of(arguments["source"])
            report = self._send(method, arguments)
            return replace(report, refused=(*left_out, *report.refused))
        return self._send(method, arguments)

    def _send(self, method: Method, arguments: dict[str, Any]) -> Any:
        progress = arguments.pop("progress", None)
        body = pack(arguments | self._besides)
        end = time.monotonic() + self._patience.busy
        attempt = 0
        while True:
            try:
                return self._once(method, body, progress)
            except _Again as again:
                wait = again.seconds or 0.2 * 2**attempt
                if time.monotonic() + wait > end:
                    raise again.why from None
                time.sleep(wait)
                attempt += 1

    def _once(self, method: Method, body: bytes, progress: Callable | None) -> object:
        """Ask once.

        Raises:
            _Again: It failed in a way that asking again may mend and cannot make worse.
            Exception: What the engine raised.
        """
        stream = progress if method.tells_progress else None
        patience = self._patience
        timeout = urllib3.Timeout(
            connect=patience.connect, read=patience.frame if stream else patience.answer
        )
        headers = {"Content-Type": CONTENT_TYPE, "Accept": STREAM_TYPE if stream else CONTENT_TYPE}
        headers["Content-Length"] = str(len(body))
        address = f"{self.url}/v1/{quote(self._checkpoint, safe='')}/{method.name}"
        try:
            response = self._pool.request(
                "POST",
                address,
                # In pieces: the limit for a connection is one for each piece as well.
                body=io.BytesIO(body),
                headers=headers | self._headers,
                timeout=timeout,
                preload_content=False,
            )
            if stream and response.status == 200:
                return self._followed(response, stream)
            data = response.data
        except HTTPError as error:
            away = EngineAway(self._unreached(error))
            if _never_sent(error) or method.repeatable and not stream:
                raise _Again(away) from None
            raise away from None
        if response.status == 200:
            return unpack(data)
        failure = self._failure(response.status, data)
        if response.status in AGAIN and isinstance(failure, EngineAway):
            raise _Again(failure, float(response.headers.get("Retry-After", 0)))
        raise failure

    def _followed(self, response: BaseHTTPResponse, progress: Callable) -> object:
        """Read frames up to the answer; what `progress` raises closes the connection."""
        try:
            for kind, body in frames(response.stream(1 << 20), LARGEST):
                if kind == PROGRESS:
                    progress(*unpack(body))
                elif kind == RESULT:
                    return unpack(body)
                elif kind == FAULT:
                    raise self._failure(200, body)
        except WireError as error:
            raise EngineAway(f"{self._name} broke off: {error}") from None
        finally:
            # Whoever is still at work over there learns that nobody waits any more.
            response.close()
        raise EngineAway(f"{self._name} went away in the middle of the work")

    def _failure(self, status: int, body: bytes) -> Exception:
        error = raised(body, status)
        if status in (401, 403) and isinstance(error, EngineAway):
            return EngineDenied(f"{self._name} refuses the token: {error}")
        return EngineAway(f"{self._name}: {error}") if isinstance(error, EngineAway) else error

    def _unreached(self, failure: HTTPError) -> str:
        error = failure.reason if isinstance(failure, MaxRetryError) else failure
        if isinstance(error, NewConnectionError):
            return f"{self._name} cannot be reached: nothing listens there"
        if isinstance(error, urllib3.exceptions.TimeoutError):
            return f"{self._name} does not answer in time"
        return f"{self._name} broke the connection off"


class _Again(Exception):
    """It may help to ask again, after so many seconds; 0 where that was not said."""

    def __init__(self, why: EngineAway, seconds: float = 0.0) -> None:
        super().__init__(str(why))
        self.why, self.seconds = why, seconds


def _never_sent(failure: HTTPError) -> bool:
    error = failure.reason if isinstance(failure, MaxRetryError) else failure
    return isinstance(error, NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _joined(method: Method, parts: list) -> object:
    """One answer of several."""
    if method.name == "embed":
        import numpy as np

        return Embedded(*map(np.concatenate, zip(*parts, strict=True)))
    return [analysis for part in parts for analysis in part]


def _method(method: Method) -> Callable:
    def ask(self: RemoteEngine, *args: object, **kwargs: object) -> object:
        return self._ask(method, args, kwargs)

    ask.__name__, ask.__doc__ = method.name, method.meaning
    setattr(ask, "__signature__", method.signature)  # noqa: B010  functions declare none
    return ask


for _each in methods().values():
    setattr(RemoteEngine, _each.name, _method(_each))
