"""Masks, windows and links against slow loops in exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from aonet_core.analysis.fidelity import pool_area
from aonet_core.data.transforms import to_pixels
from aonet_core.occlusion import (
    Circle,
    Polygon,
    Rectangle,
    Stroke,
    Windows,
    covered_shares,
    rasterise,
)

SIZE = (23, 17)


def centre_lies_in(shape, x, y):
    """The rule, in exact fractions."""
    if isinstance(shape, Rectangle):
        left, top = Fraction(shape.x), Fraction(shape.y)
        return left <= x < left + Fraction(shape.width) and top <= y < top + Fraction(shape.height)
    if isinstance(shape, Circle):
        distance = (x - Fraction(shape.x)) ** 2 + (y - Fraction(shape.y)) ** 2
        return distance <= Fraction(shape.radius) ** 2
    points = [(Fraction(a), Fraction(b)) for a, b in shape.points]
    if isinstance(shape, Stroke):
        reach = (Fraction(shape.width) / 2) ** 2
        ends = list(zip(points, points[1:] or points, strict=False))
        return any(squared_distance(x, y, *start, *end) <= reach for start, end in ends)
    inside = False
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
        if (y1 <= y) != (y2 <= y) and x >= x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def squared_distance(x, y, x1, y1, x2, y2):
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length if length else Fraction(0)
    along = min(max(along, Fraction(0)), Fraction(1))
    return (x - x1 - along * (x2 - x1)) ** 2 + (y - y1 - along * (y2 - y1)) ** 2


def slow_mask(shape, height, width):
    half = Fraction(1, 2)
    rows = [
        [centre_lies_in(shape, c + half, r + half) for c in range(width)] for r in range(height)
    ]
    return np.array(rows)


def random_shape(kind, rng):
    """Corners on quarters of a pixel, so that edges often run through centres; some far outside."""

    def number(low, high):
        return int(rng.integers(4 * low, 4 * high)) / 4

    def points(count):
        return tuple((number(-6, 24), number(-6, 30)) for _ in range(count))

    return {
        "rectangle": lambda: Rectangle(
            number(-8, 20), number(-8, 25), number(0, 15) + 0.25, number(0, 15) + 0.25
        ),
        "circle": lambda: Circle(number(-4, 20), number(-4, 26), number(0, 9) + 0.25),
        "polygon": lambda: Polygon(points(int(rng.integers(3, 9)))),
        "stroke": lambda: Stroke(points(int(rng.integers(1, 6))), number(0, 8) + 0.25),
    }[kind]()


@pytest.mark.parametrize("kind", ["rectangle", "circle", "polygon", "stroke"])
def test_masks_equal_the_rule(kind):
    rng = np.random.default_rng(3)
    hidden = 0
    for _ in range(60):
        try:
            shape = random_shape(kind, rng)
        except ValueError:  # a polygon whose corners fell together
            continue
        expected = slow_mask(shape, *SIZE)
        np.testing.assert_array_equal(rasterise([shape], *SIZE), expected, err_msg=str(shape))
        hidden += expected.sum()
    assert hidden > 60


def test_several_shapes_hide_their_union():
    rng = np.random.default_rng(5)
    shapes = [random_shape(kind, rng) for kind in ("rectangle", "circle", "stroke")]
    alone = [rasterise([shape], *SIZE) for shape in shapes]
    np.testing.assert_array_equal(rasterise(shapes, *SIZE), np.any(alone, axis=0))


def test_polygons_that_share_an_edge_share_no_pixel():
    left = Polygon(((0, 0), (9.5, 0.5), (7.25, 22), (0, 23)))
    right = Polygon(((9.5, 0.5), (17, 0), (17, 23), (7.25, 22)))
    masks = [rasterise([shape], *SIZE) for shape in (left, right)]
    assert not (masks[0] & masks[1]).any()


def test_pillow_follows_another_rule():
    """Why the masks are not drawn with Pillow: it moves an edge by a pixel."""
    image = Image.new("1", SIZE[::-1])
    ImageDraw.Draw(image).polygon([(2, 2), (12, 2), (12, 12), (2, 12)], fill=1)
    square = Polygon(((2, 2), (12, 2), (12, 12), (2, 12)))
    assert np.asarray(image).sum() > rasterise([square], *SIZE).sum() == 100


@pytest.mark.parametrize(
    ("picture", "bound"), [((64, 32), 0), ((200, 90), 1), ((256, 128), 1), ((21, 40), 1)]
)
def test_windows_equal_hiding_before_resizing(picture, bound):
    rng = np.random.default_rng(0)
    pixels, fill = rng.integers(0, 256, (2, *picture, 3), dtype=np.uint8)
    boxes = []
    for side in picture:
        low = rng.integers(0, side, 40)
        boxes += [low, np.minimum(side, low + rng.integers(1, side, 40))]
    boxes = np.stack(boxes, axis=1)
    variants = Windows(pixels, fill, (64, 32)).hide(boxes)
    worst = 0
    for variant, (top, bottom, left, right) in zip(variants, boxes, strict=True):
        hidden = pixels.copy()
        hidden[top:bottom, left:right] = fill[top:bottom, left:right]
        expected = to_pixels(Image.fromarray(hidden), (64, 32)).permute(1, 2, 0).numpy()
        worst = max(worst, np.abs(variant.astype(int) - expected).max())
    assert worst <= bound
    assert variants.dtype == np.uint8 and torch.from_numpy(variants).shape == (40, 64, 32, 3)


def test_covered_shares_equal_pooled_masks():
    rng = np.random.default_rng(1)
    height, width = 37, 21
    rows = np.sort(rng.integers(0, height + 1, (30, 2)), axis=1)
    columns = np.sort(rng.integers(0, width + 1, (30, 2)), axis=1)
    boxes = np.concatenate([rows, columns], axis=1)
    masks = np.zeros((30, height, width), dtype=bool)
    for mask, (top, bottom, left, right) in zip(masks, boxes, strict=True):
        mask[top:bottom, left:right] = True
    shares = covered_shares(boxes, (width, height), 16, 8)
    np.testing.assert_allclose(shares, pool_area(masks, 16, 8), atol=1e-6)
