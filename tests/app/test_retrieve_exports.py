"""What a ranking leaves behind: tables whose parts add up, the figure with its frames."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from app.services.retrieval import Entry
from app.shared import bars
from app.views.retrieve import exports

NAMES = ["1 head", "2 torso", "3 legs"]


def entry(rank, verdict, shares):
    shares = np.array(shares)
    return Entry(rank, f"g{rank}.jpg", "0007 c2", 2, verdict, float(shares.sum()), shares)


ENTRIES = [
    entry(1, "wrong", [0.5, 0.3, -0.1]),
    entry(2, "right", [0.1, 0.2, 0.05]),
    entry(None, "junk", [0.2, 0.0, 0.1]),
]


def test_table_names_files_and_its_shares_add_up():
    written = exports.ranking_csv(ENTRIES, NAMES, "query.jpg", {"checkpoint": "abc"})
    lines = list(csv.DictReader(io.StringIO(written.decode())))
    assert [line["file"] for line in lines] == ["g1.jpg", "g2.jpg", "gNone.jpg"]
    assert [line["rank"] for line in lines] == ["1", "2", ""]
    assert {line["checkpoint"] for line in lines} == {"abc"}
    for line in lines:
        total = sum(float(line[f"share {name}"]) for name in NAMES)
        assert total == pytest.approx(float(line["similarity"]), abs=1e-8)


def test_figure_frames_tell_right_from_wrong():
    query = Image.new("RGB", (40, 80), (10, 20, 30))
    grey = Image.new("RGB", (40, 80), (99, 99, 99))
    figure = Image.open(io.BytesIO(exports.strip_png(query, [(grey, e) for e in ENTRIES])))
    colours = {colour for _, colour in figure.convert("RGB").getcolors(1 << 20)}
    assert {(0x1A, 0x8A, 0x3C), (0xD1, 0x24, 0x2F), (10, 20, 30)} <= colours
    assert round(figure.info["dpi"][0]) == 300
    # Four pictures of the same shape stand side by side.
    assert figure.width > 4 * exports.HEIGHT / 2


def test_pieces_of_a_bar_meet_and_end_at_the_sum():
    shares = np.array([[0.5, 0.3, -0.1]])
    scale = bars.span(shares)
    assert (scale.low, scale.high) == (pytest.approx(0.1), pytest.approx(0.8))
    for upright in (False, True):
        html = bars.stack(shares[0], scale, NAMES, upright)
        edge, length = ("bottom", "height") if upright else ("left", "width")
        pieces = {}
        for part in html.split("<i ")[1:]:
            style = part.split("style='")[1]
            values = dict(pair.split(":") for pair in style.split("'")[0].split(";")[:2])
            name = part.split("title='")[1].split(":")[0]
            pieces[name] = [float(values[key].rstrip("%")) for key in (edge, length)]
        top = max(start + size for start, size in pieces.values())
        assert top == pytest.approx(100, abs=0.02)
        assert pieces["3 legs"] == [pytest.approx(0, abs=0.02), pytest.approx(100 / 9, abs=0.02)]
        lengths = sum(size for _, size in pieces.values())
        assert lengths == pytest.approx(100, abs=0.05)


def test_no_bars_need_no_scale():
    assert bars.span(np.empty((0, 3))).length > 0
