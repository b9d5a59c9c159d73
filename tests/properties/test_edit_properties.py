"""Any edit comes back from its JSON and its link; any other text is refused."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from aonet_core.occlusion import (
    FILLS,
    Circle,
    Crop,
    Edit,
    EditError,
    Fill,
    Polygon,
    Rectangle,
    Stamp,
    Stroke,
    edit_from_json,
    edit_from_token,
    edit_to_json,
    edit_to_token,
    rasterise,
)

places = st.floats(-32000, 32000)
extents = st.floats(0, 30000, exclude_min=True)
points = st.lists(st.tuples(places, places), min_size=1, max_size=6).map(tuple)
sources = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@st.composite
def polygons(draw):
    try:
        return Polygon(draw(points))
    except EditError:  # fewer than three corners are left once they are rounded
        assume(False)


shapes = st.one_of(
    st.builds(Rectangle, places, places, extents, extents),
    st.builds(Circle, places, places, extents),
    polygons(),
    st.builds(Stroke, points, extents),
    st.builds(Stamp, sources, places, places, extents, extents, st.booleans()),
)
fills = st.one_of(
    st.sampled_from([Fill(kind) for kind in FILLS if kind != "picture"]),
    st.builds(Fill, st.just("picture"), sources),
)
edits = st.builds(
    Edit,
    st.lists(shapes, max_size=6).map(tuple),
    fills,
    st.integers(0, 2**32 - 1),
    st.none() | st.builds(Crop, places, places, extents, extents),
)


@given(edits)
def test_edits_come_back_from_json_and_links(edit):
    assert edit_from_json(edit_to_json(edit)) == edit
    token = edit_to_token(edit)
    assert edit_from_token(token) == edit
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.lists(shapes.filter(lambda shape: not isinstance(shape, Stamp)), max_size=4))
def test_a_shape_that_went_through_a_link_hides_the_same_pixels(drawn):
    again = edit_from_token(edit_to_token(Edit(tuple(drawn)))).shapes
    np.testing.assert_array_equal(rasterise(again, 40, 24), rasterise(tuple(drawn), 40, 24))


def read(parse, text):
    """An edit, or a refusal in one sentence; nothing else is ever raised."""
    try:
        assert isinstance(parse(text), Edit)
    except EditError as error:
        assert str(error) and "\n" not in str(error)


@given(edits, st.data())
def test_damaged_links_are_refused_or_are_another_edit(edit, data):
    token = list(edit_to_token(edit))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(token) - 1))
        token[place] = data.draw(st.characters())
    read(edit_from_token, "".join(token))


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {
            "v": st.just(1) | json_like,
            "s": st.lists(
                st.tuples(st.sampled_from("rcpsb"), st.integers(-9, 99), st.integers(-9, 99)).map(
                    list
                )
                | json_like,
                max_size=4,
            )
            | json_like,
            "f": st.just(["black"]) | json_like,
            "n": st.just(0) | json_like,
        },
        optional={"c": json_like},
    )
)
def test_whatever_else_a_file_holds_is_refused(content):
    import json

    read(edit_from_json, json.dumps(content))


@given(st.text())
def test_any_text_is_refused(text):
    read(edit_from_json, text)
    read(edit_from_token, text)
