"""Files of the occlusion lab: tables as CSV, figures as PNG."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from aonet_core.engine import Attribution, Counterfactual, Sweep
from app.services import Photo
from app.services.lab import Occluded
from app.shared import csv_table
from app.shared.figures import INK, PALE, ascii_text, font, png
from app.shared.maps import verdict
from app.shared.overlay import fit, overlay, table
from app.theme import landmark_colour

CHART = (520, 220)
"""Width and height of a curve's axes in the figure, in pixels."""
TILE = 640
DIGITS = 6
"""Of numbers in tables."""
MOST_SAMPLES = 128
"""Rows and columns of a map that its table holds at most."""


def numbers_csv(occluded: Occluded, names: list[str]) -> bytes:
    """One line a landmark: awareness, truth, belief and shares, before and after."""
    header = ["picture", "landmark", "region", "awareness_before", "awareness_after",
              "true_hidden_share", "believed_hidden", "self_share_before", "self_share_after",
              "match", "match_share_before", "match_share_after"]  # fmt: skip
    lines = []
    for k, name in enumerate(names):
        number, _, region = name.partition(" ")
        before = float(occluded.before.analysis.awareness[k])
        after = float(occluded.after.analysis.awareness[k])
        visible = float(occluded.visible[k])
        other = ["", "", ""]
        if occluded.to_other:
            other = [
                occluded.to_other.title,
                occluded.to_other.before[k],
                occluded.to_other.after[k],
            ]
        lines.append(
            [occluded.before.photo.title, number, region, before, after, 1 - visible,
             int(verdict(before, after, visible).hidden),
             occluded.to_self.before[k], occluded.to_self.after[k], *other]
        )  # fmt: skip
    return csv_table.table(header, lines, DIGITS)


def sweep_csv(sweep: Sweep) -> bytes:
    """One line a position: its place, then awareness and true hidden share of every landmark."""
    numbers = range(1, sweep.awareness.shape[1] + 1)
    header = ["position", "top", "bottom", "left", "right", "self_similarity", "other_similarity",
              *(f"awareness_{k}" for k in numbers), *(f"hidden_{k}" for k in numbers)]  # fmt: skip
    other = sweep.other_similarity
    lines = (
        [float(sweep.position[s]), *sweep.boxes[s].tolist(), sweep.self_similarity[s],
         "" if other is None else other[s], *sweep.awareness[s], *sweep.hidden[s]]
        for s in range(len(sweep.position))
    )  # fmt: skip
    return csv_table.table(header, lines, DIGITS)


def maps_csv(attributions: dict[str, Attribution]) -> bytes:
    """One line a method and place: large maps are sampled at evenly spread pixels."""
    lines = []
    for method, answer in attributions.items():
        steps = [max(1, -(-side // MOST_SAMPLES)) for side in answer.map.shape]
        for row in range(steps[0] // 2, answer.map.shape[0], steps[0]):
            for column in range(steps[1] // 2, answer.map.shape[1], steps[1]):
                lines.append([method, answer.value, answer.blank, row, column,
                              answer.map[row, column]])  # fmt: skip
    header = ["method", "value", "value_all_hidden", "row", "column", "fall_when_hidden"]
    return csv_table.table(header, lines, DIGITS)


def counterfactual_csv(counterfactual: Counterfactual, names: list[str]) -> bytes:
    """The rectangle, then one line a landmark removed."""
    box = counterfactual.box or ("", "", "", "")
    lines = [["nothing", "", *[""] * 4, counterfactual.margin, 0, counterfactual.match]]
    if counterfactual.box:
        lines.append(
            ["rectangle", "", *box, counterfactual.box_margin, 1, counterfactual.box_winner]
        )
    for removal in counterfactual.landmarks:
        lines.append(["landmark", names[removal.landmark], *[""] * 4, removal.margin,
                      int(removal.falls), removal.winner])  # fmt: skip
    header = ["hidden", "landmark", "top", "bottom", "left", "right", "margin", "falls", "first"]
    return csv_table.table(header, lines, DIGITS)


def sweep_png(sweep: Sweep, names: list[str], axis: str) -> bytes:
    """A chart a landmark: awareness over the true hidden share, against the position."""
    width, height = CHART
    columns, rows = 2, -(-len(names) // 2)
    sheet = Image.new("RGB", (columns * (width + 90) + 30, rows * (height + 100) + 30), "white")
    pen = ImageDraw.Draw(sheet)
    for k, name in enumerate(names):
        left = 70 + (k % columns) * (width + 90)
        top = 60 + (k // columns) * (height + 100)
        x = left + width * np.linspace(0, 1, len(sweep.position))
        hidden = top + height * (1 - np.nan_to_num(sweep.hidden[:, k]))
        area = [*zip(x, hidden, strict=True), (left + width, top + height), (left, top + height)]
        pen.polygon([(float(u), float(v)) for u, v in area], fill=PALE)
        clean = top + height * (1 - float(sweep.clean_awareness[k]))
        for start in range(left, left + width, 12):
            pen.line((start, clean, start + 5, clean), fill=landmark_colour(k), width=2)
        curve = top + height * (1 - sweep.awareness[:, k])
        pen.line([(float(u), float(v)) for u, v in zip(x, curve, strict=True)],
                 fill=landmark_colour(k), width=4, joint="curve")  # fmt: skip
        pen.line((left, top, left, top + height, left + width, top + height), fill=INK, width=2)
        pen.text((left, top - 30), f"landmark {ascii_text(name)}", fill=INK, font=font(19))
        pen.text((left - 24, top - 8), "1", fill=INK, font=font(16))
        pen.text((left - 24, top + height - 14), "0", fill=INK, font=font(16))
        ends = f"{sweep.position[0]:.0f}", f"{sweep.position[-1]:.0f}"
        pen.text((left, top + height + 6), f"{ends[0]}  {axis}", fill=INK, font=font(16))
        right = left + width - pen.textlength(ends[1], font=font(16))
        pen.text((right, top + height + 6), ends[1], fill=INK, font=font(16))
    pen.text((70, sheet.height - 34), "line: awareness; dashes: with nothing hidden; grey: true "
             "hidden share", fill=INK, font=font(16))  # fmt: skip
    return png(sheet)


def maps_png(photo: Photo, attributions: dict[str, Attribution], words: str) -> bytes:
    """The photo and a map a method, with the scale that they share."""
    end = max(1e-6, *(float(np.abs(answer.map).max()) for answer in attributions.values()))
    tile = fit(photo.image, TILE)
    step = max(tile.width, 220) + 20
    sheet = Image.new("RGB", (step * (len(attributions) + 1) + 20, tile.height + 150), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((20, 14), ascii_text(f"fall of the {words} when hidden"), fill=INK, font=font(22))
    pictures = {"photo": tile} | {
        method.replace("_", " "): overlay(tile, answer.map, end, 0.7, signed=True)
        for method, answer in attributions.items()
    }
    for place, (title, picture) in enumerate(pictures.items()):
        left = 20 + place * step
        pen.text((left, 52), title, fill=INK, font=font(18))
        sheet.paste(picture, (left, 80))
    scale = Image.fromarray(np.repeat(table(True)[None], 14, axis=0)).resize((240, 14))
    bottom = tile.height + 104
    pen.text((20, bottom - 4), f"-{end:.3f}", fill=INK, font=font(18))
    sheet.paste(scale, (110, bottom))
    pen.text((364, bottom - 4), f"+{end:.3f}", fill=INK, font=font(18))
    return png(sheet)


def counterfactual_png(photo: Photo, counterfactual: Counterfactual) -> bytes:
    """The photo with the rectangle that makes the right match fall."""
    tile = fit(photo.image, TILE)
    sheet = Image.new("RGB", (max(tile.width + 40, 560), tile.height + 110), "white")
    pen = ImageDraw.Draw(sheet)
    sheet.paste(tile, (20, 20))
    words = counterfactual.note
    if counterfactual.box:
        scale = tile.width / photo.image.width
        top, bottom, left, right = (scale * edge for edge in counterfactual.box)
        pen.rectangle((20 + left, 20 + top, 20 + right, 20 + bottom), outline="#d1242f", width=4)
        share, winner = counterfactual.box_share, counterfactual.box_winner
        words = f"{100 * share:.1f} % hidden: {winner} comes first"
    pen.text(
        (20, tile.height + 34),
        ascii_text(f"right match: {counterfactual.match}"),
        fill=INK,
        font=font(16),
    )
    pen.text((20, tile.height + 62), ascii_text(words), fill=INK, font=font(16))
    return png(sheet)
