"""What can be taken away: a figure, a table, the maps."""

from __future__ import annotations

import csv
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.maps import Limits, landmarks, rows, visibility_of
from app.overlay import DIFFERENCE_TABLE, RESPONSE_TABLE, TILE, fit, overlay
from app.services import Panel
from app.state import View
from app.theme import landmark_colour

GAP, LABEL, HEAD, FOOT = 6, 150, 58, 62


def figure_png(panels: list[Panel], view: View, limits: Limits, names: list[str]) -> bytes:
    """The strips of all panels as one picture for a paper, on white."""
    blocks = [_strip(panel, view, limits, names) for panel in panels]
    width = max(block.width for block in blocks)
    scale = _scale_bars(limits, width)
    sheet = Image.new("RGB", (width, sum(b.height for b in blocks) + scale.height), "white")
    top = 0
    for block in (*blocks, scale):
        sheet.paste(block, (0, top))
        top += block.height
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", dpi=(300, 300))
    return buffer.getvalue()


def scores_csv(panels: list[Panel], names: list[str]) -> bytes:
    """One line per picture and landmark."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["picture", "landmark", "name", "awareness", "weight", "best_logit", "average_logit",
         "max_response", "max_referenced_response", "true_visibility"]
    )  # fmt: skip
    for panel in panels:
        a = panel.analysis
        for k, name in enumerate(names):
            visible = visibility_of(panel, k)
            values = (
                a.awareness[k], a.weight[k], a.best_logit[k], a.average_logit[k],
                a.response_map[k].max(), a.referenced_response_map[k].max(),
            )  # fmt: skip
            numbers = [f"{value:.6g}" for value in values]
            writer.writerow(
                [panel.photo.title, k + 1, name.partition(" ")[2], *numbers,
                 "" if visible is None else f"{visible:.6g}"]
            )  # fmt: skip
    return text.getvalue().encode()


def maps_npz(panels: list[Panel]) -> bytes:
    """All arrays of all pictures, under `left.` and `right.`."""
    arrays = {}
    for side, panel in zip(("left", "right"), panels, strict=False):
        for name, value in vars(panel.analysis).items():
            if isinstance(value, np.ndarray):
                arrays[f"{side}.{name}"] = value
        arrays[f"{side}.picture"] = np.array(panel.photo.title)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _font(size: int) -> ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _strip(panel: Panel, view: View, limits: Limits, names: list[str]) -> Image.Image:
    """One picture's rows of tiles with row and column names and the awareness below."""
    shown = landmarks(panel, view)
    height, width = TILE
    step = width + GAP
    sheet = Image.new(
        "RGB",
        (LABEL + step * (len(shown) + 1), HEAD + 3 * (height + GAP) + FOOT),
        "white",
    )
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, 6), panel.photo.title, fill="black", font=_font(20))
    sheet.paste(fit(panel.photo.image), (LABEL, HEAD))
    for column, k in enumerate(shown):
        left = LABEL + step * (column + 1)
        pen.text((left, 36), names[k], fill=landmark_colour(k), font=_font(15))
        for number, row in enumerate(rows(panel)):
            tile = overlay(
                panel.photo.image, row.maps[k], limits.of(row), view.opacity / 100, row.signed
            )
            sheet.paste(tile, (left, HEAD + number * (height + GAP)))
        foot = HEAD + 3 * (height + GAP)
        value = float(panel.analysis.awareness[k])
        pen.rectangle((left, foot + 4, left + width, foot + 12), fill="#e3e5e8")
        pen.rectangle((left, foot + 4, left + width * value, foot + 12), fill=landmark_colour(k))
        visible = visibility_of(panel, k)
        true = "" if visible is None else f"   true {visible:.2f}"
        pen.text((left, foot + 18), f"β = {value:.2f}{true}", fill="black", font=_font(15))
    for number, row in enumerate(rows(panel)):
        middle = HEAD + number * (height + GAP) + height // 2
        pen.text((GAP, middle), row.title, fill="black", font=_font(15))
    return sheet


def _scale_bars(limits: Limits, width: int) -> Image.Image:
    """Both colour scales with their ends."""
    sheet = Image.new("RGB", (width, 44), "white")
    pen = ImageDraw.Draw(sheet)
    for left, table, text, low, high in (
        (LABEL, RESPONSE_TABLE, "response", "0", f"{limits.response:.3f}"),
        (LABEL + 460, DIFFERENCE_TABLE, "difference", f"-{limits.difference:.3f}",
         f"+{limits.difference:.3f}"),
    ):  # fmt: skip
        pen.text((left, 10), f"{text}  {low}", fill="black", font=_font(15))
        sheet.paste(Image.fromarray(np.repeat(table[None], 12, axis=0)).resize((180, 12)), (left + 150, 14))
        pen.text((left + 340, 10), high, fill="black", font=_font(15))
    return sheet
