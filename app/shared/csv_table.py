"""Tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np


def table(header: Sequence[str], lines: Iterable[Sequence]) -> bytes:
    """Lines as CSV; numbers keep nine digits, enough to add up again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for line in lines:
        writer.writerow([_cell(value) for value in line])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.9g}"
    return value
