"""What is sent of a gallery's source to an engine that is far away."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

LARGEST = 1 << 30
"""Bytes of a folder that are too many to be sent."""


def content_of(source: object) -> object:
    """What a path of this machine holds, as a ZIP archive; other sources as they are.

    Raises:
        ValueError: It is too much to send.
    """
    if not isinstance(source, str | Path) or not Path(source).exists():
        return source
    root = Path(source)
    files = [root] if root.is_file() else sorted(each for each in root.rglob("*") if each.is_file())
    if (total := sum(each.stat().st_size for each in files)) > LARGEST:
        raise ValueError(
            f"{root} is too large to be sent: expected at most {LARGEST >> 20} MB, got "
            f"{total >> 20}; build the gallery on the engine's machine with "
            "`python -m aonet_core gallery build`"
        )
    if root.is_file():
        return root.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as written:
        for each in files:
            written.write(each, each.relative_to(root).as_posix())
    return archive.getvalue()
