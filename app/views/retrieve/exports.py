"""Files of a ranking: the matches as CSV, the strip of them as PNG."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from app.services.retrieval import Entry
from app.shared.csv_table import table
from app.shared.figures import INK, font, png

HEIGHT, FRAME, GAP = 384, 8, 18
"""Of the pictures in the figure, in pixels."""
FRAMES = {"right": "#1a8a3c", "wrong": "#d1242f"}


def ranking_csv(
    entries: Sequence[Entry], names: list[str], query: str, network: dict[str, str]
) -> bytes:
    """One line a match: file name, identity's verdict, similarity and the landmarks' shares.

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
