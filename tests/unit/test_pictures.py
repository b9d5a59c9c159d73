"""The pictures of `docs/results`: what is chosen, what is drawn."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from docs.results import curves, twins


def test_twins_are_drawn_evenly_among_occluders():
    kinds = ["pole"] * 40 + ["car"] * 3 + ["bush"] * 9
    chosen = twins.choose(kinds, 12, seed=5)
    assert chosen == twins.choose(kinds, 12, seed=5) != twins.choose(kinds, 12, seed=6)
    counts = Counter(kinds[index] for index in chosen)
    assert counts["car"] == 3 and {counts["pole"], counts["bush"]} <= {4, 5}
    assert len(set(chosen)) == 12 and [kinds[i] for i in chosen] == sorted(kinds[i] for i in chosen)
    with pytest.raises(ValueError, match="60 twins were asked for, the set has 52"):
        twins.choose(kinds, 60, seed=0)


def test_twins_are_drawn_to_scale(tmp_path):
    file = tmp_path / "picture.png"
    Image.new("RGB", (32, 64), "red").save(file)
    occluded, twin = np.array([[0.2, 0.9]]), np.array([[0.8, 0.9]])
    figure = twins.draw([(file, file)], ["low_wall"], occluded, twin, np.array([[0.25, np.nan]]))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["low wall", "twin"]
    bars = figure.axes[-1]
    assert [bar.get_height() for bar in bars.patches] == [0.8, 0.9, 0.2, 0.9]
    (expected,) = bars.collections
    assert expected.get_segments()[0][0][1] == pytest.approx(0.2)


def test_curves_show_terms_and_validations():
    history = pd.DataFrame(
        {"step": [0, 1, 2], "identity": [3.0, 1.0, 2.0], "validation_mean_ap": [np.nan, 0.4, 0.6]}
    )
    left, right = curves.draw(history).axes
    assert left.lines[0].get_ydata().tolist() == [3.0, 2.0, 2.0]  # a running mean
    assert right.lines[0].get_xydata().tolist() == [[1.0, 0.4], [2.0, 0.6]]
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["mAP"]
    with pytest.raises(ValueError, match="a history has a column step .*, got a, b"):
        curves.draw(pd.DataFrame({"a": [1], "b": [2]}))
