"""Which files may be opened: the rule of trust, and the functions that keep it.

A link is the word of whoever owns a folder. A name that stands in a file is nobody's word: the
file may have come from anywhere.

- A folder that a user of this machine names: links in it are followed wherever they lead, by the
  rights of that user.
- A folder that a server opens to its callers, and an archive: nothing that lies outside once links
  are resolved.
- A name in a file (a list of pictures, a table of twins and masks): it chooses among what lies
  below the folder of that file; it never leads out by its own words.
- What is not there and what may not be read get the same answer, without a path of this machine.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path, PurePosixPath


def open_file(path: str | Path) -> BufferedReader:
    """Open a regular file for reading; never waits for a pipe, never reads a device.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = open(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def contents(path: str | Path) -> bytes:
    """Read a regular file whole.

    Raises:
        OSError: As in `open_file`.
    """
    with open_file(path) as file:
        return file.read()


def unmoved(path: str) -> bytes | None:
    """Read a file that a gallery points at; None where it is gone or its path has become a link.

    Where to look is written in the gallery, which may come from anywhere: whoever asks gets the
    same answer for all that is not the picture that was stored.
    """
    try:
        return contents(path) if os.path.realpath(path) == path else None
    except (OSError, ValueError):
        return None


def why(error: OSError) -> str:
    """What went wrong with a file, without its path."""
    return error.strerror or str(error)


def named(root: Path, name: object, links: bool = True) -> Path | None:
    """Find the file that somebody else's file names.

    Args:
        root: The folder that it must lie below.
        name: As it stands in the file; backslashes may separate folders.
        links: Whether links may lead out of the root; see the module.

    Returns:
        Its path; None where there is none, where it is no regular file, or where it may not be.
    """
    if not isinstance(name, str) or "\0" in name:
        return None
    for each in dict.fromkeys((name, name.replace("\\", "/"))):
        path = PurePosixPath(each)
        try:
            if leads_out(each) or not (root / path).is_file():
                continue
        except OSError:
            continue
        if links or lies_below(root / path, root):
            return root / path
    return None


def leads_out(name: str) -> bool:
    """Whether a relative name, its folders parted by slashes, leads out by its own words."""
    drive = name[1:3] == ":/" or (os.name == "nt" and ":" in name)
    return drive or name.startswith("/") or ".." in name.split("/")


def lies_below(path: str | Path, root: str | Path) -> bool:
    """Whether a path, there or not, lies below a folder once links are resolved."""
    try:
        real = Path(os.path.realpath(path))
    except (OSError, ValueError):
        return False
    return real.is_relative_to(os.path.realpath(root))
