"""Tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from aonet_core.engine import cell


def table(header: Sequence[str], lines: Iterable[Sequence], digits: int = 9) -> bytes:
    """Lines as CSV; numbers keep nine digits, enough to add up again, unless fewer are asked for.

    Text is written as `aonet_core.names.cell` says: it is never a formula.
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
    return cell(value) if isinstance(value, str) else value
