"""Cards, weights and adapted networks from anywhere: read, or refused in a sentence."""

import copy
import hashlib
import json
import struct

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from aonet_core.adaptation.carry import changed
from aonet_core.analysis.photographs.shift import familiar_of
from aonet_core.model import AONetConfig, load_checkpoint, read_card
from aonet_core.model.checkpoint import CHECKPOINT_FOLDER
from aonet_core.results import adaptation as results
from aonet_core.results.adaptation import Adaptation
from tests.hostile import NAMES

SHIPPED = json.loads((CHECKPOINT_FOLDER / "default.json").read_text())
numbers = st.one_of(
    st.integers(-2, 40), st.floats(), st.sampled_from([10**9, 10**30, -(10**30), 2**63, 1e308])
)
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
deep = st.integers(30, 3000).map(lambda levels: ("[" * levels, "]" * levels))


def places(value, path=()):
    """Paths of all that JSON holds."""
    yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


@st.composite
def spoilt(draw, content):
    """The same with some values that are anything, or gone."""
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from([path for path in places(content) if path]))
        holder = content
        for key in above:
            holder = holder[key]
        if draw(st.integers(0, 4)):
            holder[last] = draw(junk)
        else:
            del holder[last]
        if not content:
            break
    return content


def refused(act, *given_values, also=()):
    """What comes of it, or None after a refusal in one sentence; nothing else is ever raised."""
    try:
        return act(*given_values)
    except (ValueError, *also) as error:
        assert str(error) and "\n" not in str(error) and len(str(error)) < 20_000


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Writes a card beside weights and returns the path of these."""
    path = tmp_path_factory.mktemp("cards") / "net.safetensors"

    def write(text, weights=b""):
        path.write_bytes(weights)
        path.with_suffix(".json").write_text(text)
        return path

    return write


@given(spoilt(SHIPPED), st.data())
def test_any_card_is_read_or_refused(written, content, data):
    text = json.dumps(content)
    if data.draw(st.integers(0, 3)) == 0:
        place = data.draw(st.integers(0, len(text)))
        text = (
            text[:place] + "".join(data.draw(deep)) + text[place + data.draw(st.integers(0, 9)) :]
        )
    card = refused(read_card, written(text))
    if card is not None:
        assert json.loads(json.dumps(card, allow_nan=False)) == card
        refused(AONetConfig.from_dict, card["config"])
        refused(familiar_of, card)
        pages(card)


def pages(card):
    """What pages and commands make of a card that was read."""
    from aonet_core.engine import EngineInfo
    from app.shared import maps
    from app.views.model import checkpoint

    info = EngineInfo(
        "net", "0" * 64, "cpu", "float32", True, "aonet", "resnet18", 6, (256, 128), (16, 8),
        "eq8", card.get("metrics") or {}, card,
    )  # fmt: skip
    checkpoint._facts(info), checkpoint._measured(info)
    assert len(maps.landmark_names(info.metrics, 6)) == 6


@pytest.fixture(scope="module")
def tiny(tiny_model):
    """Weights of a small network, and its card but for their digest."""
    net = tiny_model("aonet_context", backbone="mobilenet_v2", landmark_head=2, landmark_context=2)
    return net, {"config": net.config.to_dict()}


def load(written, card, weights):
    card = card | {"sha256": hashlib.sha256(weights).hexdigest()}
    return refused(load_checkpoint, written(json.dumps(card), weights))


@given(st.data())
def test_any_configuration_is_loaded_or_refused_without_its_memory(written, tiny, data):
    net, card = tiny
    tensors = {"memory.vectors": net.memory.vectors}
    config = data.draw(spoilt(card["config"]))
    assert load(written, {"config": config}, save(tensors)) is None


KINDS = (torch.int64, torch.bool, torch.complex64, torch.uint8, torch.float8_e4m3fn)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(kind, 1.0) for kind in KINDS]
    + [(torch.float16, float("nan")), (torch.bfloat16, float("-inf"))],
)
def test_weights_are_of_their_kind_and_finite(written, tiny, kind, value):
    net, card = tiny
    state = {name: each.clone() for name, each in net.state_dict().items()}
    state["memory.vectors"] = torch.full_like(net.memory.vectors, value).to(kind)
    assert load(written, card, save(state)) is None


@given(st.data())
def test_any_header_of_weights_is_refused(written, tiny, data):
    net, card = tiny
    whole = save({"memory.vectors": net.memory.vectors})
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + length])
    text = json.dumps(data.draw(spoilt(header))).encode()
    sizes = st.just(len(text)) | st.integers(0, 2**64 - 1) | st.integers(0, 300)
    content = struct.pack("<Q", data.draw(sizes)) + text + whole[8 + length :]
    content = content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))]
    assert load(written, card, content) is None
    assert refused(Adaptation.from_bytes, content) is None


ROW = dict.fromkeys(results.NUMBERS, 0.5) | {"average_logit_interval": [0.1, 0.2]}
OWN = {
    "adapted": {
        "landmarks": [ROW] * 2, "notes": ["a"], "pictures": 24, "source": "mine",
        "parent": {"checkpoint": "net", "sha256": "0" * 64},
    },
    "familiar": SHIPPED["familiar"],
}  # fmt: skip
arrays = st.dictionaries(
    st.sampled_from(["memory.vectors", "backbone.0.weight", "x", "landmark_head.0.weight"]),
    st.builds(
        lambda shape, kind, value: torch.full(shape, value).to(kind),
        st.lists(st.integers(0, 3), max_size=3).map(tuple) | st.just((6, 1280)),
        st.sampled_from([torch.float32, torch.float32, *KINDS]),
        st.sampled_from([0.0, 1.0, float("nan"), float("inf")]),
    ),
    max_size=3,
)


@given(spoilt(OWN) | st.just(OWN), arrays)
def test_any_adapted_network_is_put_in_or_refused(tiny, card, given_arrays):
    told = {"format": results.FORMAT, "parent": "0" * 64, "card": json.dumps(card)}
    own = refused(Adaptation.from_bytes, save(given_arrays, told))
    if own is not None:
        from app.views.inspect.adapt import _table

        assert "<tr>" in _table(own.adapted["landmarks"]) and all(own.adapted["notes"])
        refused(familiar_of, own.card)
        refused(changed, tiny[0], own.arrays)


def test_the_shipped_card_is_read_as_it_is():
    assert read_card() == SHIPPED
