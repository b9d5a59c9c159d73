"""Ray on this machine, or a cluster that runs already."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cluster(address: str | None = None, processors: int | None = None) -> Iterator[int]:
    """Use a cluster for as long as the block runs; one that is in use already is used.

    Args:
        address: Of a cluster: "auto" for the one that this machine belongs to, "HOST:PORT" for
            another; None starts Ray on this machine alone.
        processors: That Ray may use of this machine where it is started; all by default.

    Yields:
        How many workers fit: one for each graphics card, or processor where there is none.

    Raises:
        OSError: There is no cluster at the address.
        ValueError: Work on it has failed; what was stored before is kept.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ours = not ray.is_initialized()
    if ours:
        settings = {"num_cpus": processors} if address is None else {}
        try:
            ray.init(
                address or "local",
                include_dashboard=None if address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                **settings,
            )
        except (ConnectionError, ValueError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
            raise OSError(
                f"no Ray cluster at {address or 'this machine'}: {reason}; expected auto or "
                "HOST:PORT of one that runs, or no address for this machine alone"
            ) from error
    try:
        offered = ray.cluster_resources()
        yield max(1, int(offered.get("GPU", 0) or offered.get("CPU", 1)))
    except ray.exceptions.RayError as error:
        raise ValueError(f"the work on Ray has failed: {_last_line(error)}") from error
    finally:
        if ours:
            ray.shutdown()


def _last_line(error: Exception) -> str:
    """What was wrong, of an error that tells all that led to it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
