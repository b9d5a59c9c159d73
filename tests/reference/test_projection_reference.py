"""Neighbourhoods and what a map keeps of them, against plain loops and scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from aonet_core.analysis.projection import neighbours
from aonet_core.analysis.projection.neighbours import kept, nearest


@pytest.fixture
def points():
    """Ninety points of fifteen pictures, five people, two of them unknown; and a poor map."""
    rng = np.random.default_rng(3)
    image = np.repeat(np.arange(15), 6)
    person = image // 3
    original = rng.standard_normal((5, 8))[person] + rng.standard_normal((90, 8))
    labels = np.stack([np.arange(90) % 6, np.where(person < 3, person + 1, -1)], axis=1)
    drawn = original[:, :2] + 0.5 * rng.standard_normal((90, 2))
    return original.astype(np.float32), drawn.astype(np.float32), image, labels


@pytest.fixture(params=[32_000_000, 500])
def block(request, monkeypatch):
    """All at once, and a few points at a time."""
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", request.param)


def test_nearest_are_those_of_a_full_sort(points, block):
    original = points[0]
    indices, distances = nearest(original, 7)
    for row in range(len(original)):
        away = np.sqrt(((original - original[row]) ** 2).sum(axis=1))
        away[row] = -1
        assert indices[row].tolist() == np.argsort(away, kind="stable")[:7].tolist()
        np.testing.assert_allclose(distances[row], np.maximum(0, np.sort(away)[:7]), atol=1e-5)


def test_a_point_is_its_own_first_neighbour_among_equals():
    indices, distances = nearest(np.ones((9, 3), np.float32), 4)
    assert indices[:, 0].tolist() == list(range(9)) and not distances.any()


@pytest.mark.parametrize("count", [1, 5, 20])
def test_trustworthiness_of_all_points_is_scikit_learns(points, block, count):
    original, drawn, image, labels = points
    found = kept(original, drawn, np.arange(90), image, labels, count)
    expected = trustworthiness(original, drawn, n_neighbors=count)
    assert found.trustworthiness == pytest.approx(expected, abs=1e-9)
    assert 0.5 < found.trustworthiness < 1


def test_trustworthiness_of_some_points_is_that_of_a_loop(points):
    original, drawn, image, labels = points
    rows, count, total = np.array([3, 40, 77]), 4, 90
    penalty = 0
    for row in rows:
        near, far = (
            [j for j in np.argsort(((space - space[row]) ** 2).sum(axis=1)) if j != row]
            for space in (drawn, original)
        )
        penalty += sum(max(0, far.index(j) + 1 - count) for j in near[:count])
    expected = 1 - 2 / (3 * count * (2 * total - 3 * count - 1)) * penalty
    found = kept(original, drawn, rows, image, labels, count)
    assert found.trustworthiness == pytest.approx(expected, abs=1e-12)


def test_purity_is_that_of_a_loop(points, block):
    original, drawn, image, labels = points
    rows, count = np.array([0, 17, 31, 60, 89]), 6
    found = kept(original, drawn, rows, image, labels, count)
    for space, pure in ((original, found.pure), (drawn, found.pure_map)):
        for position, row in enumerate(rows):
            order = np.argsort(((space - space[row]) ** 2).sum(axis=1))
            others = [j for j in order if image[j] != image[row]][:count]
            for column in range(2):
                label = labels[row, column]
                if label < 0:
                    assert np.isnan(pure[position, column])
                else:
                    share = np.mean([labels[j, column] == label for j in others])
                    assert pure[position, column] == pytest.approx(share, abs=1e-6)
