"""What can be chosen on a page, read from the address bar and written to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, cast, overload

Value = TypeVar("Value")
Number = TypeVar("Number", int, float)
MAX_LETTERS = 8000
"""Letters of a choice in an address, as of an edit's token; a longer one says nothing sensible."""
MAX_NUMBER = 2**31 - 1
"""Of any number in an address."""


class Holder(Protocol):
    """Has choices as attributes, and their present values."""

    def get(self, name: str) -> object:
        """A choice as it stands."""


@dataclass
class Choice(Generic[Value]):
    """Something that can be chosen: an attribute whose name is that in the address bar.

    Attributes:
        default: Its value where nothing was chosen.
        read: Makes a value of the address bar's text; a ValueError means the default.
        write: Makes text of a value; None for what an address cannot hold.
    """

    default: Value
    read: Callable[[str], Value]
    write: Callable[[Value], str | None] = str
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        """Note the attribute's name."""
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> Choice[Value]: ...

    @overload
    def __get__(self, holder: Holder, owner: type) -> Value: ...

    def __get__(self, holder: Holder | None, owner: type) -> Choice[Value] | Value:
        """The choice as it stands."""
        return self if holder is None else cast(Value, holder.get(self.name))

    def value(self, text: str | None) -> Value:
        """What the address bar's text says, or the default where it says nothing sensible."""
        try:
            return self.default if text is None or len(text) > MAX_LETTERS else self.read(text)
        except ValueError:
            return self.default


def text(default: str = "") -> Choice[str]:
    """Any text."""
    return Choice(default, str)


def flag(default: bool = False) -> Choice[bool]:
    """Yes or no."""
    return Choice(default, lambda text: text == "1", lambda value: "1" if value else "0")


def several() -> Choice[tuple[int, ...]]:
    """Numbers, none at first."""
    return Choice((), numbers, joined)


def numbers(text: str) -> tuple[int, ...]:
    """Read numbers joined by dashes."""
    read = within(0, MAX_NUMBER, int)
    return tuple(sorted({read(number) for number in text.split("-") if number}))


def joined(values: Sequence[int]) -> str:
    """Write numbers joined by dashes."""
    return "-".join(map(str, values))


def one_of(allowed: Collection[Value]) -> Callable[[str], Value]:
    """Read one of some values."""
    by_text = {str(value): value for value in allowed}

    def read(text: str) -> Value:
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]

    return read


def within(low: Number, high: Number, kind: Callable[[str], Number]) -> Callable[[str], Number]:
    """Read a number between two others."""

    def read(text: str) -> Number:
        if not low <= (value := kind(text)) <= high:
            raise ValueError(text)
        return value

    return read


PERCENT = within(0, 100, int)
"""Reads a whole number from 0 to 100."""
count = within(1, MAX_NUMBER, int)
"""Reads a number from 1 on."""
share = within(-1.0, 1.0, float)
"""Reads a number from -1 to 1."""
