"""Tables in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")
"""That nothing escapes."""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table; all columns but the first are aligned to the right.

    Args:
        header: Markdown, as all cells are; names from elsewhere as `aonet_core.names` writes them.
        rows: Of the table. A bar parts no cells, not even in code.
    """
    ruler = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(_line(cells) for cells in (header, ruler, *rows))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(BAR.sub(r"\1\\|", cell) for cell in cells) + " |"
