"""Questions that nobody would ask: every method, with anything that a body can hold anywhere."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from hypothesis import strategies as some
from PIL import Image
from safetensors.numpy import save

from aonet_core.engine import METHODS, MOTIONS, TARGETS
from aonet_core.engine.http.rpc_methods import methods
from aonet_core.engine.wire import TAG, TREE, _Packer

GALLERY = "made-up"
"""A gallery that the requests may build, change and delete."""


class Record:
    """A record by its type's name, with whatever its fields are said to be."""

    def __init__(self, kind, fields):
        self.kind, self.fields = kind, fields

    def __repr__(self):
        return f"{self.kind}({self.fields!r})"


class Packer(_Packer):
    """Writes what a real one would refuse to."""

    def tree(self, value):
        if isinstance(value, Record):
            return {TAG: value.kind, "of": self._named(value.fields)}
        if isinstance(value, Image.Image):
            return {TAG: "picture", "of": self._tensor(np.asarray(value)), "mode": value.mode}
        return super().tree(value)


def packed(value):
    """A body, of values that no client would send."""
    packer = Packer()
    text = json.dumps(packer.tree(value)).encode()
    return save({TREE: np.frombuffer(text, np.uint8), **packer.tensors})


def picture(size, mode="RGB", seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 4), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


pictures = some.builds(
    picture,
    some.sampled_from([(20, 40), (40, 80), (32, 64), (1, 1), (1, 900), (8192, 1), (9000, 1)]),
    some.sampled_from(["RGB", "L", "RGBA", "LA"]),
    some.integers(0, 9),
)
numbers = some.one_of(
    some.integers(-3, 9),
    some.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63), 10**25, 10**300]),
    some.floats(),
    some.booleans(),
)
texts = some.one_of(
    some.text(max_size=8),
    some.sampled_from(
        ["", "sample", GALLERY, "\x00", "\ud800", "../up", "/etc/passwd", "a" * 5000, "<b>", "=1"]
    ),
)
arrays = some.builds(
    lambda shape, kind, value: np.full(shape, value).astype(kind),
    some.sampled_from([(), (0,), (3,), (1, 6), (1, 6, 512), (1, 6, 3), (2, 6, 512), (0, 6, 512)]),
    some.sampled_from(["f4", "f8", "f2", "i8", "u1", "bool"]),
    some.sampled_from([0.0, 1.0, 100.0]),
)
plain = some.one_of(
    some.none(), numbers, texts, texts.map(Path), some.binary(max_size=8), arrays, pictures
)
junk = some.recursive(
    plain,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text(max_size=4), inner, max_size=3)
        | some.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=5,
)


def record(of, /, **fields):
    """A record whose fields are mostly as they should be."""
    whole = some.fixed_dictionaries({}, optional=fields)
    return mostly(whole, whole.flatmap(spoilt), odd(fields)).map(lambda given: Record(of, given))


def mostly(*ways):
    """The first three times as often as all others together."""
    return some.integers(0, 3).flatmap(lambda n: ways[0] if n else some.one_of(*ways[1:]))


def spoilt(given):
    """The same with one value that is anything."""
    if not given:
        return some.just(given)
    return some.tuples(some.sampled_from([*given]), junk).map(lambda one: given | dict([one]))


def odd(names):
    """Anything by some of these names, and others."""
    return some.dictionaries(some.sampled_from([*names, "other"]), junk, max_size=3)


landmarks = some.lists(some.integers(-1, 7), max_size=3)
names = some.sampled_from(["a.png", "a.png", "b.png", "0001_c1.png", "nobody.jpg", "x" * 300])
small = some.integers(-1, 40)
fills = record("Fill", kind=some.sampled_from(["black", "blur", "picture"]), source=names)
embeddings = record(
    "Embedded",
    features=some.sampled_from([np.ones((1, 6, 512), "f4"), np.ones((2, 6, 512), "f4")]),
    awareness=some.sampled_from([np.ones((1, 6), "f4"), np.ones((2, 6), "f4")]),
)
options = record(
    "MatchOptions",
    form=some.sampled_from([None, "eq8", "unweighted", "none"]),
    without=landmarks,
    only=landmarks,
    features=some.sampled_from(["retrieval", "sl"]),
    rerank=some.booleans(),
)
uploads = record(
    "Queries",
    images=some.lists(pictures, max_size=2),
    pids=some.lists(some.integers(0, 3), max_size=2),
    camids=some.lists(some.integers(0, 3), max_size=2),
    names=some.lists(names, max_size=2),
)
maps = record(
    "ProjectionSpec",
    kind=some.just("images"),
    neighbours=some.just(5),
    dimensions=some.sampled_from([2, 7]),
)
sweeps = record(
    "SweepSpec",
    motion=some.sampled_from([*MOTIONS]),
    size=some.integers(1, 30),
    step=some.integers(4, 20),
    across=some.none() | some.tuples(small, small),
    fill=fills,
    seed=small,
)
targets = record(
    "Target",
    kind=some.sampled_from([*TARGETS]),
    landmark=some.none() | some.integers(-1, 7),
    match=names,
    gallery=some.sampled_from([GALLERY, "sample"]),
)


def png(seed):
    file = io.BytesIO()
    picture((20, 40), seed=seed).save(file, "PNG")
    return file.getvalue()


files = some.lists(
    some.tuples(names | texts, some.sampled_from([png(1), png(2), b"no picture", b""])), max_size=3
)
RIGHT = {
    "image": pictures | embeddings,
    "images": some.lists(pictures, max_size=3),
    "other": some.none() | pictures | embeddings,
    "a": some.lists(pictures, max_size=2) | embeddings,
    "b": some.lists(pictures, max_size=2) | embeddings,
    "gallery": some.sampled_from([GALLERY, GALLERY, "sample", "nowhere"]),
    "name": some.sampled_from([GALLERY, GALLERY, "a.png", "nowhere"]) | names,
    "names": some.lists(names, max_size=3),
    "skip": some.lists(names, max_size=2),
    "right": some.lists(names, max_size=2),
    "match": names,
    "source": files | some.binary(max_size=30) | texts,
    "dataset": some.sampled_from(["auto", "market1501", "none"]),
    "data": some.sampled_from([png(3), png(4), b""]),
    "queries": uploads | texts | some.none(),
    "options": options | some.none(),
    "pictures": some.none() | some.dictionaries(names, pictures, max_size=2) | files,
    "fill": fills | some.none(),
    "target": targets,
    "method": some.sampled_from([*METHODS, "none"]),
    "form": some.sampled_from([None, "eq8", "none"]),
    "without": landmarks,
    "cameras": landmarks,
    "lowest": some.none() | some.floats(),
    "maps": some.booleans(),
    "progress": junk,
}
"""What arguments of a name should be like."""
SPECS = {"sweep": sweeps, "project": maps, "projection_ready": maps, "place": maps}
MEMORIES = [np.ones((6, 512), "f4"), np.zeros((6, 512), "f4"), np.ones((6, 512), "f8")]
OWN = record(
    "Adaptation",
    parent=texts,
    arrays=some.dictionaries(
        some.sampled_from(["memory.vectors", "memory.vectors", "backbone.0.weight", "x"]),
        some.sampled_from(MEMORIES) | arrays,
        max_size=2,
    ),
    card=some.dictionaries(texts, texts, max_size=2),
)
"""A network that a request may bring."""
WHOLE = some.integers(-1, 20)
MOSTLY_ASKED = [name for name in methods() if name not in ("costs", "atlas", "counterfactual")]


def arguments(name):
    """What a method may be asked with: mostly right, in part missing, wrong or unknown."""
    parameters = methods()[name].signature.parameters
    needed, more = {}, {}
    for each, parameter in parameters.items():
        right = SPECS.get(name) if each == "spec" else RIGHT.get(each, WHOLE)
        (needed if parameter.default is parameter.empty else more)[each] = right
    whole = some.fixed_dictionaries(needed, optional=more | {"adaptation": OWN | junk})
    return mostly(whole, whole.flatmap(spoilt), odd(parameters), junk)


requests = some.sampled_from([*methods(), *MOSTLY_ASKED]).flatmap(
    lambda name: some.tuples(some.just(name), arguments(name))
)
"""A method's name and what comes with it."""
