"""Names that come from elsewhere, as text that can be shown, stored and opened without harm."""

from __future__ import annotations

import re
import unicodedata

FORMULA = tuple("=+-@＝＋－＠")
"""What text begins with that a spreadsheet would run as a formula."""
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:&]|^[-=])")


def readable(name: str) -> str:
    r"""A name without control characters, whatever bytes it is made of; they stand there in words.

    Examples:
        >>> readable("a\x1b[31m\u202egnp.exe")
        'a\\x1b[31m\\u202egnp.exe'
    """
    if name.isprintable():
        return name
    return "".join(
        each if each.isprintable() or unicodedata.category(each) == "Zs"
        else each.encode("unicode_escape").decode()
        for each in name
    )  # fmt: skip


def cell(text: str) -> str:
    """Text as a cell of a table that a spreadsheet opens: it shows formulas and runs none.

    Examples:
        >>> cell("=1+1"), cell("a=1")
        ("'=1+1", 'a=1')
    """
    text = readable(text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def in_markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = MARKDOWN.sub(r"\\\1", readable(text).strip())
    return re.sub(r"^(\d+)\.", r"\1\\.", text)  # else it would begin a list


def as_code(text: str) -> str:
    """Text in Markdown as code, whatever backticks are in it."""
    text = readable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    gap = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{gap}{text}{gap}{fence}"
