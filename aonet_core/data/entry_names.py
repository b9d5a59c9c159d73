"""Names of the entries of ZIP archives, in whatever encoding they were written."""

from __future__ import annotations

import io
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from aonet_core.trust import open_file

UTF8 = 0x800
"""Flag of an entry whose name is said to be UTF-8."""
ENCODINGS = ("utf-8", "cp932")
"""What names without the flag are tried as before code page 437, which fits anything: archives
made on a Mac, and those made on a Japanese Windows (Shift-JIS)."""
END, ENTRY = b"PK\x05\x06", b"PK\x01\x02"
END_SIZE, ENTRY_SIZE = 22, 46


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name, as well as it can be told."""
    name = entry.orig_filename
    if entry.flag_bits & UTF8 or name.isascii():
        return name
    written = name.encode("cp437")
    for encoding in ENCODINGS:
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


@contextmanager
def with_readable_names(archive: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an archive, also where a name that is said to be UTF-8 is none.

    The library gives such an archive up as a whole. It is read as one that does not say so, from a
    copy.

    Raises:
        zipfile.BadZipFile: It is none.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except UnicodeDecodeError:
        with tempfile.TemporaryFile() as copy:
            with open_file(archive) if isinstance(archive, Path) else _rewound(archive) as source:
                shutil.copyfileobj(source, copy)
            _take_flags_back(copy)
            with zipfile.ZipFile(copy) as opened:
                yield opened
        return
    except (ValueError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error
    with opened:
        yield opened


@contextmanager
def _rewound(archive: BinaryIO) -> Iterator[BinaryIO]:
    archive.seek(0)
    yield archive


def _take_flags_back(copy: BinaryIO) -> None:
    """Clear the flag of every entry whose name is not what it says, in both of its headers."""
    size = copy.seek(0, io.SEEK_END)
    copy.seek(max(0, size - END_SIZE - 0xFFFF))
    tail = copy.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) < end + END_SIZE:
        raise zipfile.BadZipFile("File is not a zip file")
    length, offset = struct.unpack_from("<LL", tail, end + 12)
    start = size - len(tail) + end - length
    if start < 0:
        raise zipfile.BadZipFile("Bad magic number for central directory")
    copy.seek(start)
    directory = copy.read(length)
    at = 0
    while directory[at : at + 4] == ENTRY and at + ENTRY_SIZE <= len(directory):
        flags, *lengths, place = struct.unpack_from("<8xH18x3H8xL", directory, at)
        try:
            directory[at + ENTRY_SIZE : at + ENTRY_SIZE + lengths[0]].decode("utf-8")
        except UnicodeDecodeError:
            for header in (start + at + 8, start - offset + place + 6):
                copy.seek(max(0, header))
                copy.write(struct.pack("<H", flags & ~UTF8))
        at += ENTRY_SIZE + sum(lengths)
