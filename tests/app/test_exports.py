"""What strips and downloads are made of: one scale for all, tables, arrays, the figure."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from aonet_core.analysis import fidelity
from aonet_core.engine import LandmarkAnalysis
from app.services import Panel, Photo
from app.shared import figures, maps
from app.shared.view import View
from app.views.inspect import exports, strip

NAMES = ["1 head", "2", "3", "4", "5", "6"]


def panel(seed, visibility=None):
    rng = np.random.default_rng(seed)
    response = rng.random((6, 4, 2))
    arrays = dict.fromkeys(LandmarkAnalysis.__dataclass_fields__, np.zeros(6))
    arrays |= {
        "response_map": response / response.sum((1, 2), keepdims=True),
        "referenced_response_map": response / response.sum((1, 2), keepdims=True) / (seed + 1),
        "landmark_logits": rng.normal(size=(6, 4, 2)),
        "awareness": np.full(6, 1 / (seed + 1)),
        "milliseconds": 1.0,
    }
    shown = Photo(f"p{seed}", f"photo {seed}", Image.new("RGB", (20, 40), (200, 90, 40)))
    return Panel(shown, LandmarkAnalysis(**arrays), visibility)


def test_one_scale_serves_all_tiles():
    panels = [panel(1), panel(3)]
    limits = maps.limits(panels, View(scale="shared"))
    responses = [p.analysis.response_map for p in panels]
    changes = [p.analysis.referenced_response_map - p.analysis.response_map for p in panels]
    assert limits.response == pytest.approx(np.max(responses))
    assert limits.difference == pytest.approx(np.abs(changes).max())
    one = maps.limits(panels, View(landmark="2", scale="shared"))
    assert one.response == pytest.approx(max(response[1].max() for response in responses))
    assert maps.limits(panels, View(scale="fixed")) == maps.Limits(0.30, 0.30)


def test_hidden_means_what_it_means_where_fidelity_is_measured():
    assert maps.HIDDEN_BELOW == fidelity.HIDDEN_BELOW


def test_scores_have_a_line_a_landmark_and_leave_unknown_empty():
    visibility = np.array([0.25, np.nan, 1, 1, 1, 1])
    written = exports.scores_csv([panel(1, visibility), panel(3)], NAMES).decode()
    lines = list(csv.DictReader(io.StringIO(written)))
    assert len(lines) == 12 and lines[0]["region"] == "head" and lines[6]["picture"] == "photo 3"
    assert [lines[i]["true_visibility"] for i in (0, 1, 6)] == ["0.25", "", ""]
    assert float(lines[7]["awareness"]) == 0.25


def test_maps_come_back_under_left_and_right():
    panels = [panel(1), panel(3, np.ones(6))]
    arrays = np.load(io.BytesIO(exports.maps_npz(panels)), allow_pickle=False)
    for side, shown in zip(("left", "right"), panels, strict=True):
        expected = shown.analysis.response_map
        np.testing.assert_array_equal(arrays[f"{side}.response_map"], expected)
    assert "right.true_visibility" in arrays and "left.true_visibility" not in arrays


@pytest.mark.parametrize("landmark", ["all", "2"])
def test_figure_is_a_png_with_room_for_every_tile(landmark):
    panels, view = [panel(1, np.full(6, 0.5)), panel(3)], View(landmark=landmark)
    data = figures.figure_png(panels, view, maps.limits(panels, view), NAMES)
    figure = Image.open(io.BytesIO(data))
    assert figure.format == "PNG" and round(figure.info["dpi"][0]) == 300
    columns = 7 if landmark == "all" else 2
    assert figure.width > 2 * columns * 130 and figure.height > 3 * figures.TILE


def test_a_picture_in_which_nothing_is_seen_says_so():
    assert strip.unseen(panel(1)) == []
    (told,) = strip.unseen(panel(9))
    assert "hardly anything of a person" in told
