"""What can be wrong with galleries and pictures, and any error in one sentence for a command."""

from __future__ import annotations

import errno
from collections.abc import Collection

from aonet_core.extras import missing_extra
from aonet_core.names import readable

_FULL = ("No space left on device", "PytorchStreamWriter failed")
"""What writers in C++ say of a full disk; they give no number."""


class GalleryError(ValueError):
    """A gallery cannot be used as asked; the message is fit to be shown."""


class GalleryBusy(GalleryError):
    """Somebody else is writing to the gallery."""


class ImageError(ValueError):
    """A file that is no usable picture; the message is fit to be shown."""


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, is a full disk."""
    while error is not None:
        if getattr(error, "errno", None) == errno.ENOSPC or any(t in str(error) for t in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_foreseen(error: BaseException) -> bool:
    """Whether whoever gave the command can mend it: its message is then meant for them."""
    missing = isinstance(error, ModuleNotFoundError) and missing_extra(error)
    return isinstance(error, (ValueError, OSError)) or bool(missing) or is_full(error)


def in_a_sentence(error: BaseException) -> str:
    """Tell an error of any kind in one line, and where possible what helps."""
    return readable(_in_a_sentence(error))


def _in_a_sentence(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and (sentence := missing_extra(error)):
        return sentence
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        said = f"{error.strerror}: {error.filename}"
    else:
        said = " ".join(str(error).split())
    if is_full(error):
        return said if "is full" in said else f"the disk is full, make room and try again ({said})"
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"there is not enough memory, try fewer at a time: {said or 'none is left'}"
    if is_foreseen(error):
        return said or f"{type(error).__name__} without a word"
    first = next(iter(str(error).strip().splitlines()), "without a word").strip()
    return (
        f"this should not happen, {type(error).__name__}: {first}; "
        "--verbose shows where, for a report"
    )


def check_choice(name: str, value: object, allowed: Collection[str]) -> None:
    """Refuse a value that is none of those allowed.

    Raises:
        ValueError: It says what was expected and what came.
    """
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
