"""One interface for everything the network can tell, in this process or far away.

Importing this package loads neither torch nor a plotting library.
"""

from __future__ import annotations

from pathlib import Path

from aonet_core.engine.images import ImageError, read_image
from aonet_core.engine.protocol import Engine
from aonet_core.engine.samples import Sample, SampleSet, landmark_visibility, read_samples
from aonet_core.engine.types import Embedded, EngineInfo, LandmarkAnalysis

__all__ = [
    "Embedded",
    "Engine",
    "EngineInfo",
    "ImageError",
    "LandmarkAnalysis",
    "Sample",
    "SampleSet",
    "connect",
    "landmark_visibility",
    "read_image",
    "read_samples",
]


def connect(
    url: str | None = None, token: str | None = None, checkpoint: str | Path = "default"
) -> Engine:
    """Return an engine.

    Args:
        url: Address of an engine server; None runs the engine in this process.
        token: Bearer token of that server.
        checkpoint: Shipped name or path, for an engine in this process.

    Raises:
        ValueError: An address is given: this version has no remote engine. Or the checkpoint does
            not fit.
        FileNotFoundError: There is no such checkpoint.
    """
    if url or token:
        raise ValueError(
            "this version has no remote engine: expected no address and no token, "
            f"got {url or 'a token'}"
        )
    from aonet_core.engine.local import LocalEngine

    return LocalEngine(checkpoint)
