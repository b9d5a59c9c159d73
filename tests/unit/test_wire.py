"""Bodies of the engine: what goes in comes out, and what is foreign is refused."""

import json
import pickle
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save

from aonet_core import engine as core
from aonet_core.engine import Embedded, Fill, SweepSpec, Target
from aonet_core.engine.http import frames
from aonet_core.engine.http.errors import KINDS, fault, raised
from aonet_core.engine.http.frames import PROGRESS, RESULT, frame
from aonet_core.engine.http.rpc_methods import methods
from aonet_core.engine.protocol import Engine
from aonet_core.engine.wire import TAG, WireError, known_types, pack, unpack

PLAIN = [
    None,
    True,
    -3,
    2**60,
    0.1,
    float("inf"),
    "ü\n",
    b"",
    b"\x00\xff",
    (1, (2,)),
    [],
    {"a": [1, None]},
    {3: "x", (1, 2): 4},
    {TAG: "none of ours"},
    Path("/a/b"),
    Target("rank", None, "a.jpg", skip=("x", "y")),
    SweepSpec(across=(1, 5), fill=Fill("picture", "other")),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_come_back(value):
    again = unpack(pack(value))
    assert again == value and type(again) is type(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3)[:, ::-1],
        np.zeros((0, 4), np.float16),
        np.array(7),
        np.array([True, False]),
        np.array([["a", "ü"], ["", "long"]]),
        np.array([], dtype=str),
        np.array([np.nan, -np.inf]),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_arrays_come_back(array):
    again = unpack(pack({"of": array}))["of"]
    assert again.shape == array.shape and again.dtype.kind == array.dtype.kind
    np.testing.assert_array_equal(again, array)


def test_numbers_of_numpy_become_plain_ones():
    assert unpack(pack([np.float32(0.5), np.int64(4), np.bool_(True)])) == [0.5, 4, True]


def test_embeddings_stay_what_they_are():
    again = unpack(pack(Embedded(np.ones((1, 2, 3)), np.zeros((1, 2)))))
    assert isinstance(again, Embedded) and again.features.shape == (1, 2, 3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_pictures_keep_what_an_engine_sees(mode):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    image = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
    again = unpack(pack([image]))[0]
    np.testing.assert_array_equal(again.convert("RGB"), image.convert("RGB"))
    assert ("A" in again.mode) == ("A" in mode)


def test_transparent_palettes_keep_their_alpha():
    image = Image.new("P", (4, 4), 1)
    image.info["transparency"] = 1
    assert unpack(pack(image)).getextrema()[3] == (0, 0)


def test_whatever_is_not_ours_is_not_sent():
    for foreign in (object(), np.array([object()]), {1, 2}, np.array(["2020"], "M8[D]")):
        with pytest.raises(TypeError, match="no place in a body"):
            pack([foreign])


def tampered(tree, **tensors):
    text = np.frombuffer(json.dumps(tree).encode(), np.uint8)
    return save({"tree": text, **tensors})


GOOD = pack({"a": np.arange(100.0)})
BAD = {
    "nothing": b"",
    "a pickle": pickle.dumps([1]),
    "text": b'{"a": 1}' * 10,
    "cut short": GOOD[:-5],
    "cut to its head": GOOD[:9],
    "too long": GOOD + b"x",
    "no tree": save({"a": np.arange(3)}),
    "no JSON": save({"tree": np.frombuffer(b"{]", np.uint8)}),
    "an unknown type": tampered({TAG: "Popen", "of": {"args": "ls"}}),
    "a method of a type": tampered({TAG: "__class__", "of": {}}),
    "a missing tensor": tampered({TAG: "array", "of": "4"}),
    "unknown fields": tampered({TAG: "Fill", "of": {"colour": "red"}}),
    "values that are refused": tampered({TAG: "Fill", "of": {"kind": "paint"}}),
    "fields without names": tampered({TAG: "Fill", "of": ["black"]}),
    "no content": tampered({TAG: "array"}),
    "deep": tampered(json.loads("[" * 200 + "]" * 200)),
    "a picture of floats": tampered({TAG: "picture", "of": "0", "mode": "RGB"}, **{
        "0": np.zeros((2, 2, 3))}),
    "a picture of another mode": tampered({TAG: "picture", "of": "0", "mode": "RGB"}, **{
        "0": np.zeros((2, 2), np.uint8)}),
    "a picture without pixels": tampered({TAG: "picture", "of": "0", "mode": "L"}, **{
        "0": np.zeros((0, 2), np.uint8)}),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_foreign_bodies_are_refused_in_a_sentence(what):
    with pytest.raises((WireError, core.EditError)) as caught:
        unpack(BAD[what])
    assert str(caught.value) and "\n" not in str(caught.value)


LATER = {"Image": Image, "np": np}
"""What the protocol imports for its hints alone."""


def mentioned(hint, seen):
    """All types of ours in a hint, and in the fields of those."""
    for each in get_args(hint):
        mentioned(each, seen)
    if (is_dataclass(hint) or hasattr(hint, "_fields")) and hint not in seen:
        seen.add(hint)
        for field in get_type_hints(hint, None, LATER).values():
            mentioned(field, seen)
    return seen


def test_whatever_an_engine_takes_and_gives_can_travel():
    found = set()
    for name in methods():
        for hint in get_type_hints(getattr(Engine, name), None, LATER).values():
            mentioned(hint, found)
    assert core.Evaluation in found and core.ScoreHistogram in found and core.Fill in found
    for kind in found:
        assert known_types().get(kind.__name__) is kind, f"export {kind} from the engine"


def test_methods_are_read_off_the_protocol():
    assert methods()["analyze"].batched and not methods()["analyze"].tells_progress
    assert methods()["sweep"].tells_progress and methods()["sweep"].repeatable
    assert not methods()["build_gallery"].repeatable and not methods()["delete_gallery"].repeatable
    paths = methods()["evaluate"].paths({"gallery": "/not/a/path", "queries": "/x"})
    assert paths == [Path("/x")]


@pytest.mark.parametrize("kind", KINDS)
def test_faults_come_back_as_what_they_were(kind):
    status, body = fault(kind("what was wrong"))
    error = raised(body, status)
    assert type(error) is kind and str(error) == "what was wrong" and 400 <= status < 600


def test_what_nobody_expected_keeps_its_words():
    status, body = fault(RuntimeError("/home/somebody/face.jpg"))
    assert status == 500 and "face" not in str(raised(body, status))
    assert isinstance(raised(b"<html>", 502), core.EngineAway)


def test_frames_come_back_from_pieces_of_any_size():
    sent = [(PROGRESS, b"1"), (RESULT, b"x" * 1000), (frames.WAIT, b"")]
    stream = b"".join(frame(*each) for each in sent)
    for size in (1, 7, 5000):
        pieces = [stream[n : n + size] for n in range(0, len(stream), size)]
        assert list(frames.frames(pieces, 1 << 20)) == sent
    with pytest.raises(WireError, match="ended within a frame"):
        list(frames.frames([stream[:-1]], 1 << 20))
    with pytest.raises(WireError, match="not that of an engine"):
        list(frames.frames([b"HTTP/1.1 200 OK"], 1 << 20))
    with pytest.raises(WireError):
        list(frames.frames([stream], 100))


def test_no_module_takes_the_place_of_a_public_name():
    import importlib
    import pkgutil
    import types

    for each in pkgutil.iter_modules(core.__path__):
        if not each.name.startswith("ray_"):  # these need Ray
            importlib.import_module(f"{core.__name__}.{each.name}")
    for name in core.__all__:
        assert not isinstance(getattr(core, name), types.ModuleType), name
