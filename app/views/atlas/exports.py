"""Files of the atlas: a figure for print, a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from aonet_core.engine import Atlas
from app.shared.csv_table import table
from app.shared.figures import INK, ascii_text, font, png
from app.shared.overlay import fit, overlay
from app.shared.view import FIXED_LIMIT
from app.theme import landmark_colour

TILE, GAP, HEAD, SIDE = 320, 10, 66, 34
PICTURES = 5
"""Rows of the figure below the mean maps."""


def landmarks_png(
    atlas: Atlas, names: list[str], picture: Callable[[str], Image.Image], opacity: float = 0.6
) -> bytes:
    """A column a landmark: its mean map, then pictures that excite it most, as in Fig. 4 (b).

    Args:
        atlas: Of a gallery.
        names: Of the landmarks.
        picture: Opens a picture by its name.
        opacity: Of the maps, in [0, 1].
    """
    mean = fit(Image.fromarray(atlas.mean_picture), TILE)
    columns, widest = [], mean.width
    for k in range(atlas.num_landmarks):
        tiles = [overlay(mean, atlas.mean_map[k], max(float(atlas.mean_map.max()), 1e-6), opacity)]
        for place, row in enumerate(atlas.most[k][:PICTURES]):
            photo = fit(picture(str(atlas.names[row])), TILE)
            tiles.append(overlay(photo, atlas.most_maps[k][place], FIXED_LIMIT, opacity))
        columns.append(tiles)
        widest = max(widest, *(tile.width for tile in tiles))
    step, rows = max(widest, 150) + GAP, max(map(len, columns))
    sheet = Image.new(
        "RGB", (SIDE + step * len(columns) + GAP, HEAD + rows * (TILE + GAP) + 40), "white"
    )
    pen = ImageDraw.Draw(sheet)
    for k, tiles in enumerate(columns):
        left = SIDE + step * k
        number, _, region = names[k].partition(" ")
        pen.ellipse((left, 13, left + 12, 25), fill=landmark_colour(k))
        pen.text((left + 20, 6), number, fill=INK, font=font(22))
        pen.text((left, 36), ascii_text(region), fill=INK, font=font(19))
        for row, tile in enumerate(tiles):
            sheet.paste(tile, (left, HEAD + row * (TILE + GAP)))
    _upright(sheet, "mean map", HEAD)
    for row in range(1, rows):
        _upright(sheet, f"most excited, {row}", HEAD + row * (TILE + GAP))
    caption = (
        f"Share of response per pixel: mean maps 0 to {atlas.mean_map.max():.3f}, others 0 to "
        f"{FIXED_LIMIT:.2f}. {len(atlas):,} pictures."
    )
    pen.text((SIDE, sheet.height - 34), caption, fill=INK, font=font(18))
    return png(sheet)


def _upright(sheet: Image.Image, text: str, top: int) -> None:
    label = Image.new("RGB", (TILE, 26), "white")
    pen = ImageDraw.Draw(label)
    pen.text(((TILE - pen.textlength(text, font=font(17))) / 2, 2), text, fill=INK, font=font(17))
    sheet.paste(label.rotate(90, expand=True), (4, top))


def atlas_csv(atlas: Atlas, names: list[str]) -> bytes:
    """One line a picture and landmark: awareness, excitement, and what is under the peak."""
    header = ["picture", "role", "kind", "landmark", "name", "awareness", "excitement", "peak_on",
              "checkpoint", "gallery"]  # fmt: skip
    # Negative places are for background and for what nobody knows.
    places = np.array([*atlas.region_names, "", "background"])
    lines = (
        [atlas.names[row], atlas.roles[row], atlas.kinds[row], k + 1, name.partition(" ")[2],
         float(atlas.awareness[row, k]), float(atlas.excitement[row, k]),
         places[atlas.regions[row, k]], atlas.checkpoint, atlas.gallery]
        for row in range(len(atlas))
        for k, name in enumerate(names)
    )  # fmt: skip
    return table(header, lines)
