"""What lies in a folder or an archive: the one place that lists files.

Names are paths below the root, their folders parted by slashes; "" is the root itself.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aonet_core.data.image_files import SUFFIXES
from aonet_core.data.left_out import LeftOut, is_text
from aonet_core.names import readable
from aonet_core.trust import lies_below, why

NO_PICTURES = frozenset(
    ".cfg .csv .db .html .ini .json .log .mat .md .npy .npz .parquet .pdf .pkl .pth .py "
    ".safetensors .sh .tsv .txt .xml .yaml .yml .zip".split()
)
"""Suffixes of what may lie beside pictures and is none: nobody misses it among them."""
LONELY = frozenset({"LICENSE", "README", "SHA256SUMS"})
"""The same, by whole names."""


@dataclass(frozen=True)
class Level:
    """What lies in one folder, in the order of names.

    Attributes:
        folders: Names of the folders in it.
        files: Where each file lies, by name.
        left_out: Names and reasons of what cannot be read.
    """

    folders: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    left_out: LeftOut = ()


class Tree(Protocol):
    """A folder or an archive.

    Attributes:
        name: Of the folder; "" for an archive.
        root: Where its files lie.
        links: Whether links in it may lead out, as in `aonet_core.trust`.
    """

    name: str
    root: Path
    links: bool

    def where(self, folder: str) -> str:
        """Say where a folder is, for people."""

    def level(self, folder: str = "") -> Level:
        """Return what lies in a folder; nothing where there is none."""

    def walk(self, folder: str = "") -> Iterator[Level]:
        """Return what lies in a folder at any depth."""


class FolderTree:
    """A folder on disk, looked into as far as it is asked for."""

    def __init__(self, root: str | Path, links: bool = True) -> None:
        """Note where it lies, and whether links may lead out of it."""
        self.root, self.links = Path(root), links
        self.name = self.root.resolve().name
        self._levels: dict[str, Level] = {}
        self._above: dict[str, frozenset] = {"": frozenset({_identity(root)})}

    def where(self, folder: str) -> str:
        """Say where a folder is, for people, in the words in which the root was given."""
        return str(self.root / folder)

    def level(self, folder: str = "") -> Level:
        """Return what lies in a folder; nothing where there is none."""
        if folder not in self._levels:
            parent = folder.rpartition("/")[0]
            exists = not folder or folder in self.level(parent).folders
            self._levels[folder] = self._read(folder) if exists else Level()
        return self._levels[folder]

    def walk(self, folder: str = "") -> Iterator[Level]:
        """Return what lies in a folder at any depth."""
        waiting = [folder]
        while waiting:
            level = self.level(waiting.pop())
            yield level
            waiting += reversed(level.folders)

    def _read(self, folder: str) -> Level:
        folders, files, left_out = [], {}, []
        try:
            with os.scandir(self.root / folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            lost = readable(f"{folder}/"), f"it cannot be opened ({why(error)})"
            return Level(left_out=(lost,))
        for entry in listing:
            name = joined(folder, entry.name)
            kind, reason = self._look(entry, folder)
            if kind == "folder" and not reason:
                folders.append(name)
            elif kind == "file" and not reason:
                files[name] = entry.path
            elif kind == "folder" or is_missed(entry.name):
                left_out.append((readable(name), reason))
        for name in folders:
            self._above[name] = self._above[folder] | {_identity(self.root / name)}
        return Level(tuple(folders), files, tuple(left_out))

    def _look(self, entry: os.DirEntry, folder: str) -> tuple[str, str]:
        """Tell what an entry is, and why it is not read; "" where it is."""
        try:
            if not is_text(entry.name):
                kind = "folder" if entry.is_dir() else "file"
                return kind, "its name is not UTF-8"
            if entry.is_symlink() and not self.links and not lies_below(entry.path, self.root):
                return "file", "it is a link that leads out of the folder"
            if entry.is_dir():
                loop = entry.is_symlink() and _identity(entry.path) in self._above[folder]
                return "folder", "it is a link back to a folder that it lies in" if loop else ""
            if entry.is_file():
                return "file", ""
        except OSError as error:
            return "file", f"it cannot be opened ({why(error)})"
        return "file", "it is a link to nothing" if entry.is_symlink() else "it is no regular file"


class ListedTree:
    """Files that lie anywhere, by the names that an archive gives them."""

    name, links = "", False

    def __init__(self, root: Path, files: Mapping[str, str], left_out: LeftOut = ()) -> None:
        """Note the names, and what the archive holds but could not be unpacked."""
        self.root = root
        self._names, self._files, self._left_out = sorted(files), files, left_out

    def where(self, folder: str) -> str:
        """Say where a folder is, for people."""
        return f"the archive's {folder}" if folder else "the archive"

    def level(self, folder: str = "") -> Level:
        """Return what lies in a folder; nothing where there is none."""
        prefix = f"{folder}/" if folder else ""
        folders, files = [], {}
        at = bisect_left(self._names, prefix)
        while at < len(self._names) and self._names[at].startswith(prefix):
            name = self._names[at]
            first, deeper, _ = name[len(prefix) :].partition("/")
            if deeper:
                folders.append(prefix + first)
                at = bisect_left(self._names, f"{prefix}{first}0")  # what follows a slash
            else:
                files[name] = self._files[name]
                at += 1
        return Level(tuple(folders), files, self._lost(prefix))

    def walk(self, folder: str = "") -> Iterator[Level]:
        """Return what lies in a folder at any depth."""
        prefix = f"{folder}/" if folder else ""
        first, last = (bisect_left(self._names, each) for each in (prefix, prefix[:-1] + "0"))
        names = self._names[first : last if folder else None]
        yield Level(files={name: self._files[name] for name in names}, left_out=self._lost(prefix))

    def _lost(self, prefix: str) -> LeftOut:
        return tuple(each for each in self._left_out if each[0].startswith(prefix))


def joined(folder: str, name: str) -> str:
    """The name of what lies in a folder."""
    return f"{folder}/{name}" if folder else name


def has_folder(tree: Tree, folder: str) -> bool:
    """Whether there is such a folder."""
    return not folder or folder in tree.level(folder.rpartition("/")[0]).folders


def file_of(tree: Tree, name: str) -> str | None:
    """Where a file lies; None where there is none of that name."""
    return tree.level(name.rpartition("/")[0]).files.get(name)


def is_picture(name: str) -> bool:
    """Whether a name is a picture's that is read."""
    base = name.rpartition("/")[2]
    # Archives made on a Mac hold a hidden ._NAME.jpg, which is no image, beside every NAME.jpg.
    return not base.startswith(".") and os.path.splitext(base)[1].lower() in SUFFIXES


def is_missed(name: str) -> bool:
    """Whether people may miss a file of this name where it is not read as a picture."""
    base = name.rpartition("/")[2]
    suffix = os.path.splitext(base)[1].lower()
    return not (base.startswith(".") or base in LONELY or suffix in NO_PICTURES)


def has_pictures(tree: Tree, folder: str = "") -> bool:
    """Whether there is a picture in a folder, at any depth."""
    return any(is_picture(name) for level in tree.walk(folder) for name in level.files)


def pictures(tree: Tree, folder: str = "") -> tuple[dict[str, str], LeftOut]:
    """List the pictures in a folder, at any depth.

    Returns:
        Where each lies, by name, in the order of their names; and what is left out.
    """
    files: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    for level in tree.walk(folder):
        left_out += level.left_out
        for name, path in level.files.items():
            if is_picture(name):
                files[name] = path
            elif is_missed(name):
                left_out.append((readable(name), _no_picture(name)))
    names = sorted(files, key=lambda name: name.split("/"))
    return {name: files[name] for name in names}, tuple(left_out)


def _no_picture(name: str) -> str:
    suffix = os.path.splitext(name)[1]
    if not suffix:
        return "its name has no suffix that tells the kind of picture"
    return f"no picture with the suffix {readable(suffix)} is read"


def _identity(path: str | Path) -> tuple[int, int]:
    state = os.stat(path)
    return state.st_dev, state.st_ino
