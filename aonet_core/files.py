"""Files that appear whole or not at all, and where those are that come with the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHIPPED = "shipped"
"""Folder of an installed package for what lies beside the package in a checkout."""


def shipped_path(name: str) -> Path:
    """Path of a file or folder that comes with the project, in a checkout or installed.

    Args:
        name: Its path in a checkout, such as "assets/checkpoints".
    """
    package = Path(__file__).resolve().parent
    inside = package / SHIPPED
    return (inside if inside.is_dir() else package.parent) / name


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
