"""Lists of pictures that come with a data set: one line "path pid" for each."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from aonet_core.trust import contents


def read_list(path: str | Path, name: str) -> Iterator[tuple[int, str, str]]:
    """Read a list; byte-order marks, any line ends, blank lines and blanks in names are no matter.

    Args:
        path: The file.
        name: What to call it.

    Yields:
        Number of the line, name of the picture and its identity, in digits.

    Raises:
        OSError: It cannot be read.
        ValueError: A line does not tell both.
    """
    for number, line in enumerate(_text(contents(path)).split("\n"), start=1):
        if not line.strip():
            continue
        words = line.rsplit(maxsplit=1)
        if len(words) < 2 or not (words[1].isascii() and words[1].isdecimal()):
            raise ValueError(f"{name} line {number}: expected 'path pid', got {line.strip()!r}")
        yield number, words[0].strip(), words[1]


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", "replace")
    else:
        text = content.decode("utf-8-sig", "surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n")
