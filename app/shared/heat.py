"""A small matrix of cosines as a table: every number written, its colour behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.shared.markup import dot, escape, signed
from app.shared.overlay import gradient, table


def matrix(values: np.ndarray, title: str, sides: Sequence[str] = ("", "")) -> str:
    """Cosines (K, K) as HTML, landmark by landmark.

    Args:
        values: In [-1, 1]; NaN where there is none.
        title: HTML above it.
        sides: What the rows and the columns are, where they differ.
    """
    count = len(values)
    rows, columns = sides
    heads = "".join(f"<th scope='col'>{dot(k)}{k + 1}</th>" for k in range(count))
    body = ""
    for k, line in enumerate(values):
        cells = "".join(_cell(float(value), k, other) for other, value in enumerate(line))
        body += f"<tr><th scope='row'>{dot(k)}{k + 1}</th>{cells}</tr>"
    if rows:
        title += f" <small>{escape(rows)} ↓ {escape(columns)} →</small>"
    return (
        f"<figure class='heat'><figcaption>{title}</figcaption>"
        f"<table><tr><td></td>{heads}</tr>{body}</table></figure>"
    )


def _cell(value: float, row: int, column: int) -> str:
    if np.isnan(value):
        return "<td title='not there'>–</td>"
    colour = table(signed=True)[int(round((np.clip(value, -1, 1) + 1) / 2 * 255))]
    ink = max(("#000000", "#ffffff"), key=lambda each: _contrast(each, colour))
    return (
        f"<td title='{row + 1} and {column + 1}: {signed(value)}' style='color:{ink};"
        f"background:rgb({','.join(map(str, colour))})'>{signed(value, 2, plus=False)}</td>"
    )


def _contrast(ink: str, colour: np.ndarray) -> float:
    """How far a text's luminance is from its ground's, from 1 to 21, as WCAG 2 counts it."""
    rgb = np.array([[int(ink[at : at + 2], 16) for at in (1, 3, 5)], colour]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    dark, light = sorted((linear @ (0.2126, 0.7152, 0.0722)).tolist())
    return (light + 0.05) / (dark + 0.05)


def scale() -> str:
    """The colour scale of all such tables."""
    return (
        f"<div class='flat heat-scale'>cosine −1<i style='background:{gradient(True, 90)}'></i>"
        "+1</div>"
    )
