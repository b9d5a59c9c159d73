"""The engine's HTTP address: who may ask, how much, how long; one route per method."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from aonet_core.engine.http.backends import Backend, EngineDied
from aonet_core.engine.http.bodies import Bodies
from aonet_core.engine.http.metrics import GatewayMetrics
from aonet_core.engine.http.options import GatewayOptions
from aonet_core.engine.http.refusals import (
    AWAY_AGAIN,
    BUSY_AGAIN,
    Refused,
    answer_refusal,
    fault_frame,
)
from aonet_core.engine.http.rpc_methods import Method, methods
from aonet_core.engine.wire import CONTENT_TYPE, STREAM_TYPE

ATTEMPTS = 3
"""How often a request is given to an engine, where engines die under it."""
_log = logging.getLogger("aonet.gateway")


class Gateway:
    """Passes bodies between callers and engines without looking into them."""

    def __init__(self, options: GatewayOptions, engines: Mapping[str, Backend]) -> None:
        """Note the engines by the names of their checkpoints; the first is "default" too."""
        _log_to_stderr()
        self._options = options
        self._engines = dict(engines)
        self._engines.setdefault("default", next(iter(engines.values())))
        self._metrics = GatewayMetrics()
        self._long: Counter[int] = Counter()
        self._bodies = Bodies(options.most_bytes)

    def application(self) -> FastAPI:
        """Build the HTTP application."""
        app = FastAPI(
            title="AONet engine",
            version="1",
            description=f"Bodies are {CONTENT_TYPE}: a safetensors file whose tensor `tree` is "
            "JSON text of the arguments by name.",
            docs_url=None,
            redoc_url=None,
        )
        app.add_api_route("/healthz", self._healthy, methods=["GET"], summary="Runs")
        app.add_api_route("/readyz", self._ready, methods=["GET"], summary="Can answer")
        app.add_api_route("/metrics", self._measured, methods=["GET"], summary="For Prometheus")
        for method in methods().values():
            app.add_api_route(
                f"/v1/{{checkpoint}}/{method.name}",
                self._route(method),
                methods=["POST"],
                name=method.name,
                summary=method.meaning.partition("\n")[0],
                description=f"`{method.name}{method.signature}`\n\n{method.meaning}",
                openapi_extra=_described(method),
                response_class=Response,
            )
        app.add_exception_handler(Refused, answer_refusal)
        return app

    async def _healthy(self) -> dict:
        return {"status": "runs"}

    async def _ready(self, request: Request) -> Response:
        self._admit(request)
        try:
            async with asyncio.timeout(5):
                answers = await asyncio.gather(*(each.ping() for each in self._engines.values()))
        except (EngineDied, Refused, TimeoutError):
            raise Refused(503, "an engine is not ready", AWAY_AGAIN) from None
        digests = dict(zip(self._engines, answers, strict=True))
        return JSONResponse({"status": "ready", "checkpoints": digests})

    async def _measured(self, request: Request) -> Response:
        self._admit(request)
        return Response(*self._metrics.page())

    def _route(self, method: Method):
        async def answer(checkpoint: str, request: Request) -> Response:
            began = time.perf_counter()
            name = checkpoint if checkpoint in self._engines else "unknown"
            with self._metrics.count_request(name, method.name) as measured:
                try:
                    response = await self._answer(method, checkpoint, request)
                except Refused as refused:
                    response = answer_refusal(request, refused)
                except ClientDisconnect:
                    response = Response(status_code=499)
                measured.status = response.status_code
            spent = 1000 * (time.perf_counter() - began)
            _log.info("%s %s %d %.0f ms", name, method.name, response.status_code, spent)
            return response

        return answer

    async def _answer(self, method: Method, checkpoint: str, request: Request) -> Response:
        self._admit(request)
        if checkpoint not in self._engines:
            names = ", ".join(self._engines)
            raise Refused(404, f"there is no checkpoint {checkpoint!r}: expected one of {names}")
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type != CONTENT_TYPE:
            raise Refused(415, f"a body must be {CONTENT_TYPE}, got {content_type or 'nothing'}")
        engine = self._engines[checkpoint]
        with ExitStack() as room:
            body = await room.enter_context(self._bodies.room()).read(request)
            if method.tells_progress and STREAM_TYPE in request.headers.get("accept", ""):
                frames = self._frames(engine, method, body)
                return _Stream(await anext(frames), frames, room.pop_all())
            with self._place(engine, method):
                status, answer = await self._called(engine, method, body)
            return Response(answer, status, media_type=CONTENT_TYPE)

    def _admit(self, request: Request) -> None:
        """Let pass whoever has the token, compared in constant time."""
        expected = f"Bearer {self._options.token}".encode()
        authorization = request.headers.get("authorization", "").encode()
        if self._options.token and not hmac.compare_digest(authorization, expected):
            raise Refused(401, "it expects a bearer token, got none or another")

    @contextmanager
    def _place(self, engine: Backend, method: Method) -> Iterator[None]:
        """Let work that may take minutes have a part of the places only."""
        running = self._long[id(engine)]
        if method.long and running >= self._options.most_long:
            raise Refused(503, f"the engine is busy with {running} long requests", BUSY_AGAIN)
        self._long[id(engine)] += method.long
        try:
            yield
        finally:
            self._long[id(engine)] -= method.long

    async def _called(self, engine: Backend, method: Method, body: bytes) -> tuple[int, bytes]:
        left = ATTEMPTS if method.repeatable else 1
        while True:
            try:
                async with asyncio.timeout(self._options.seconds):
                    return await engine.call(method.name, body)
            except TimeoutError:
                raise Refused(504, f"no answer in {self._options.seconds:.0f} s") from None
            except EngineDied:
                self._metrics.died.inc()
                left -= 1
                if not left:
                    raise Refused(503, "an engine died over this", AWAY_AGAIN) from None

    async def _frames(
        self, engine: Backend, method: Method, body: bytes
    ) -> AsyncGenerator[bytes, None]:
        """Pass frames on; an engine that dies is replaced, and the work begins again.

        Raises:
            Refused: Before the first frame.
        """
        begun, end = False, time.monotonic() + self._options.stream_seconds
        for attempt in range(ATTEMPTS):
            answer = engine.stream(method.name, body)
            try:
                with self._place(engine, method):
                    async for each in answer:
                        yield each
                        begun = True
                        # There is a frame every few seconds, be it only a sign of life.
                        if time.monotonic() > end:
                            seconds = self._options.stream_seconds
                            raise Refused(504, f"no end in {seconds:.0f} s")
                return
            except EngineDied:
                self._metrics.died.inc()
                if method.repeatable and attempt < ATTEMPTS - 1:
                    continue
                refused = Refused(503, "an engine died over this", AWAY_AGAIN)
            except Refused as error:
                refused = error
            finally:
                await answer.aclose()
            if not begun:
                raise refused
            yield fault_frame(refused.message)
            return


class _Stream(StreamingResponse):
    """An answer in frames; whatever ends it ends the work and gives the body's room back."""

    def __init__(self, first: bytes, frames: AsyncGenerator[bytes, None], room: ExitStack) -> None:
        async def all_of_them() -> AsyncGenerator[bytes, None]:
            yield first
            async for each in frames:
                yield each

        super().__init__(all_of_them(), media_type=STREAM_TYPE)
        self._frames, self._room = frames, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._room.close()
            await self._frames.aclose()


def _described(method: Method) -> dict:
    """What the OpenAPI description says of a method's bodies."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    answers = {CONTENT_TYPE: binary}
    if method.tells_progress:
        answers[STREAM_TYPE] = binary
    return {
        "requestBody": {"required": True, "content": {CONTENT_TYPE: binary}},
        "responses": {"200": {"description": "The answer", "content": answers}},
    }


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.__stderr__)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("aonet")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
