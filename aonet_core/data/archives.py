"""Unpacks uploaded ZIP archives without trusting them.

Files are written under numbers, not under the names that the archive gives them: no name is too
long, too deep or too odd for the disk, and none can lead out.
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aonet_core.data.entry_names import entry_name, with_readable_names
from aonet_core.data.left_out import LeftOut
from aonet_core.data.tree import is_picture
from aonet_core.names import readable
from aonet_core.trust import leads_out

CHUNK = 1 << 20
BESIDE = (".json", ".txt")
"""Suffixes of what is unpacked besides pictures: marks and lists of data sets."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    EOFError,
    UnicodeDecodeError,
)
"""What the library raises where an archive or a part of it cannot be read."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Attributes:
        files: Number of entries.
        total: Bytes unpacked, of all together.
        ratio: Bytes unpacked for each packed one; images hardly shrink, bombs shrink a lot.
        free: Bytes unpacked below which the ratio does not matter.
    """

    files: int = 200_000
    total: int = 8 << 30
    ratio: int = 100
    free: int = 16 << 20


@dataclass(frozen=True)
class Unpacked:
    """What came of an archive.

    Attributes:
        files: Where each file lies, by its name in the archive; "" for what is neither a picture
            nor tells of any.
        left_out: Names and reasons of pictures that cannot be unpacked.
    """

    files: Mapping[str, str]
    left_out: LeftOut = ()


def unpack(archive: Path | BinaryIO, folder: Path, limits: Limits | None = None) -> Unpacked:
    """Unpack a ZIP archive into an empty folder, unless anything in its directory is out of order.

    Args:
        archive: The archive.
        folder: Where to put its files.
        limits: What it may hold.

    Raises:
        ValueError: It is no archive, or damaged as a whole, encrypted, holds a link or a path that
            leads out of it, or more than the limits.
        OSError: The disk is full.
    """
    limits = limits or Limits()
    try:
        with with_readable_names(archive) as opened:
            entries = [entry for entry in opened.infolist() if entry.filename[-1:] != "/"]
            _check(entries, limits)
            return _unpacked(opened, _by_path(entries), folder, limits)
    except DAMAGED as error:
        raise ValueError(f"the archive cannot be unpacked: {error}") from error
    except OSError as error:
        raise OSError(f"the archive cannot be unpacked: {error.strerror or error}") from error


def _unpacked(
    opened: zipfile.ZipFile,
    entries: Mapping[str, zipfile.ZipInfo],
    folder: Path,
    limits: Limits,
) -> Unpacked:
    """Write what is asked for; a part that is damaged costs that part alone."""
    files, left_out, left, damage = {}, [], limits.total, None
    for number, (name, entry) in enumerate(entries.items()):
        if not (is_picture(name) or name.lower().endswith(BESIDE)):
            files[name] = ""
            continue
        path = folder / str(number)
        try:
            left -= _write(opened, entry, path, left)
            files[name] = str(path)
        except (*DAMAGED, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            damage = error
            path.unlink(missing_ok=True)
            left_out.append((readable(name), f"it is damaged in the archive ({_reason(error)})"))
    if damage is not None and not any(files.values()):
        raise zipfile.BadZipFile(str(damage))
    return Unpacked(files, tuple(left_out))


def _reason(error: Exception) -> str:
    """A damage without the name of the part, so that equal ones can be counted."""
    return str(error).partition(" for file ")[0]


def _check(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive by what its directory says."""
    if len(entries) > limits.files:
        raise ValueError(
            f"the archive has too many files: expected at most {limits.files}, got {len(entries)}"
        )
    for entry in entries:
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            name = readable(entry.filename)
            raise ValueError(f"the archive holds a link, {name}: expected files only")
        if entry.flag_bits & 1:
            name = readable(entry.filename)
            raise ValueError(f"the archive is encrypted: {name} needs a password")
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > limits.total:
        raise ValueError(
            f"the archive is too large: expected at most {limits.total >> 20} MiB unpacked, got "
            f"{size >> 20} MiB"
        )
    if size > limits.free and size > limits.ratio * max(packed, 1):
        raise ValueError(
            f"the archive unpacks to {size // max(packed, 1)} times its size: expected at most "
            f"{limits.ratio} times, as of images"
        )


def _by_path(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Entries by their paths; nothing is written before all of them are known to be in order."""
    by_path = {}
    for entry in entries:
        path = _path(entry)
        if path in by_path:
            raise ValueError(f"the archive holds {readable(path)} twice")
        by_path[path] = entry
    return by_path


def _path(entry: zipfile.ZipInfo) -> str:
    """The path of an entry below the folder."""
    name = entry_name(entry).replace("\\", "/")
    path = "/".join(part for part in name.split("/") if part not in ("", "."))
    if leads_out(name) or not path:
        raise ValueError(
            f"the archive holds a path that leads elsewhere, {readable(name)}: expected paths "
            "inside it"
        )
    return path


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpack one file and return its size; what the directory says of it is not believed."""
    if entry.header_offset < 0:  # the library would seek there
        raise zipfile.BadZipFile("it begins before the archive does")
    written = 0
    with opened.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > left:
                raise ValueError("the archive is too large: it unpacks to more than it says")
            target.write(chunk)
    return written
