"""Draws the contact sheets of this folder from `sample_data/`.

Run from the repository's root: `python docs/synthped/contact_sheets.py`. Which pictures are shown
is drawn with a fixed seed, not chosen by eye; the same samples give the same sheets.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "sample_data"
HEIGHT, WIDTH, GAP, LINE = 256, 128, 4, 14
OCCLUDED_BIT = 16
# Okabe and Ito's colours, told apart by the colour-blind, and four more.
COLOURS = np.array(
    [
        (34, 34, 34), (230, 159, 0), (86, 180, 233), (0, 114, 178), (0, 158, 115), (148, 211, 180),
        (240, 228, 66), (213, 94, 0), (204, 121, 167), (130, 90, 20), (180, 180, 180),
    ],
    dtype=np.uint8,
)  # fmt: skip


def sheet(rows: list[list[Image.Image]], titles: list[list[str]] | None = None) -> Image.Image:
    """Pictures in rows on white, each with a short title above where there are titles."""
    top = LINE if titles else 0
    wide, tall = WIDTH + GAP, HEIGHT + GAP + top
    page = Image.new("RGB", (wide * max(map(len, rows)) + GAP, tall * len(rows) + GAP), "white")
    pen = ImageDraw.Draw(page)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            at = GAP + wide * column, GAP + tall * row
            page.paste(picture, (at[0], at[1] + top))
            if titles:
                pen.text(at, titles[row][column], fill="black")
    return page


def picture(name: str) -> Image.Image:
    """A picture of the samples."""
    return Image.open(SAMPLES / name).convert("RGB")


def coloured_parts(label: np.ndarray) -> Image.Image:
    """Body parts (256, 128), hidden ones too, in a colour each."""
    return Image.fromarray(COLOURS[label % OCCLUDED_BIT])


def occluder_mask(label: np.ndarray) -> Image.Image:
    """Grey where the occluder is, orange where it hides the person."""
    colours = np.zeros((*label.shape, 3), dtype=np.uint8)
    colours[label >= OCCLUDED_BIT] = COLOURS[10]
    colours[label > OCCLUDED_BIT] = COLOURS[1]
    return Image.fromarray(colours)


def people(table: pd.DataFrame) -> Image.Image:
    """Forty-eight people with nothing in front of them, twelve in a row."""
    alone = table[(table["occluder"] == "") & (table["pid"] > 0)]
    chosen = alone.sample(frac=1, random_state=1).drop_duplicates("pid").head(48)
    pictures = [picture(name) for name in chosen["file"]]
    return sheet([pictures[start : start + 12] for start in range(0, 48, 12)])


def occluded(table: pd.DataFrame) -> Image.Image:
    """Two queries of every kind of occluder, each above its twin."""
    queries = table[table["role"] == "query"].sample(frac=1, random_state=2)
    rows, titles = [], []
    for number in range(2):
        chosen = queries.groupby("occluder").nth(number).sort_values("occluder")
        rows += [[picture(name) for name in chosen[key]] for key in ("file", "twin")]
        titles += [chosen["occluder"].tolist(), ["twin"] * len(chosen)]
    return sheet(rows, titles)


def truth(table: pd.DataFrame) -> Image.Image:
    """Query, twin, body parts and occluder of a query of every kind, one below the other."""
    queries = table[table["role"] == "query"].sample(frac=1, random_state=3)
    chosen = queries.drop_duplicates("occluder").sort_values("occluder")
    labels = [np.asarray(Image.open(SAMPLES / name)) for name in chosen["mask"]]
    rows = [
        [picture(name) for name in chosen["file"]],
        [picture(name) for name in chosen["twin"]],
        [coloured_parts(label) for label in labels],
        [occluder_mask(label) for label in labels],
    ]
    hidden = [f"{share:.0%} hidden" for share in chosen["hidden"]]
    count = len(chosen)
    titles = [chosen["occluder"].tolist(), ["twin"] * count, ["body parts"] * count, hidden]
    return sheet(rows, titles)


def main() -> None:
    """Write `people.jpg`, `occluded.jpg` and `truth.jpg`."""
    table = pd.read_parquet(SAMPLES / "visibility.parquet")
    for name, page in {
        "people": people(table), "occluded": occluded(table), "truth": truth(table),
    }.items():  # fmt: skip
        page.save(HERE / f"{name}.jpg", quality=85, optimize=True)


if __name__ == "__main__":
    main()
