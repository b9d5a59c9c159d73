"""Any value of an engine comes back from its body; any other bytes are refused."""

import json
import math
import string
from dataclasses import is_dataclass
from pathlib import PurePosixPath

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save

from aonet_core.engine import Embedded, Fill, MatchOptions, SweepSpec, Target
from aonet_core.engine.wire import TAG, WireError, known_types, pack, unpack

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers() | st.floats()
dtypes = st.sampled_from(["?", "u1", "i4", "i8", "f2", "f4", "f8"])
tensors = dtypes.flatmap(
    lambda kind: arrays(kind, st.lists(st.integers(0, 3), max_size=3).map(tuple))
)
records = st.one_of(
    st.builds(Fill, st.sampled_from(["black", "mean", "noise"])),
    st.builds(MatchOptions, st.none() | st.just("eq8"), st.lists(st.integers(0, 9)).map(tuple)),
    st.builds(SweepSpec, size=st.integers(1, 99), step=st.integers(1, 9)),
    st.builds(Target, st.just("awareness"), st.integers(0, 5)),
    st.builds(Embedded, tensors, tensors),
)
plain = st.none() | st.booleans() | numbers | texts | st.binary(max_size=9)
values = st.recursive(
    plain | tensors | records,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(texts, inner, max_size=4),
        st.dictionaries(st.integers() | st.tuples(texts, st.booleans()), inner, max_size=3),
    ),
    max_leaves=10,
)


def same(found, sent):
    """Equal in kind and content; NaN equals itself."""
    assert type(found) is type(sent)
    if is_dataclass(sent) or hasattr(sent, "_fields"):
        names = getattr(sent, "_fields", None) or vars(sent)
        for name in names:
            same(getattr(found, name), getattr(sent, name))
    elif isinstance(sent, np.ndarray):
        assert (found.dtype, found.shape) == (sent.dtype, sent.shape)
        np.testing.assert_array_equal(found, sent)
    elif isinstance(sent, dict):
        assert list(found) == list(sent)
        same(list(found.values()), list(sent.values()))
    elif isinstance(sent, list | tuple):
        assert len(found) == len(sent)
        for each in zip(found, sent, strict=True):
            same(*each)
    else:
        assert found == sent or (isinstance(sent, float) and math.isnan(found) and math.isnan(sent))


@given(values)
def test_values_come_back(value):
    same(unpack(pack(value)), value)


def read(body):
    """A value, or a refusal in one sentence; nothing else is ever raised."""
    try:
        unpack(body)
    except WireError as error:
        assert str(error) and "\n" not in str(error)


@given(values, st.data())
def test_mutated_bodies_are_refused_or_are_another_value(value, data):
    body = bytearray(pack(value))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    read(bytes(body))
    read(bytes(body[: data.draw(st.integers(0, len(body)))]))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(body):
    read(body)


tags = st.sampled_from(
    ["float", "path", "texts", "array", "bytes", "picture", "tuple", "dict", "?", *known_types()]
)
trees = st.recursive(
    st.none() | st.booleans() | numbers | texts | st.sampled_from(["0", "1"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(string.ascii_lowercase[:4]), inner, max_size=3),
        st.fixed_dictionaries(
            {TAG: tags | inner}, optional={"of": inner, "shape": inner, "mode": inner}
        ),
    ),
    max_leaves=12,
)


@given(trees, st.lists(tensors, max_size=2))
def test_any_tree_is_a_value_or_is_refused(tree, given_tensors):
    text = np.frombuffer(json.dumps(tree).encode(), np.uint8)
    named = {str(number): np.ascontiguousarray(each) for number, each in enumerate(given_tensors)}
    read(save({"tree": text, **named}))


@given(texts.filter(lambda text: "\0" not in text))
def test_paths_come_back(text):
    from pathlib import Path

    path = Path(PurePosixPath("/") / text)
    assert unpack(pack(path)) == path
