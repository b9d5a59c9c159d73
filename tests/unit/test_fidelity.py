"""The truth measures, by hand-made maps and masks."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from aonet_core.analysis.fidelity import (
    OCCLUDED_BIT,
    REGIONS,
    bootstrap,
    false_alarm_mass,
    hidden_auroc,
    landmark_purity,
    peak_regions,
    pool_area,
    region_shares,
    spearman,
    true_visibility,
)

HEAD, TORSO, HAIR, BAG = 1, 2, 9, 10


def slow_pool(mask, height, width):
    """Area means by the overlap of every pixel with every cell."""
    rows, columns = mask.shape
    out = np.zeros((height, width))
    for i, j in np.ndindex(height, width):
        top, bottom = i * rows / height, (i + 1) * rows / height
        left, right = j * columns / width, (j + 1) * columns / width
        for r, c in np.ndindex(rows, columns):
            tall = max(0.0, min(bottom, r + 1) - max(top, r))
            wide = max(0.0, min(right, c + 1) - max(left, c))
            out[i, j] += mask[r, c] * tall * wide
    return out * height * width / rows / columns


@pytest.mark.parametrize("grid", [(4, 2), (3, 3), (8, 5), (1, 1)])
def test_pool_area(grid):
    mask = np.random.default_rng(0).random((8, 6)) < 0.5
    found = pool_area(np.stack([mask, ~mask]), *grid)
    np.testing.assert_allclose(found[0], slow_pool(mask, *grid), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-6)


def test_true_visibility_is_the_share_of_the_twin_s_response_left_free():
    label = np.zeros((4, 2), dtype=np.uint8)
    label[:2] = OCCLUDED_BIT  # the upper half, over background or person alike
    label[0, 0] |= HEAD
    maps = np.zeros((3, 2, 1))
    maps[0, 0] = 0.8  # all hidden
    maps[1] = [[0.1], [0.3]]  # a quarter hidden
    found = true_visibility(maps, label)
    assert found[:2].tolist() == pytest.approx([0.0, 0.75])
    assert np.isnan(found[2])  # no response at all


def test_regions_gather_parts_and_forget_bags():
    label = np.array([[HEAD, HAIR], [TORSO, BAG], [TORSO | OCCLUDED_BIT, 0]], dtype=np.uint8)
    all_of_it = region_shares(label, 3, 1, visible_only=False)[:, :, 0]
    names = list(REGIONS)
    assert all_of_it[names.index("head")].tolist() == [1, 0, 0]
    assert all_of_it[names.index("upper torso")].tolist() == [0, 0.5, 0.5]
    seen = region_shares(label, 3, 1, visible_only=True)[:, :, 0]
    assert seen[names.index("upper torso")].tolist() == [0, 0.5, 0]


def test_a_peak_lies_on_the_region_that_covers_most_or_on_none():
    shares = np.zeros((1, 2, 2, 1))
    shares[0, :, 0, 0] = [0.3, 0.6]  # the second region
    shares[0, :, 1, 0] = [0.4, 0.0]  # mostly background
    maps = np.array([[[[0.9], [0.1]], [[0.1], [0.9]]]])  # (1, 2 landmarks, 2, 1)
    assert peak_regions(maps, shares).tolist() == [[1, -1]]


def test_false_alarms_are_the_response_on_other_regions():
    shares = np.zeros((1, 2, 3, 1))
    shares[0, 0, 0] = shares[0, 1, 1] = 1.0  # region 0, region 1, background
    maps = np.array([[[[0.2], [0.3], [0.4]]] * 2])  # (1, 2, 3, 1)
    found = false_alarm_mass(maps, np.array([[0, -1]]), shares)
    assert found[0, 0] == pytest.approx(0.3) and np.isnan(found[0, 1])


def test_auroc_tells_visible_from_hidden_and_ignores_what_lies_between():
    visibility = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    assert hidden_auroc(np.array([0.1, 0.2, -9.0, 0.8, 0.9]), visibility) == 1.0
    assert hidden_auroc(np.array([0.9, 0.8, 9.0, 0.2, 0.1]), visibility) == 0.0
    # One of the four pairs is the wrong way round.
    assert hidden_auroc(np.array([0.1, 0.6, 0.0, 0.5, 0.9]), visibility) == 0.75
    assert np.isnan(hidden_auroc(np.ones(2), np.ones(2)))
    with_unknown = np.append(visibility, np.nan)
    assert hidden_auroc(np.array([0.1, 0.2, 0.0, 0.8, 0.9, 0.0]), with_unknown) == 1.0


def test_spearman():
    rng = np.random.default_rng(2)
    score, visibility = rng.random(30), rng.random(30)
    assert spearman(score, visibility) == pytest.approx(spearmanr(score, visibility).statistic)
    holes = np.where(np.arange(30) < 5, np.nan, visibility)
    assert spearman(score, holes) == pytest.approx(spearmanr(score[5:], visibility[5:]).statistic)
    assert np.isnan(spearman(np.ones(30), visibility))


def test_purity_names_the_commonest_region():
    names = list(REGIONS)
    peaks = np.array([[0, -1], [0, -1], [3, -1], [-1, -1]])
    first, second = landmark_purity(peaks)
    low, high = first.pop("interval")
    assert low <= 0.5 <= high
    assert first == {"region": names[0], "share": 0.5, "background": 0.25}
    assert second == {"region": None, "share": 0.0, "interval": [0, 0], "background": 1.0}


def test_bootstrap_repeats_itself_covers_the_truth_and_resamples_rows_together():
    rng = np.random.default_rng(3)
    values = rng.normal(5, 2, 400)
    found = bootstrap(lambda a: float(a.mean()), values)
    assert found == bootstrap(lambda a: float(a.mean()), values)
    standard_error = 2 / np.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * standard_error, rel=0.2)
    together = bootstrap(lambda a, b: float(np.abs(a - b).max()), values, values.copy())
    assert (together.low, together.high) == (0.0, 0.0)
    alone = bootstrap(lambda a: float(a.mean()), values[:1])
    assert np.isnan(alone.low) and alone.value == values[0]
