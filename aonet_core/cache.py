"""Files that are computed once and kept for this user; needs no torch."""

from __future__ import annotations

import io
import logging
import os
import zlib
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)
"""What reading a file that is cut short or altered may raise."""
_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where this user's computed files are kept: AONET_CACHE, or the system's usual place."""
    if os.environ.get("AONET_CACHE"):
        return Path(os.environ["AONET_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("aonet-lens")


def write_arrays(file: Path, arrays: dict[str, np.ndarray], what: str) -> None:
    """Write arrays by name to a file, as `write_whole` does."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    write_whole(file, stream.getvalue(), what)


def write_whole(file: Path, content: bytes, what: str) -> None:
    """Write a file, whole or not at all; where that fails it is told in a warning.

    Args:
        file: Its folder is made if need be.
        content: Of the file.
        what: It is, for the warning.
    """
    part = file.with_name(f"{file.stem}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        _log.warning("the %s is not kept for the next start: %s", what, error)
        with suppress(OSError):
            part.unlink()
