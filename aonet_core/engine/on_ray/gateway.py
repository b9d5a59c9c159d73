"""The gateway in a process of Ray's, and engines in others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.serve.handle import DeploymentHandle

from aonet_core.engine.http.backends import EngineDied
from aonet_core.engine.http.gateway import Gateway
from aonet_core.engine.http.options import GatewayOptions
from aonet_core.engine.http.refusals import AWAY_AGAIN, BUSY, BUSY_AGAIN, Refused


class RayGateway(Gateway):
    """The gateway as Ray Serve wants it."""

    def __init__(self, options: GatewayOptions, engines: Mapping[str, DeploymentHandle]) -> None:
        """Note the engines by the names of their checkpoints."""
        super().__init__(options, {name: OnRay(handle) for name, handle in engines.items()})

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Build the HTTP application; Ray Serve asks for it."""
        return self.application()


class OnRay:
    """Engines of one checkpoint in processes of their own; see `Backend`."""

    def __init__(self, handle: DeploymentHandle) -> None:
        """Note how Ray reaches them."""
        self._handle = handle

    async def ping(self) -> str:
        """Answer the digest of the checkpoint."""
        with _explained():
            return await self._handle.ping.remote()

    async def call(self, name: str, body: bytes) -> tuple[int, bytes]:
        """Answer a request."""
        with _explained():
            return await self._handle.call.remote(name, body)

    async def stream(self, name: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Answer a request in frames."""
        answer: Any = self._handle.options(stream=True).stream.remote(name, body)
        try:
            with _explained():
                async for each in answer:
                    yield each
        finally:
            answer.cancel()


@contextmanager
def _explained() -> Iterator[None]:
    """Say why no engine took a request."""
    try:
        yield
    except RayActorError:
        raise EngineDied from None
    except BackPressureError:
        raise Refused(503, BUSY, BUSY_AGAIN) from None
    except (RayError, RayServeException):
        raise Refused(503, "the engine is not ready", AWAY_AGAIN) from None
