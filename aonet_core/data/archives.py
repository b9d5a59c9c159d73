"""Unpacks uploaded ZIP archives without trusting them."""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

CHUNK = 1 << 20


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


def unpack(archive: Path | BinaryIO, folder: Path, limits: Limits | None = None) -> None:
    """Unpack a ZIP archive into an empty folder, unless anything in its directory is out of order.

    Args:
        archive: The archive.
        folder: Where to put its files.
        limits: What it may hold.

    Raises:
        ValueError: It is no archive or damaged, encrypted, holds a link or a path that leads out
            of the folder, or more than the limits.
        OSError: The disk is full.
    """
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _check(entries, limits)
            left = limits.total
            for entry in entries:
                left -= _write(opened, entry, folder / _path(entry), left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise ValueError(f"the archive cannot be unpacked: {error}") from error
    except OSError as error:
        raise OSError(f"the archive cannot be unpacked: {error.strerror or error}") from error


def _check(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive by what its directory says."""
    if len(entries) > limits.files:
        raise ValueError(
            f"the archive has too many files: expected at most {limits.files}, got {len(entries)}"
        )
    paths = set()
    for entry in entries:
        path = str(_path(entry)).lower()
        if path in paths:
            raise ValueError(f"the archive holds {entry.filename} twice")
        paths.add(path)
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ValueError(f"the archive holds a link, {entry.filename}: expected files only")
        if entry.flag_bits & 1:
            raise ValueError(f"the archive is encrypted: {entry.filename} needs a password")
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


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The path of an entry below the folder."""
    name = entry.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name or not path.parts:
        raise ValueError(
            f"the archive holds a path that leads elsewhere, {entry.filename}: expected paths "
            "inside it"
        )
    return path


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpack one file and return its size; what the directory says of it is not believed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > left:
                raise ValueError("the archive is too large: it unpacks to more than it says")
            target.write(chunk)
    return written
