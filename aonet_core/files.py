"""Files that appear whole or not at all, folders that do not stay, and what comes with us."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIX = "aonet-"
"""Beginning of the names of temporary folders."""

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


def temporary_folder(what: str) -> TemporaryDirectory[str]:
    """Make a folder whose name tells whose it is.

    Args:
        what: It is for, in small letters.
    """
    return TemporaryDirectory(prefix=f"{PREFIX}{what}-{os.getpid()}-")


def left_behind(what: str = "*") -> Iterator[Path]:
    """Temporary folders, for `what`, of this user's processes that were killed before the end."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}{what}-*-*"):
        number = folder.name.removeprefix(PREFIX).split("-")[1]
        with suppress(ValueError, ArithmeticError, OSError):  # somebody else's, or just gone
            if not _runs(int(number)) and folder.lstat().st_uid == os.getuid():
                yield folder


def sweep_up() -> None:
    """Delete what `left_behind` finds."""
    for folder in left_behind():
        shutil.rmtree(folder, ignore_errors=True)


def _runs(process: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
