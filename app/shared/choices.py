"""What can be chosen on a page, read from the address bar and written to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen.

    Attributes:
        default: Its value where nothing was chosen.
        read: Makes a value of the address bar's text; a ValueError means the default.
        write: Makes text of a value.
    """

    default: object
    read: Callable[[str], object] = str
    write: Callable[[object], str] = str

    def value(self, text: str | None) -> object:
        """What the address bar's text says, or the default where it says nothing sensible."""
        try:
            return self.default if text is None else self.read(text)
        except ValueError:
            return self.default


def numbers(text: str) -> tuple[int, ...]:
    """Read numbers joined by dashes."""
    return tuple(sorted({int(number) for number in text.split("-") if number}))


def joined(values: Sequence[int]) -> str:
    """Write numbers joined by dashes."""
    return "-".join(map(str, values))


def one_of(allowed: Sequence, kind: Callable = str) -> Callable[[str], object]:
    """Read one of some values."""

    def read(text: str) -> object:
        if (value := kind(text)) not in allowed:
            raise ValueError(text)
        return value

    return read


def count(text: str) -> int:
    """Read a number from 1 on."""
    if (value := int(text)) < 1:
        raise ValueError(text)
    return value


def share(text: str) -> float:
    """Read a number from -1 to 1."""
    if not -1 <= (value := float(text)) <= 1:
        raise ValueError(text)
    return value


def within(low: float, high: float, kind: Callable) -> Callable[[str], object]:
    """Read a number between two others."""

    def read(text: str) -> object:
        if not low <= (value := kind(text)) <= high:
            raise ValueError(text)
        return value

    return read


FLAG = Choice(False, lambda text: text == "1", lambda value: "1" if value else "0")
LANDMARKS = Choice((), numbers, joined)
PERCENT = within(0, 100, int)
"""Reads a whole number from 0 to 100."""
