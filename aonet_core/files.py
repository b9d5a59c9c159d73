"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file beside the one it replaces, and exchange the two when it is complete.

    A process that is killed, or a disk that fills up, while the block runs leaves what stood at
    `path` as it was.

    Args:
        path: Where the file shall be.

    Yields:
        Where to write it, in the same folder.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
