"""One engine a checkpoint in this process, behind an ordinary web server.

Nothing listens but the address itself; nothing is left behind when the process ends, however it
ends.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from socket import socket

import uvicorn
from fastapi import FastAPI

from aonet_core.engine.http.backends import InProcess
from aonet_core.engine.http.gateway import Gateway
from aonet_core.engine.http.options import HOUSEKEEPING, ServerOptions
from aonet_core.engine.http.worker import Worker

CONNECTIONS = 1000
"""Open at a time; more are told to come back."""
PATIENCE = 5
"""Seconds that answers may still take when the server is asked to end, and then work."""
_log = logging.getLogger(__name__)


def serve(options: ServerOptions, housekeeping: Callable[[], object]) -> None:
    """Serve as `serve_forever` says."""
    ended = threading.Event()
    # The server ends by these itself, and then passes them on.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    workers = _workers(options)
    if ended.is_set():
        return
    housekeeping()
    keeper = threading.Thread(target=_keep, args=(housekeeping, ended), daemon=True)
    keeper.start()
    _Server(_config(options, application(options, workers)), options).run()
    ended.set()
    _log.info("stopping")
    for worker in workers.values():
        worker.close()
    if not _quiet():
        # Work that tells no progress cannot be ended otherwise.
        logging.shutdown()
        os._exit(0)


def application(options: ServerOptions, workers: dict[str, Worker]) -> FastAPI:
    """Make the HTTP application of engines in this process."""
    slots = options.engine.slots
    engines = {name: InProcess(each, slots, options.waiting) for name, each in workers.items()}
    limits = replace(options.gateway, most_long=options.engine.most_long)
    return Gateway(limits, engines).application()


def _workers(options: ServerOptions) -> dict[str, Worker]:
    return {
        name: Worker(replace(options.engine, checkpoint=path))
        for name, path in options.checkpoints.items()
    }


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, options: ServerOptions) -> None:
        super().__init__(config)
        self._options = options

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _log.info("ready: %s", self._options.address)


def _config(options: ServerOptions, app: FastAPI) -> uvicorn.Config:
    certificate, key = options.tls or (None, None)
    return uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=PATIENCE,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
    )


def _keep(housekeeping: Callable[[], object], ended: threading.Event) -> None:
    while not ended.wait(HOUSEKEEPING):
        housekeeping()


def _quiet() -> bool:
    """Wait a little for threads at work; tell whether all have ended."""
    others = [each for each in threading.enumerate() if not each.daemon]
    others.remove(threading.current_thread())
    for each in others:
        each.join(PATIENCE / len(others))
    return not any(each.is_alive() for each in others)
