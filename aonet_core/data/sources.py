"""Where a gallery's pictures come from: a data set, a folder, a ZIP archive or single files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aonet_core.data.archives import Limits, unpack
from aonet_core.data.readers import SUFFIXES, holds_dataset, read_dataset
from aonet_core.data.samples import JUNK_PID, UNKNOWN_CAMID, UNKNOWN_PID
from aonet_core.data.specifications import MARKET_NAME
from aonet_core.files import temporary_folder

PICTURES = SUFFIXES | {".webp"}
Source = str | Path | bytes | Sequence[tuple[str, bytes]]
"""A folder or a .zip file by its path, the content of a ZIP file, or (file name, content) each."""


@dataclass(frozen=True)
class Picture:
    """A picture that may go into a gallery.

    Attributes:
        name: What it is called there: its path below the folder.
        role: "gallery" or "query".
        pid: Identity, 0 where unknown.
        camid: Camera, 0 where unknown.
        path: Where it lies; None where `content` holds it.
        content: The file's content, where it lies nowhere.
        kept: Whether the gallery should keep the content, since the file will be gone.
    """

    name: str
    role: str
    pid: int
    camid: int
    path: Path | None = None
    content: bytes | None = None
    kept: bool = False

    def read(self) -> bytes:
        """Return the file's content.

        Raises:
            OSError: It cannot be read.
        """
        return self.content if self.path is None else self.path.read_bytes()


@dataclass(frozen=True)
class Found:
    """What a source holds.

    Attributes:
        source: What it is, for people.
        pictures: In the order of their names.
        refused: Names and reasons of files that are left out.
    """

    source: str
    pictures: tuple[Picture, ...]
    refused: tuple[tuple[str, str], ...] = ()


@contextmanager
def opened(source: Source, dataset: str = "auto", limits: Limits | None = None) -> Iterator[Found]:
    """List what a source holds; an archive is unpacked for as long as the block runs.

    Args:
        source: A folder or .zip file, the bytes of a ZIP file, or names and bytes of pictures.
        dataset: For folders and archives, as in `read_dataset`; "auto" also takes any folder with
            images at any depth.
        limits: Of an archive.

    Raises:
        FileNotFoundError: There is nothing at the path.
        ValueError: There are no pictures, or the archive or data set is not in order.
    """
    if isinstance(source, (str, Path)) and Path(source).is_dir():
        yield _in_folder(Path(source), dataset, kept=False)
    elif isinstance(source, (str, Path, bytes)):
        if not isinstance(source, bytes) and not Path(source).is_file():
            raise FileNotFoundError(f"no pictures at {source}: there is no such folder or file")
        archive = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
        title = "ZIP archive" if isinstance(source, bytes) else Path(source).name
        with temporary_folder("unpacked") as folder:
            unpack(archive, Path(folder), limits)
            found = _in_folder(Path(folder), dataset, kept=True)
            yield Found(f"{found.source} in {title}", found.pictures, found.refused)
    else:
        yield _listed("single pictures", [(name, None, content) for name, content in source], True)


def _in_folder(root: Path, dataset: str, kept: bool) -> Found:
    """Read a data set's gallery and queries, or else every image below a folder."""
    if not holds_dataset(root, dataset):
        paths = (path for path in root.rglob("*") if path.suffix.lower() in PICTURES)
        # Archives made on a Mac hold a hidden ._NAME.jpg beside every NAME.jpg.
        paths = sorted(path for path in paths if not path.name.startswith("."))
        title = "folder" if kept else f"folder {root.name}"
        files = [(path.relative_to(root).as_posix(), path, None) for path in paths]
        return _listed(title, files, kept)
    found = read_dataset(root, dataset, splits=("gallery",))
    pictures = [
        Picture(
            sample.path.relative_to(found.root).as_posix(),
            role,
            sample.pid,
            sample.camid,
            sample.path,
            kept=kept,
        )
        for role in ("gallery", "query")
        for sample in getattr(found, role)
    ]
    return Found(f"data set {found.name}", tuple(pictures))


def _listed(title: str, files: list[tuple[str, Path | None, bytes | None]], kept: bool) -> Found:
    """Take files with what their names tell, where they are like those of Market-1501."""
    pictures, refused = [], []
    for name, path, content in files:
        match = re.match(MARKET_NAME, name.rpartition("/")[2])
        pid = int(match["pid"]) if match else UNKNOWN_PID
        camid = int(match["camid"]) if match else UNKNOWN_CAMID
        if pid == JUNK_PID:
            refused.append((name, f"its name marks it as junk (identity {JUNK_PID})"))
        else:
            pictures.append(Picture(name, "gallery", pid, camid, path, content, kept))
    if not files:
        raise ValueError(f"there are no pictures in the {title}: {', '.join(sorted(PICTURES))}")
    return Found(title, tuple(pictures), tuple(refused))
