"""Adapts a checkpoint of this machine to pictures. Importing this loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aonet_core.occlusion import Progress

if TYPE_CHECKING:
    from aonet_core.data.sources import Source

FEWEST_TO_ADAPT = 20
"""Different pictures that are needed."""


def adapt_checkpoint(
    checkpoint: str, source: Source, out: Path, progress: Progress | None = None
) -> tuple[Path, dict]:
    """Fit a checkpoint's reference to unlabelled pictures and write another checkpoint.

    Args:
        checkpoint: Shipped name or path.
        source: A folder, data set or ZIP, or names and contents of pictures.
        out: Where to write.
        progress: Told of pictures done and their number.

    Returns:
        The path of the new weights, which is what `connect` calls it, and the part of its card that
        tells of the adaptation.

    Raises:
        FileNotFoundError: There is no such checkpoint or source.
        ValueError: The pictures are too few, or the network has no landmarks.
        OSError: The checkpoint cannot be written.
    """
    from aonet_core.adaptation.run import adapt_to, read_for
    from aonet_core.model.checkpoint import load_checkpoint
    from aonet_core.model.precision import best_device

    model, card = load_checkpoint(checkpoint, best_device())
    return adapt_to(model, card, checkpoint, read_for(model, source), out, progress=progress)
