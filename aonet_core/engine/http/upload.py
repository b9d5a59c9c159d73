"""What is sent of a gallery's source to an engine that is far away."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from aonet_core.data.left_out import LeftOut
from aonet_core.data.tree import FolderTree
from aonet_core.trust import contents

LARGEST = 1 << 30
"""Bytes of a folder that are too many to be sent."""


def content_of(source: object) -> tuple[object, LeftOut]:
    """What a path of this machine holds, as a ZIP archive; other sources as they are.

    Returns:
        What to send; names and reasons of what cannot be sent.

    Raises:
        ValueError: It is too much to send.
    """
    if not isinstance(source, str | Path) or not Path(source).exists():
        return source, ()
    root = Path(source)
    if root.is_file():
        _check(root, root.stat().st_size)
        return contents(root), ()
    levels = list(FolderTree(root).walk())
    files = {name: path for level in levels for name, path in level.files.items()}
    _check(root, sum(os.stat(path).st_size for path in files.values()))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as written:
        for name, path in files.items():
            written.writestr(name, contents(path))
    return archive.getvalue(), tuple(lost for level in levels for lost in level.left_out)


def _check(root: Path, total: int) -> None:
    if total > LARGEST:
        raise ValueError(
            f"{root} is too large to be sent: expected at most {LARGEST >> 20} MB, got "
            f"{total >> 20}; build the gallery on the engine's machine with "
            "`python -m aonet_core gallery build`"
        )
