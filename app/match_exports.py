"""What can be taken away from a ranking: tables as CSV, figures as PNG."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from app.exports import INK, TILE, ascii_text, font, png
from app.overlay import fit, overlay
from app.services import Panel
from app.services.pairs import Seen
from app.services.retrieval import Entry
from app.theme import landmark_colour

HEIGHT, FRAME, GAP = 384, 8, 18
"""Of the pictures in the figure, in pixels."""
FRAMES = {"right": "#1a8a3c", "wrong": "#d1242f"}


def ranking_csv(
    entries: Sequence[Entry], names: list[str], query: str, network: dict[str, str]
) -> bytes:
    """One line a match: file name, identity's verdict, score and the landmarks' shares.

    Args:
        entries: The ranking, best first.
        names: Of the landmarks.
        query: What was looked for.
        network: Facts to repeat on every line, such as the checkpoint's digest.
    """
    header = ["query", "rank", "file", "camera", "verdict", "similarity"]
    header += [f"share {name}" for name in names] + list(network)
    lines = [
        [query, entry.rank or "", entry.name, entry.camid or "", entry.verdict, entry.similarity,
         *map(float, entry.shares), *network.values()]
        for entry in entries
    ]  # fmt: skip
    return table(header, lines)


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


def strip_png(query: Image.Image, matches: Sequence[tuple[Image.Image, Entry]]) -> bytes:
    """The query and its best matches in a row, framed green or red, as in the paper's Fig. 4 (a).

    Args:
        query: The picture that was looked for.
        matches: Best first.
    """
    pictures = [_tall(query), *(_tall(picture) for picture, _ in matches)]
    widths = [picture.width + 2 * FRAME + GAP for picture in pictures]
    sheet = Image.new("RGB", (sum(widths) + 2 * GAP, HEIGHT + 2 * FRAME + 104), "white")
    pen = ImageDraw.Draw(sheet)
    left = GAP
    for place, (picture, step) in enumerate(zip(pictures, widths, strict=True)):
        entry = matches[place - 1][1] if place else None
        colour = FRAMES.get(entry.verdict, "#8a929c") if entry else "white"
        size = (picture.width + 2 * FRAME, HEIGHT + 2 * FRAME)
        sheet.paste(Image.new("RGB", size, colour), (left, 44))
        sheet.paste(picture, (left + FRAME, 44 + FRAME))
        bottom = 44 + size[1] + 8
        if entry:
            pen.text((left, 8), str(entry.rank or ""), fill=INK, font=font(24))
            _symbol(pen, entry.verdict, (left + size[0] - 30, 10), colour)
            pen.text((left, bottom), f"{entry.similarity:.3f}", fill=INK, font=font(22))
        else:
            pen.text((left + FRAME, 8), "query", fill=INK, font=font(24))
        left += step + (GAP if place == 0 else 0)
    return png(sheet)


def _tall(picture: Image.Image) -> Image.Image:
    width = max(1, round(picture.width * HEIGHT / picture.height))
    return picture.resize((width, HEIGHT), Image.Resampling.LANCZOS)


def _symbol(pen: ImageDraw.ImageDraw, verdict: str, corner: tuple[int, int], colour: str) -> None:
    """A tick or a cross, drawn: the figure's font has neither."""
    x, y = corner
    if verdict == "right":
        pen.line([(x, y + 12), (x + 8, y + 21), (x + 24, y + 1)], fill=colour, width=5)
    elif verdict == "wrong":
        pen.line([(x + 2, y + 1), (x + 22, y + 21)], fill=colour, width=5)
        pen.line([(x + 22, y + 1), (x + 2, y + 21)], fill=colour, width=5)


def pair_csv(seen: Seen, names: list[str], network: dict[str, str]) -> bytes:
    """One line a landmark of a pair; the other side's columns are empty where there is none."""
    pair = seen.pair
    header = ["query", "match", "rival", "landmark", "awareness", "match_awareness", "cosine",
              "share", "rival_awareness", "rival_cosine", "rival_share", "right_minus_wrong",
              "lead", "first_without", "match_rank_without", "right_rank_without",
              *network]  # fmt: skip
    absent = [None] * len(names)
    columns = [pair.awareness, pair.match.awareness, pair.match.cosine, pair.match.shares]
    rival = pair.rival
    columns += [rival.awareness, rival.cosine, rival.shares] if rival else [absent] * 3
    columns += [pair.margin_by_landmark, pair.lead_by_landmark] if rival else [absent] * 2
    start = [seen.query.panel.photo.title, pair.match.name, rival.name if rival else ""]
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
            told = f"awareness {panel.analysis.awareness[k]:.2f}"
            pen.text((left, top + TILE + 4), told, fill=INK, font=font(16))
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
