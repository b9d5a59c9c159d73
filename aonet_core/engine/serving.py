"""Engines behind one HTTP address: in this process, or on Ray where there are several.

The gateway is the only part that callers reach. It looks into no body.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable

from aonet_core.engine.http.options import ServerOptions
from aonet_core.files import left_behind

ENDING = 60
"""Seconds in which the processes of a killed server end, and leave its port."""


def check(options: ServerOptions) -> None:
    """Refuse what would be unsafe or cannot work, before anything is started.

    Raises:
        ValueError: Others could reach a server without a token.
        OSError: The port cannot be listened at.
    """
    if not options.gateway.token and not _is_loopback(options.host):
        raise ValueError(
            f"without a token only this machine may ask: set AONET_ENGINE_TOKEN, or use --host "
            f"127.0.0.1, got --host {options.host}"
        )
    end = time.monotonic() + (ENDING if any(left_behind("ray")) else 0)
    while error := _port_taken(options):
        if time.monotonic() > end:
            raise OSError(f"port {options.port} of {options.host} cannot be used: {error}")
        time.sleep(0.3)


def serve_forever(options: ServerOptions, housekeeping: Callable[[], object]) -> None:
    """Start, say where, and answer until SIGTERM or SIGINT.

    Args:
        options: How.
        housekeeping: Called at the start and once an hour.

    Raises:
        OSError: An engine could not be started.
    """
    if options.on_ray or options.cluster or (options.replicas or _cards()) > 1:
        from aonet_core.engine.on_ray.server import serve
    else:
        from aonet_core.engine.http.plain_server import serve
    serve(options, housekeeping)


def _port_taken(options: ServerOptions) -> str | None:
    """Why the port cannot be listened at; None where it can."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _cards() -> int:
    """How many graphics cards there are."""
    import torch

    return torch.cuda.device_count()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
