"""Files of Pair: the landmarks as CSV, the comparison as PNG."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from app.services import Panel
from app.services.pairs import ExplainedPair
from app.shared.csv_table import table
from app.shared.figures import INK, TILE, ascii_text, font, png
from app.shared.overlay import fit, overlay
from app.theme import landmark_colour


def pair_csv(explained: ExplainedPair, names: list[str], network: dict[str, str]) -> bytes:
    """One line a landmark of a pair; the other side's columns are empty where there is none."""
    pair = explained.pair
    header = ["query", "match", "rival", "landmark", "awareness", "match_awareness", "cosine",
              "share", "rival_awareness", "rival_cosine", "rival_share", "right_minus_wrong",
              "lead", "first_without", "match_rank_without", "right_rank_without",
              *network]  # fmt: skip
    rival = pair.rival
    numbers = [pair.awareness, pair.match.awareness, pair.match.cosine, pair.match.shares,
             *((rival.awareness, rival.cosine, rival.shares) if rival else [None] * 3),
             pair.margin_by_landmark, pair.lead_by_landmark]  # fmt: skip
    columns = [[None] * len(names) if each is None else each.tolist() for each in numbers]
    start = [explained.query.panel.photo.title, pair.match.name, rival.name if rival else ""]
    lines = [
        [*start, name, *values, out.first, out.match_rank, out.right_rank, *network.values()]
        for name, out, values in zip(names, pair.without, zip(*columns, strict=True), strict=True)
    ]
    return table(header, lines)


def pair_png(
    panels: dict[str, Panel], lead: np.ndarray | None, names: list[str], limit: float
) -> bytes:
    """Photos and maps in aligned columns, and below what each landmark adds to the lead.

    Args:
        panels: The pictures by what they are.
        lead: (K,) of the right match over the wrong one; None where one is not known.
        names: Of the landmarks.
        limit: Upper end of the maps' colour scale.
    """
    tiles = [fit(panel.photo.image, TILE) for panel in panels.values()]
    step, high = max(tile.width for tile in tiles) + 12, TILE + 34
    bottom = 50 + high * len(tiles)
    below = 0 if lead is None else 34 * (len(names) + 1) + 50
    sheet = Image.new("RGB", (step * (len(names) + 1) + 24, bottom + below + 10), "white")
    pen = ImageDraw.Draw(sheet)
    for k, name in enumerate(names):
        left = 12 + step * (k + 1)
        pen.ellipse((left, 16, left + 12, 28), fill=landmark_colour(k))
        pen.text((left + 18, 10), ascii_text(name), fill=INK, font=font(18))
    for line, ((title, panel), tile) in enumerate(zip(panels.items(), tiles, strict=True)):
        top = 50 + high * line
        sheet.paste(tile, (12, top))
        pen.text((12, top + TILE + 4), ascii_text(title), fill=INK, font=font(18))
        for k, response in enumerate(panel.analysis.referenced_response_map):
            left = 12 + step * (k + 1)
            sheet.paste(overlay(tile, response, limit, 0.6), (left, top))
            label = f"awareness {panel.analysis.awareness[k]:.2f}"
            pen.text((left, top + TILE + 4), label, fill=INK, font=font(16))
    if lead is not None:
        _draw_lead(pen, lead, names, bottom + 12, sheet.width)
    return png(sheet)


def _draw_lead(
    pen: ImageDraw.ImageDraw, lead: np.ndarray, names: list[str], top: int, width: int
) -> None:
    """Bars from zero, to the right for the right match, and their sum."""
    middle, end = width // 2 + 60, max(1e-6, float(np.abs(lead).max()), abs(float(lead.sum())))
    scale = (width // 2 - 240) / end
    pen.text((middle - 330, top), "for the wrong match", fill=INK, font=font(18))
    pen.text((middle + 120, top), "for the right match", fill=INK, font=font(18))
    lines = [*zip(names, lead, map(landmark_colour, range(len(names))), strict=True),
             ("sum: the margin", lead.sum(), INK)]  # fmt: skip
    for number, (name, value, colour) in enumerate(lines):
        y = top + 32 + 34 * number
        pen.text((16, y), ascii_text(name), fill=INK, font=font(20))
        ends = sorted((middle, middle + scale * float(value)))
        pen.rectangle((ends[0], y, ends[1], y + 22), fill=colour)
        pen.text((width - 110, y), f"{value:+.3f}", fill=INK, font=font(20))
    pen.line((middle, top + 26, middle, top + 32 + 34 * len(lines)), fill=INK, width=2)
