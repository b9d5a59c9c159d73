"""Tables of the model's page, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.shared.markup import escape


def table(header: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table of text and numbers; what looks like a number stands at the right.

    Args:
        header: Of the columns; HTML.
        rows: Cells; HTML. A row whose first cell begins with "*" stands out.
        css: Class names besides.
    """
    head = "".join(f"<th scope='col'>{cell}</th>" for cell in header)
    body = "".join(_row(row) for row in rows)
    return f"<div class='wide'><table class='plain {css}'><tr>{head}</tr>{body}</table></div>"


def _row(row: Sequence[str]) -> str:
    marked = row[0].startswith("*")
    cells = [row[0].removeprefix("*"), *row[1:]]
    tags = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr{' class=marked' if marked else ''}>{tags}</tr>"


def facts(lines: dict[str, str]) -> str:
    """Names and values, a line each; plain text."""
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in lines.items()
    )
    return f"<table class='plain facts-list'>{body}</table>"


def command(text: str) -> str:
    """A command line to copy."""
    return f"<pre class='command'>{escape(text)}</pre>"


def number(value: float | None, digits: int = 3, factor: float = 1.0) -> str:
    """A number, or a dash where there is none."""
    if not isinstance(value, int | float) or value != value:
        return "–"
    return f"{factor * value:.{digits}f}".replace("-", "−")


def share(value: float | None, ends: Sequence[float] | None = None) -> str:
    """A share in percent, as other pages write it, with its 95 % interval."""
    return interval(value, ends, 1, 100, "\u00a0%")


def interval(
    value: float | None,
    ends: Sequence[float] | None,
    digits: int = 3,
    factor: float = 1.0,
    unit: str = "",
) -> str:
    """A number with its 95 % interval, where one was measured."""
    text = number(value, digits, factor)
    text += unit if text != "–" else ""
    if not isinstance(ends, list | tuple) or len(ends) != 2 or None in ends:
        return text
    low, high = (number(end, digits, factor) for end in ends)
    return f"{text} <small>[{low}, {high}]</small>"
