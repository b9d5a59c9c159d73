"""The compiled depth buffer against a slow loop: every pixel asks every triangle by itself."""

import numpy as np
import pytest

from aonet_core.synthetic.raster import NEAR, interpolate, rasterize, trace_street
from aonet_core.synthetic.render import View

HEIGHT, WIDTH = 24, 18
AMBIGUOUS = 1e-3
"""Of a barycentric weight, a coverage or a relative depth: rounding may decide such a pixel."""


def scene(seed, triangles=25):
    """Random triangles, some of them partly outside, too near, or with a cut edge."""
    rng = np.random.default_rng(seed)
    points = rng.uniform([-6, -6, 0.5], [WIDTH + 6, HEIGHT + 6, 8], (3 * triangles, 3))
    points[rng.choice(len(points), 3, replace=False), 2] = NEAR / 2
    faces = rng.permutation(len(points)).reshape(-1, 3)
    coverage = rng.uniform(-0.5, 1.0, len(points))
    return points.astype(np.float32), faces.astype(np.int32), coverage.astype(np.float32)


def fragments(points, faces, coverage, row, column):
    """All triangles that a pixel's ray meets: (depth, face, weights, inside, doubtful), by space.

    The ray leaves the eye at the origin through (x, y, 1). Where it meets a triangle's plane it is
    a weighted sum of the corners: a linear system instead of the areas that the renderer uses.
    """
    ray = np.array([column + 0.5, row + 0.5, 1.0])
    met = []
    for number, face in enumerate(faces):
        corners = points[face].astype(np.float64)
        if corners[:, 2].min() < NEAR:
            continue
        space = corners * np.stack([corners[:, 2], corners[:, 2], np.ones(3)], axis=1)
        raw = np.linalg.solve(space.T, ray)
        if raw.sum() <= 0:
            continue  # behind the eye
        weights = raw / raw.sum()
        cover = weights @ coverage[face]
        doubtful = min(np.abs(weights).min(), abs(cover)) < AMBIGUOUS
        inside = weights.min() >= 0 and cover >= 0
        met.append((1 / raw.sum(), number, weights, inside, doubtful))
    return met


def expected_pixel(points, faces, coverage, row, column):
    """Face, weights and depth that a pixel shows; None where rounding decides."""
    met = fragments(points, faces, coverage, row, column)
    sure = [found for found in met if found[3] and not found[4]]
    depth, number, weights, *_ = min(sure, default=(np.inf, -1, np.zeros(3)), key=lambda f: f[0])
    rivals = [f for f in met if f[1] != number and (f[3] or f[4])]
    unclear = any(f[0] < depth * (1 + AMBIGUOUS) for f in rivals)
    return None if unclear else (number, weights, depth)


@pytest.mark.parametrize("seed", range(3))
def test_the_depth_buffer_agrees_with_a_plain_loop(seed):
    points, faces, coverage = scene(seed)
    index, weights, depth = rasterize(points, faces, coverage, HEIGHT, WIDTH)
    assert index.shape == depth.shape == (HEIGHT, WIDTH) and weights.shape == (HEIGHT, WIDTH, 3)
    compared = 0
    for row in range(HEIGHT):
        for column in range(WIDTH):
            expected = expected_pixel(points, faces, coverage, row, column)
            if expected is None:
                continue
            compared += 1
            assert index[row, column] == expected[0], (row, column)
            np.testing.assert_allclose(weights[row, column], expected[1], atol=2e-4)
            assert depth[row, column] == pytest.approx(expected[2], rel=2e-4)
    assert compared > 0.9 * HEIGHT * WIDTH
    assert (index >= 0).mean() > 0.3 and len(np.unique(index)) > 8


def test_the_order_of_triangles_and_corners_changes_nothing():
    points, faces, coverage = scene(7)
    index, weights, depth = rasterize(points, faces, coverage, HEIGHT, WIDTH)
    order = np.random.default_rng(0).permutation(len(faces))
    turned = np.roll(faces[order], 1, axis=1)
    index2, weights2, depth2 = rasterize(points, turned, coverage, HEIGHT, WIDTH)
    same = np.where(index2 >= 0, order[index2], -1) == index
    assert same.mean() > 0.99
    np.testing.assert_allclose(depth2[same], depth[same], rtol=1e-4)
    shown = same & (index >= 0)
    np.testing.assert_allclose(np.roll(weights2, -1, axis=2)[shown], weights[shown], atol=1e-3)


def test_triangles_beyond_every_border_or_without_area_draw_nothing():
    points = np.array(
        [[-9, 2, 1], [-3, 2, 1], [-5, 9, 1], [2, 2, 1], [5, 5, 1], [8, 8, 1]], dtype=np.float32
    )
    faces = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.int32)
    index, weights, depth = rasterize(points, faces, np.ones(6, np.float32), HEIGHT, WIDTH)
    assert (index == -1).all() and (weights == 0).all() and np.isinf(depth).all()


def test_interpolation_is_the_weighted_sum_of_the_corners():
    points, faces, coverage = scene(3)
    index, weights, _ = rasterize(points, faces, coverage, HEIGHT, WIDTH)
    attributes = np.random.default_rng(1).normal(size=(len(points), 4)).astype(np.float32)
    expected = [
        weights[row, column] @ attributes[faces[index[row, column]]]
        for row in range(HEIGHT)
        for column in range(WIDTH)
        if index[row, column] >= 0
    ]
    actual = interpolate(attributes, faces, index, weights)
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_street_points_project_back_to_their_pixels():
    eye = np.array([0.0, -7.0, 3.0])
    forward = np.array([0.1, 1.0, -0.25]) / np.linalg.norm([0.1, 1.0, -0.25])
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    turn = np.stack([right, np.cross(forward, right), forward])
    view = View(eye, turn, np.zeros(2), 600.0)
    corner = -np.array([256, 512]) / 2 / view.scale
    position, depth, on_ground = trace_street(eye, turn, corner, 1 / view.scale, 4.0, 512, 256)
    np.testing.assert_allclose(position[on_ground, 2], 0, atol=1e-4)
    np.testing.assert_allclose(position[~on_ground, 1], 4.0, atol=1e-4)
    assert 0.1 < on_ground.mean() < 0.9
    row, column = np.divmod(np.arange(512 * 256), 256)
    expected = np.stack([column + 0.5, row + 0.5, depth.ravel()], axis=1)
    np.testing.assert_allclose(view.project(position), expected, atol=2e-2)
