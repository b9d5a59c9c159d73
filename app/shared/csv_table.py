"""Tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from aonet_core.engine import FORMULA


def table(header: Sequence[str], lines: Iterable[Sequence], digits: int = 9) -> bytes:
    """Lines as CSV; numbers keep nine digits, enough to add up again, unless fewer are asked for.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_cell(name, digits) for name in header])
    for line in lines:
        writer.writerow([_cell(value, digits) for value in line])
    return text.getvalue().encode()


def _cell(value: object, digits: int) -> object:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.{digits}g}"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
