"""Where a gallery's pictures come from: a data set, a folder, a ZIP archive or single files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aonet_core.data.archives import Limits, unpack
from aonet_core.data.image_files import SUFFIXES
from aonet_core.data.left_out import LeftOut, is_text, sentence
from aonet_core.data.readers import read_tree
from aonet_core.data.recognise import holds_dataset, recognise
from aonet_core.data.samples import JUNK, JUNK_PID, UNKNOWN_CAMID, UNKNOWN_PID, number
from aonet_core.data.specifications import MARKET_NAME
from aonet_core.data.splits import TOO_LARGE
from aonet_core.data.tree import FolderTree, ListedTree, Tree, pictures
from aonet_core.files import temporary_folder
from aonet_core.names import readable
from aonet_core.trust import contents

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
        keep_content: Whether the gallery should keep it, since the file will be gone.
    """

    name: str
    role: str
    pid: int
    camid: int
    path: Path | None = None
    content: bytes | None = None
    keep_content: bool = False

    def read(self) -> bytes:
        """Return the file's content.

        Raises:
            OSError: It cannot be read.
        """
        if self.path is not None:
            return contents(self.path)
        if self.content is None:
            raise FileNotFoundError(f"{self.name} lies nowhere, and has no content")
        return self.content


@dataclass(frozen=True)
class SourceContents:
    """What a source holds.

    Attributes:
        source: What it is, for people.
        pictures: In the order of their names.
        refused: Names and reasons of files that are left out.
    """

    source: str
    pictures: tuple[Picture, ...]
    refused: LeftOut = ()


@contextmanager
def opened(
    source: Source, dataset: str = "auto", limits: Limits | None = None, links: bool = True
) -> Iterator[SourceContents]:
    """List what a source holds; an archive is unpacked for as long as the block runs.

    Args:
        source: A folder or .zip file, the bytes of a ZIP file, or names and bytes of pictures.
        dataset: For folders and archives, as in `read_dataset`; "auto" also takes any folder with
            images at any depth.
        limits: Of an archive.
        links: Whether links may lead out of a folder, as in `aonet_core.trust`.

    Raises:
        FileNotFoundError: There is nothing at the path.
        ValueError: There are no pictures, or the archive or data set is not in order.
    """
    tree: Tree
    if isinstance(source, (str, Path)) and Path(source).is_dir():
        tree = FolderTree(source, links)
        yield _in_tree(tree, f"folder {tree.name}", dataset, keep_content=False)
    elif isinstance(source, (str, Path, bytes)):
        if not isinstance(source, bytes) and not Path(source).is_file():
            raise FileNotFoundError(f"no pictures at {source}: there is no such folder or file")
        archive = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
        title = "ZIP archive" if isinstance(source, bytes) else Path(source).name
        with temporary_folder("unpacked") as folder:
            unpacked = unpack(archive, Path(folder), limits)
            tree = ListedTree(Path(folder), unpacked.files, unpacked.left_out)
            inner = _in_tree(tree, "folder", dataset, keep_content=True)
            yield SourceContents(f"{inner.source} in {title}", inner.pictures, inner.refused)
    else:
        yield _of_files(
            "single pictures", [(name, None, content) for name, content in source], True
        )


def _in_tree(tree: Tree, title: str, dataset: str, keep_content: bool) -> SourceContents:
    """Read a data set's gallery and queries, or else every image."""
    recognised = recognise(tree, dataset)
    if not holds_dataset(tree, recognised, dataset):
        files, lost = pictures(tree)
        entries = [(name, Path(path), None) for name, path in files.items()]
        return _of_files(title, entries, keep_content, lost)
    data = read_tree(tree, recognised, splits=("gallery",), copies=True)
    samples = [(role, each) for role in ("gallery", "query") for each in getattr(data, role)]
    taken = tuple(
        Picture(each.name, role, each.pid, each.camid, each.path, keep_content=keep_content)
        for role, each in samples
    )
    return SourceContents(f"data set {data.name}", taken, data.left_out)


def _of_files(
    title: str,
    files: Sequence[tuple[str, Path | None, bytes | None]],
    keep_content: bool,
    left_out: LeftOut = (),
) -> SourceContents:
    """Take files with what their names tell, where they are like those of Market-1501."""
    taken, refused = [], list(left_out)
    for name, path, content in files:
        match = re.match(MARKET_NAME, name.rpartition("/")[2])
        pid = number(match["pid"]) if match else UNKNOWN_PID
        camid = number(match["camid"]) if match else UNKNOWN_CAMID
        if not is_text(name):
            refused.append((readable(name), "its name is not UTF-8"))
        elif pid is None or camid is None:
            refused.append((readable(name), TOO_LARGE))
        elif pid == JUNK_PID:
            refused.append((readable(name), JUNK))
        else:
            taken.append(Picture(name, "gallery", pid, camid, path, content, keep_content))
    if not files:
        lost = f"; {sentence(refused)}" if refused else ""
        raise ValueError(
            f"there are no pictures in the {title}: {', '.join(sorted(SUFFIXES))}{lost}"
        )
    return SourceContents(title, tuple(taken), tuple(refused))
