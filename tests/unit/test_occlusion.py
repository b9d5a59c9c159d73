"""Hiding parts of a picture: fillings, stamps, crops, links, sweeps, and what is refused."""

import base64
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from aonet_core.occlusion import (
    FILLS,
    MOTIONS,
    Circle,
    Crop,
    Edit,
    EditError,
    Fill,
    Polygon,
    Rectangle,
    Stamp,
    Stroke,
    SweepSpec,
    apply_edit,
    edit_from_json,
    edit_from_token,
    edit_to_json,
    edit_to_token,
    fill_pixels,
    rasterise,
    shipped_occluders,
    shipped_picture,
    sources,
)

SIZE = (40, 64)


@pytest.fixture
def photo():
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (*SIZE[::-1], 3), dtype=np.uint8))


def cutout(size=(10, 20), alpha=255):
    """Red, its left half transparent."""
    image = Image.new("RGBA", size, (255, 0, 0, alpha))
    image.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    return image


EVERYTHING = Edit(
    shapes=(
        Rectangle(1.25, 2, 10, 12.5),
        Circle(20, 30.125, 6),
        Polygon(((3, 40), (30, 42.5), (12, 60))),
        Stroke(((5, 5), (30, 9), (35, 50.375)), 3.5),
        Stamp("occluder:bush-1", 8, 12, 30, 50, True),
        Stamp("upload:äß", -4, 0, 20, 20),
    ),
    fill=Fill("picture", "query/0001.jpg"),
    seed=77,
    crop=Crop(2, 3, 36, 60),
)


def test_hidden_pixels_are_filled_and_no_others(photo):
    shapes = (Rectangle(3, 4, 10, 20), Circle(25, 40, 8))
    edited = apply_edit(photo, Edit(shapes))
    mask = rasterise(shapes, *SIZE[::-1])
    np.testing.assert_array_equal(edited.mask, mask)
    before, after = np.asarray(photo), np.asarray(edited.image)
    np.testing.assert_array_equal(after[~mask], before[~mask])
    assert (after[mask] == 0).all() and edited.notes == ()
    assert edited.hidden == mask.sum() / mask.size


@pytest.mark.parametrize("kind", FILLS)
def test_fills_repeat_by_seed_and_keep_the_size(photo, kind):
    other = {"b": Image.new("RGBA", (7, 9), (1, 2, 3, 255))}
    fill = Fill(kind, "b" if kind == "picture" else "")
    first, again, reseeded = (fill_pixels(photo, fill, seed, other) for seed in (1, 1, 2))
    assert first.shape == (64, 40, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != reseeded).any() == (kind in ("noise", "texture"))


def test_fills_are_what_they_say(photo):
    pixels = np.asarray(photo)
    mean = fill_pixels(photo, Fill("mean"))
    np.testing.assert_allclose(mean[0, 0], pixels.mean(axis=(0, 1)), atol=0.5)
    assert (mean == mean[0, 0]).all()
    assert fill_pixels(photo, Fill("blur")).std() < 0.2 * pixels.std()
    assert fill_pixels(photo, Fill("texture")).std() > 10
    donor = {"b": Image.new("RGB", (5, 5), (9, 8, 7))}
    assert (fill_pixels(photo, Fill("picture", "b"), pictures=donor) == (9, 8, 7)).all()


def test_stamp_hides_where_it_is_opaque(photo):
    edited = apply_edit(photo, Edit((Stamp("c", 10, 20, 10, 20),)), {"c": cutout()})
    expected = np.zeros(SIZE[::-1], dtype=bool)
    expected[20:40, 15:20] = True
    np.testing.assert_array_equal(edited.mask, expected)
    assert (np.asarray(edited.image)[expected] == (255, 0, 0)).all()
    flipped = apply_edit(photo, Edit((Stamp("c", 10, 20, 10, 20, True),)), {"c": cutout()})
    np.testing.assert_array_equal(flipped.mask[:, 10:20], expected[:, 19:9:-1])


def test_translucent_stamp_is_blended_and_hides_from_half_on(photo):
    for alpha, hides in ((127, False), (128, True)):
        image = cutout(alpha=alpha)
        if not hides:
            image.putpixel((9, 0), (255, 0, 0, 255))
        edited = apply_edit(photo, Edit((Stamp("c", 0, 0, 10, 20),)), {"c": image})
        assert edited.mask[5, 7] == hides
        expected = np.asarray(photo, dtype=float)[5, 7]
        expected += (np.array([255, 0, 0]) - expected) * alpha / 255
        np.testing.assert_allclose(np.asarray(edited.image)[5, 7], expected, atol=1)


def test_stamp_beyond_the_edge_equals_the_cut_whole(photo):
    """However large its box, a stamp is resampled only where it is seen."""
    stamp = Stamp("c", -15, -20, 60, 90)
    whole = cutout((31, 47)).resize((60, 90), Image.Resampling.BILINEAR)
    seen = np.asarray(whole)[20:84, 15:55]
    edited = apply_edit(photo, Edit((stamp,)), {"c": cutout((31, 47))})
    np.testing.assert_array_equal(edited.mask, seen[:, :, 3] >= 128)
    huge = apply_edit(photo, Edit((Stamp("c", -15000, -15000, 30000, 30000),)), {"c": cutout()})
    assert huge.mask.all()  # its middle is at the left edge


def test_crop_hides_what_it_cuts_away(photo):
    edited = apply_edit(photo, Edit((Rectangle(0, 0, 10, 10),), crop=Crop(5, 8, 20, 30)))
    assert edited.image.size == (20, 30)
    assert (~edited.mask).sum() == 20 * 30 - 5 * 2
    beyond = apply_edit(photo, Edit(crop=Crop(-10, 30, 500, 500)))
    assert beyond.image.size == (40, 34)
    with pytest.raises(EditError, match="at least 8 x 8 of the 40 x 64 pixels, got 0 x 10"):
        apply_edit(photo, Edit(crop=Crop(40, 0, 10, 10)))


def test_order_of_drawing_counts(photo):
    stamp, cover = Stamp("c", 10, 20, 10, 20), Rectangle(10, 20, 10, 20)
    under = apply_edit(photo, Edit((stamp, cover)), {"c": cutout()})
    over = apply_edit(photo, Edit((cover, stamp)), {"c": cutout()})
    assert (np.asarray(under.image)[20:40, 10:20] == 0).all()
    assert (np.asarray(over.image)[20:40, 15:20] == (255, 0, 0)).all()


def test_notes_tell_what_hides_nothing_and_what_hides_all(photo):
    nothing = apply_edit(photo, Edit((Rectangle(2, 2, 5, 5), Circle(500, 3, 8))))
    assert len(nothing.notes) == 1
    assert nothing.notes[0].startswith("Shape 2, a circle, hides nothing")
    everything = apply_edit(photo, Edit((Rectangle(-5, -5, 500, 500),)))
    assert everything.hidden == 1 and "whole picture is hidden" in everything.notes[0]
    assert apply_edit(photo, Edit()).notes == () and not apply_edit(photo, Edit()).mask.any()


def test_tiny_picture():
    image = Image.new("L", (1, 1), 200)
    for kind in ("black", "mean", "noise", "blur", "texture"):
        edited = apply_edit(image, Edit((Circle(0.5, 0.5, 1),), Fill(kind)))
        assert edited.mask.all() and edited.image.size == (1, 1)


@pytest.mark.parametrize("edit", [EVERYTHING, Edit(), Edit((Circle(1, 2, 3),), Fill("noise"))])
def test_edits_survive_json_and_links(edit):
    assert edit_from_json(edit_to_json(edit)) == edit
    assert edit_from_token(edit_to_token(edit)) == edit
    assert edit_to_token(edit).isascii() and "=" not in edit_to_token(edit)


def test_links_are_compact():
    rng = np.random.default_rng(1)
    path = np.cumsum(rng.integers(-3, 4, (300, 2)), axis=0) + 100
    strokes = tuple(Stroke(tuple(map(tuple, path + 5 * n)), 12) for n in range(2))
    assert len(edit_to_token(Edit(strokes))) < 1200
    assert len(edit_to_token(Edit((Rectangle(1, 2, 3, 4),)))) < 80


def test_coordinates_are_kept_to_an_eighth():
    assert Rectangle(0.06, 0.07, 1 / 3, 0.001) == Rectangle(0, 0.125, 0.375, 0.125)
    assert Stroke(((1, 1), (1.01, 1.02), (2, 2)), 3).points == ((1, 1), (2, 2))


BAD_SHAPES = {
    "x of a rectangle must be a finite number, got nan": lambda: Rectangle(np.nan, 0, 1, 1),
    "y of a circle must be a finite number, got inf": lambda: Circle(0, np.inf, 1),
    "must be a number, got 'a'": lambda: Rectangle("a", 0, 1, 1),
    "width of a rectangle must be more than 0, got 0": lambda: Rectangle(0, 0, 0, 1),
    "radius of a circle must be more than 0, got -2": lambda: Circle(0, 0, -2),
    "at least 3 corners, got 2": lambda: Polygon(((0, 0), (1, 1))),
    "at least 1 point, got none": lambda: Stroke((), 2),
    "a point of a stroke must be a finite number": lambda: Stroke(((0, np.nan),), 2),
    "must be pairs": lambda: Polygon((1, 2, 3)),
    "must lie within 32768 pixels": lambda: Circle(1e9, 0, 1),
    "at most 100 shapes, got 101": lambda: Edit((Circle(0, 0, 1),) * 101),
    "at most 8000 points": lambda: Edit(
        (Stroke(tuple((i % 100, i // 100) for i in range(8001)), 1),)
    ),
    "A seed must be a whole number": lambda: Edit(seed=-1),
    "A fill must be one of black": lambda: Fill("gold"),
    "must have 1 to 200 characters": lambda: Fill("picture"),
    "Only a picture has a source": lambda: Fill("black", "a"),
}


@pytest.mark.parametrize("message", BAD_SHAPES)
def test_bad_shapes_are_refused_in_a_sentence(message):
    with pytest.raises(EditError, match=message):
        BAD_SHAPES[message]()


def test_forty_shapes_are_welcome(photo):
    shapes = tuple(Circle(n, n, 1) for n in range(40))
    assert apply_edit(photo, Edit(shapes)).mask.any()


def test_missing_pictures_and_cutouts_without_alpha_are_explained(photo):
    with pytest.raises(EditError, match="The picture gone is not here"):
        apply_edit(photo, Edit((Rectangle(0, 0, 5, 5),), Fill("picture", "gone")))
    stamp = Edit((Stamp("c", 0, 0, 9, 9),))
    with pytest.raises(EditError, match="The picture c is not here"):
        apply_edit(photo, stamp)
    with pytest.raises(EditError, match="c has no transparency"):
        apply_edit(photo, stamp, {"c": photo})
    with pytest.raises(EditError, match="c is opaque everywhere"):
        apply_edit(photo, stamp, {"c": Image.new("RGBA", (4, 4), "red")})
    with pytest.raises(EditError, match="c is transparent everywhere"):
        apply_edit(photo, stamp, {"c": Image.new("RGBA", (4, 4), (9, 9, 9, 10))})
    with pytest.raises(EditError, match="There is no occluder tank: expected car-1, "):
        apply_edit(photo, Edit((Stamp("occluder:tank", 0, 0, 9, 9),)))


def packed(content):
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(content).encode())).decode()


GOOD = {"v": 1, "s": [], "f": ["black"], "n": 0}
BAD_LINKS = {
    "nonsense": ("%%%", "damaged"),
    "no deflate": (base64.urlsafe_b64encode(b"hello").decode(), "damaged"),
    "cut short": (edit_to_token(EVERYTHING)[:-9], "damaged"),
    "empty": ("", "damaged"),
    "not ASCII": ("ä", "damaged"),
    "no edit": (packed([1, 2]), "no edit"),
    "newer": (packed(GOOD | {"v": 2}), "of version 2, expected 1"),
    "unknown shape": (packed(GOOD | {"s": [["z", 1]]}), "damaged"),
    "short shape": (packed(GOOD | {"s": [["r", 1, 2]]}), "damaged"),
    "float": (packed(GOOD | {"s": [["c", 1.5, 2, 3]]}), "damaged"),
    "huge": (packed(GOOD | {"s": [["c", 10**400, 2, 3]]}), "damaged"),
    "odd points": (packed(GOOD | {"s": [["p", 1, 2, 3]]}), "damaged"),
    "negative": (packed(GOOD | {"s": [["c", 1, 2, -3]]}), "must be more than 0"),
    "crop": (packed(GOOD | {"c": [1]}), "damaged"),
    "seed": (packed(GOOD | {"n": "x"}), "A seed must be"),
    "bomb": (packed(GOOD | {"s": [["c", 1, 2, 3]] * 60000}), "at most 200000 characters"),
    "long": ("A" * 8001, "at most 8000 characters, got 8001"),
}


@pytest.mark.parametrize("name", BAD_LINKS)
def test_bad_links_are_refused_in_a_sentence(name):
    token, message = BAD_LINKS[name]
    with pytest.raises(EditError, match=message):
        edit_from_token(token)


def test_edit_too_long_for_a_link_is_refused():
    rng = np.random.default_rng(2)
    points = tuple(map(tuple, rng.uniform(0, 2000, (8000, 2))))
    with pytest.raises(EditError, match="too long for a link"):
        edit_to_token(Edit((Stroke(points, 3),)))


def test_sources_name_what_an_edit_needs():
    assert list(sources(EVERYTHING)) == ["query/0001.jpg", "upload:äß"]


def test_all_nine_occluders_are_shipped_twice():
    occluders = shipped_occluders()
    kinds = [occluder.kind for occluder in occluders.values()]
    assert len(set(kinds)) == 9 and all(kinds.count(kind) == 2 for kind in kinds)
    for source, occluder in occluders.items():
        image = shipped_picture(source)
        assert image.mode == "RGBA" and occluder.width > 0
        opaque = np.asarray(image)[:, :, 3] >= 128
        assert 0.05 < opaque.mean() < 1
        # As small as holds it.
        assert image.getchannel("A").getbbox() == (0, 0, *image.size)


def test_changed_occluder_is_refused(tmp_path, monkeypatch):
    from aonet_core.occlusion import shipped

    (tmp_path / "a.png").write_bytes(b"other")
    entries = {"a": {"kind": "car", "metres": [1, 1], "sha256": "0" * 64}}
    (tmp_path / "occluders.json").write_text(json.dumps(entries))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    for cached in (shipped.shipped_occluders, shipped.shipped_picture):
        cached.cache_clear()
        monkeypatch.setattr(shipped, cached.__name__, cached.__wrapped__)
    with pytest.raises(EditError, match="not the file that was shipped"):
        shipped.shipped_picture("occluder:a")


@pytest.mark.parametrize("motion", MOTIONS)
def test_sweeps_reach_from_edge_to_edge(motion):
    boxes = SweepSpec(motion, size=15, step=7).boxes(SIZE)
    top, bottom, left, right = boxes.T
    assert (top < bottom).all() and (left < right).all()
    assert top.min() >= 0 and left.min() >= 0 and bottom.max() == 64 and right.max() == 40
    if motion.startswith("grow"):
        area = (bottom - top) * (right - left)
        assert (np.diff(area) > 0).all() and area[-1] == 64 * 40
    else:
        extent = bottom - top if motion == "down" else right - left
        assert (extent == 15).all()
        start, end = (top, bottom) if motion == "down" else (left, right)
        assert start[0] == 0 and end[-1] == (64 if motion == "down" else 40)


def test_sweep_positions_and_windows():
    spec = SweepSpec("down", size=10, step=20, across=(5, 15))
    boxes = spec.boxes(SIZE)
    np.testing.assert_array_equal(
        boxes, [[0, 10, 5, 15], [20, 30, 5, 15], [40, 50, 5, 15], [54, 64, 5, 15]]
    )
    np.testing.assert_array_equal(spec.positions(boxes), [5, 25, 45, 59])
    grown = SweepSpec("grow_left", step=16)
    boxes = grown.boxes(SIZE)
    np.testing.assert_array_equal(boxes, [[0, 64, 24, 40], [0, 64, 8, 40], [0, 64, 0, 40]])
    np.testing.assert_array_equal(grown.positions(boxes), [16, 32, 40])


def test_sweep_frame_hides_its_box(photo):
    spec = SweepSpec("right", size=10, step=10)
    frame = np.asarray(spec.frame(photo, spec.boxes(SIZE)[1]))
    expected = np.array(photo)
    expected[:, 10:20] = 0
    np.testing.assert_array_equal(frame, expected)


def test_bad_sweeps_are_refused_in_a_sentence():
    for spec, message in (
        ({"motion": "up"}, "A motion must be one of down"),
        ({"step": 0}, "step must be a whole number of pixels from 1 on, got 0"),
        ({"size": 65}, "no larger than the picture's 64 pixels, got 65"),
        ({"across": (40, 50)}, "must lie within 0 and 40"),
    ):
        with pytest.raises(EditError, match=message):
            SweepSpec(**spec).boxes(SIZE)
    with pytest.raises(EditError, match="at most 512 positions, got 969"):
        SweepSpec(step=1).boxes((100, 1000))
