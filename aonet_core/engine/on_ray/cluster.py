"""Ray on this machine, or a cluster that runs already."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aonet_core.trust import why

PATIENCE = 10.0
"""Seconds until a machine that does not answer is taken for absent."""


@contextmanager
def cluster(address: str | None = None, processors: int | None = None) -> Iterator[int]:
    """Use a cluster for as long as the block runs; one that is in use already is used.

    Args:
        address: Of a cluster: "auto" finds the one that this machine belongs to, "HOST:PORT" is
            needed where there are several; None starts Ray on this machine alone.
        processors: That Ray may use of this machine where it is started; all by default.

    Yields:
        How many workers fit: one for each graphics card, or processor where there is none.

    Raises:
        OSError: There is no cluster at the address.
        ValueError: Work on it has failed; what was stored before is kept.
    """
    # Ray tells its makers of its use, and everybody of what goes on inside, unless asked not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # Its workers would give way to everything else on the machine, and be starved by it.
    os.environ.setdefault("RAY_worker_niceness", "0")
    token = os.environ.get("RAY_AUTH_TOKEN_PATH", Path.home() / ".ray" / "auth_token")
    if address is not None and ("RAY_AUTH_TOKEN" in os.environ or Path(token).is_file()):
        # A cluster asks for the token that it was started with; Ray shows it only if told to.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray

    ours = not ray.is_initialized()
    if ours:
        _start(address, processors)
    try:
        offered = ray.cluster_resources()
        yield max(1, int(offered.get("GPU", 0) or offered.get("CPU", 1)))
    except ray.exceptions.RayError as error:
        raise ValueError(f"the work on Ray has failed: {_last_line(error)}") from error
    finally:
        if ours:
            ray.shutdown()


def reach(address: str) -> None:
    """Ask whether a cluster is there: Ray itself would try for minutes, without a word.

    Raises:
        OSError: It is not; within a minute.
    """
    import ray
    from ray._private.services import GcsClient, canonicalize_bootstrap_address

    try:
        canonical = canonicalize_bootstrap_address(address)
        if canonical is None or "://" in address:
            raise ValueError("another form of address")
        host, _, port = canonical.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
        GcsClient(address=canonical)  # other servers may listen there
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise _nowhere(address, error) from error


def _start(address: str | None, processors: int | None) -> None:
    import ray

    if address is not None:
        reach(address)
    own: dict[str, Any] = (
        {"include_dashboard": False, "num_cpus": processors} if address is None else {}
    )
    try:
        with warnings.catch_warnings():
            # Ray's processes begin as forks of this one, but use nothing of it.
            warnings.filterwarnings("ignore", "lancedb fork support", RuntimeWarning)
            ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise _nowhere(address or "this machine", error) from error


def _nowhere(address: str, error: Exception) -> OSError:
    said = why(error) if isinstance(error, OSError) else str(error)
    reason = next(iter(said.strip().splitlines()), "no answer").rstrip(".")
    return OSError(
        f"no Ray cluster at {address} ({reason}): expected auto or HOST:PORT of one that this "
        "machine belongs to, or no address for this machine alone"
    )


def _last_line(error: Exception) -> str:
    """What was wrong, of an error that tells all that led to it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
