"""Figures for print as PNG: what their makers share, and the strips of pictures."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from aonet_core.engine import readable
from app.services import Panel
from app.shared.maps import Limits, landmarks, rows, visibilities
from app.shared.overlay import fit, overlay, table
from app.shared.view import View
from app.theme import landmark_colour

TILE = 320
"""Longest side of a tile in pixels; the figure is meant for 300 pixels an inch."""
GAP, MARGIN, LABEL, HEAD, FOOT, SCALE = 8, 24, 40, 92, 74, 70
INK, PALE = "#1b1f24", "#e3e5e8"
PLAIN = str.maketrans("·\u00a0", "- ")
"""What the font lacks, by what stands in its place."""


def figure_png(panels: list[Panel], view: View, limits: Limits, names: list[str]) -> bytes:
    """The strips of all pictures side by side with their scales, on white, as PNG."""
    blocks = [_strip(panel, view, limits, names) for panel in panels]
    width = sum(block.width for block in blocks) + MARGIN * (len(blocks) + 1)
    height = max(block.height for block in blocks)
    sheet = Image.new("RGB", (max(width, 900), height + SCALE + MARGIN), "white")
    left = MARGIN
    for block in blocks:
        sheet.paste(block, (left, MARGIN))
        left += block.width + MARGIN
    _draw_scales(sheet, limits, MARGIN + LABEL, height + MARGIN)
    return png(sheet)


def png(sheet: Image.Image) -> bytes:
    """A figure as a file for print."""
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", dpi=(300, 300))
    return buffer.getvalue()


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font of figures."""
    # Pillow's own font has no Greek and no typographic signs: labels keep to ASCII.
    return ImageFont.load_default(size)


def _strip(panel: Panel, view: View, limits: Limits, names: list[str]) -> Image.Image:
    """One picture: rows of tiles with row and column names, and the awareness below."""
    shown = landmarks(panel, view)
    photo = fit(panel.photo.image, TILE)
    width, height = photo.size
    # A column must hold its labels, also under a narrow tile.
    step = max(width, 130) + GAP
    foot = HEAD + 3 * (height + GAP)
    sheet = Image.new("RGB", (LABEL + step * (len(shown) + 1), foot + FOOT), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((LABEL, 4), ascii_text(panel.photo.title), fill=INK, font=font(24))
    pen.text((LABEL, 66), "photo", fill=INK, font=font(17))
    sheet.paste(photo, (LABEL, HEAD))
    for line, row in enumerate(rows(panel)):
        top = HEAD + line * (height + GAP)
        _paste_upright(sheet, row.title, (6, top), height)
        for column, k in enumerate(shown, 1):
            tile = overlay(photo, row.maps[k], limits.of(row), view.opacity / 100, row.signed)
            sheet.paste(tile, (LABEL + step * column, top))
    truth = visibilities(panel)
    for column, k in enumerate(shown, 1):
        left = LABEL + step * column
        colour = landmark_colour(k)
        number, _, region = names[k].partition(" ")
        pen.ellipse((left, 50, left + 10, 60), fill=colour)
        pen.text((left + 16, 45), number, fill=INK, font=font(17))
        pen.text((left, 66), ascii_text(region), fill=INK, font=font(17))
        value = float(panel.analysis.awareness[k])
        pen.rectangle((left, foot + 2, left + width, foot + 9), fill=PALE)
        pen.rectangle((left, foot + 2, left + width * value, foot + 9), fill=colour)
        pen.text((left, foot + 16), f"{value:.2f}", fill=INK, font=font(19))
        if truth and truth[k] is not None:
            pen.text((left, foot + 44), f"{truth[k]:.2f}", fill=INK, font=font(17))
    pen.text((LABEL, foot + 18), "awareness", fill=INK, font=font(17))
    if truth:
        pen.text((LABEL, foot + 44), "true visibility", fill=INK, font=font(17))
    return sheet


def _paste_upright(sheet: Image.Image, text: str, corner: tuple[int, int], length: int) -> None:
    """Write from bottom to top, centred along `length`."""
    label = Image.new("RGB", (length, 26), "white")
    pen = ImageDraw.Draw(label)
    start = (length - pen.textlength(text, font=font(17))) / 2
    pen.text((start, 2), text, fill=INK, font=font(17))
    sheet.paste(label.rotate(90, expand=True), corner)


def _draw_scales(sheet: Image.Image, limits: Limits, left: int, top: int) -> None:
    """Both colour scales with their ends."""
    pen = ImageDraw.Draw(sheet)
    for title, signed, end in (
        ("response per pixel", False, limits.response),
        ("difference", True, limits.difference),
    ):
        low = f"-{end:.3f}" if signed else "0"
        high = f"+{end:.3f}" if signed else f"{end:.3f}"
        bar = Image.fromarray(np.repeat(table(signed)[None], 14, axis=0))
        for text in (title, low):
            pen.text((left, top + 8), text, fill=INK, font=font(17))
            left += int(pen.textlength(text, font=font(17))) + 12
        sheet.paste(bar.resize((200, 14)), (left, top + 12))
        pen.text((left + 212, top + 8), high, fill=INK, font=font(17))
        left += 330


def ascii_text(text: str) -> str:
    """Text that the figure's font can draw."""
    return readable(text.translate(PLAIN)).encode("ascii", "replace").decode()
