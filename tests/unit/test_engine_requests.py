"""Whatever a body holds: an answer or a refusal in a sentence, never a failure."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image
from safetensors.numpy import save

from aonet_core.engine import Embedded, MatchOptions, SweepSpec
from aonet_core.engine.http.errors import raised
from aonet_core.engine.http.options import GatewayOptions, ReplicaOptions, ServerOptions
from aonet_core.engine.http.plain_server import application
from aonet_core.engine.http.rpc_methods import methods
from aonet_core.engine.http.worker import Worker
from aonet_core.engine.machine_path import MachinePath
from aonet_core.engine.wire import CONTENT_TYPE, TAG, TREE, pack
from aonet_core.model import save_checkpoint
from tests.engine_requests import GALLERY, Record, packed, picture, png, requests

PYTHON = ("unhashable", "cannot unpack", "object is not", "unexpected keyword", "has no attribute",
          "Traceback", "not subscriptable", "positional", "NoneType", "codec")  # fmt: skip
"""What Python says and no refusal should."""


class Door:
    """The server's application, asked in this process."""

    def __init__(self, app):
        self.app, self.loop = app, asyncio.new_event_loop()

    def __call__(self, method, body, headers=()):
        return self.loop.run_until_complete(self._ask(method, body, dict(headers)))

    async def _ask(self, method, body, headers):
        headers = {"content-type": CONTENT_TYPE} | headers
        path = f"/v1/default/{method}"
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
            "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        pieces = body if isinstance(body, list) else [body]
        coming = [
            {"type": "http.request", "body": piece, "more_body": n < len(pieces)}
            for n, piece in enumerate(pieces, 1)
            if piece is not None
        ]
        sent = []

        async def receive():
            return coming.pop(0) if coming else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], answer


@pytest.fixture(scope="module")
def door(tiny_model, tmp_path_factory):
    home = tmp_path_factory.mktemp("door")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AONET_CACHE", str(home / "cache"))
        checkpoint = save_checkpoint(home / "tiny", tiny_model("aonet_lens"), {})
        own = ReplicaOptions(str(checkpoint), str(home), str(home / "galleries"), slots=4)
        worker = Worker(own)
        options = ServerOptions({"tiny": str(checkpoint)}, engine=own,
                                gateway=GatewayOptions(most_bytes=2 << 20))  # fmt: skip
        opened = Door(application(options, {"tiny": worker}))
        files = [("a.png", png(1)), ("0001_c1.png", png(2)), ("b.png", png(3))]
        assert opened("build_gallery", pack({"name": GALLERY, "source": files}))[0] == 200
        yield opened
        worker.close()
        opened.loop.close()


def said(status, answer):
    return str(raised(answer, status))


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(requests)
def test_anything_gets_an_answer_or_a_refusal(door, request):
    name, arguments = request
    status, answer = door(name, packed(arguments))
    if status != 200:
        sentence = said(status, answer)
        assert 400 <= status < 500 and sentence, (status, sentence)
        assert not any(words in sentence for words in PYTHON), sentence


EMBEDDED = Embedded(np.ones((1, 6, 512), "f4"), np.ones((1, 6), "f4"))


@pytest.mark.parametrize(
    ("name", "words", "given"),
    [
        ("thumbnail", "height must be", {"gallery": GALLERY, "name": "a.png", "height": 0}),
        ("thumbnail", "height must be a whole number, got 'x'",
         {"gallery": GALLERY, "name": "a.png", "height": "x"}),
        ("picture", "name must be a text, got a list", {"gallery": GALLERY, "name": ["a"]}),
        ("picture", "missing a required argument: gallery", {"name": "a"}),
        ("info", "there is no argument 'x'", {"x": 1}),
        ("rank", "cameras must be a list of whole numbers, got one of more than 64 bits in it",
         {"image": EMBEDDED, "gallery": GALLERY, "cameras": [2**70]}),
        ("rank", "options must be a MatchOptions or nothing, got 'eq8'",
         {"image": EMBEDDED, "options": "eq8"}),
        ("rank", "MatchOptions: form must be a text or nothing, got a list",
         {"image": EMBEDDED, "options": Record("MatchOptions", {"form": []})}),
        ("rank", "no method takes a Cost", {"image": Record("Cost", {})}),
        ("embed", "images must be a list of pictures, got 'a.jpg' in it", {"images": ["a.jpg"]}),
        ("build_gallery", "source must be", {"name": "x", "source": [("a", 3)]}),
        ("sweep", "at most 8192 pixels a side",
         {"image": picture((9000, 1)), "spec": SweepSpec()}),
        ("evaluate", "not one that the engine's machine opens", {"queries": "\x00"}),
        ("evaluate", "not one that the engine's machine opens", {"queries": "a" * 5000}),
        ("analyze", "at most 256 pictures", {"images": [picture((1, 1))] * 257}),
    ],
)  # fmt: skip
def test_refusals_name_the_argument_what_was_expected_and_what_came(door, name, words, given):
    status, answer = door(name, packed(given))
    assert 400 <= status < 500 and words in said(status, answer), said(status, answer)


def tree(text, **tensors):
    return save({TREE: np.frombuffer(text.encode(), np.uint8), **tensors})


PADDED = [*("a" for _ in range(60_000)), "b" * 200_000]
BODIES = {
    "padded texts": tree(json.dumps({"names": {TAG: "texts", "of": PADDED, "shape": [60_001]}})),
    "many values": tree("[" + "0," * 1_000_001 + "0]"),
    "deep": tree("[" * 500_000 + "]" * 500_000),
    "one tensor as many": tree(
        json.dumps({"images": [{TAG: "picture", "of": "0", "mode": "L"}] * 2}),
        **{"0": np.zeros((9, 9), np.uint8)},
    ),
    "a list of tensors beyond all bounds": (1 << 40).to_bytes(8, "little") + b"{}",
    "a huge number": tree('{"images": [' + "9" * 6000 + "]}"),
    "a number that is none": tree('{"images": [NaN, Infinity]}'),
    "a name that is no text": tree(json.dumps({TAG: "dict", "of": [[3, 4]]})),
    "a gap in a shape": tree(json.dumps({"a": {TAG: "texts", "of": ["a"], "shape": [3, None]}})),
}


@pytest.mark.parametrize("what", BODIES)
def test_bodies_are_bounded_before_anything_is_made_of_them(door, what):
    status, answer = door("embed", BODIES[what])
    assert status == 400 and "\n" not in said(status, answer)


def test_bodies_have_a_length_and_come_in_time(door, monkeypatch):
    assert door("info", b"", {"content-length": "many"})[0] == 413
    assert door("info", [b"x" * (1 << 20)] * 3)[0] == 413
    monkeypatch.setattr("aonet_core.engine.http.bodies.IDLE", 0.05)
    status, answer = door("info", [b"x", None])
    assert status == 408 and "came too slowly" in said(status, answer)
    assert door("info", pack({}))[0] == 200


def test_paths_are_marked_and_nothing_else_takes_one():
    """Whatever names a file of the machine is checked: a path that is not marked would not be."""
    from pathlib import Path
    from typing import get_args

    def unmarked(hint):
        if hint == MachinePath:
            return False
        return hint is Path or any(map(unmarked, get_args(hint)))

    marked = set()
    for method in methods().values():
        for name, hint in method.hints.items():
            assert not unmarked(hint), f"{method.name}: mark {name} as a MachinePath"
            if name != "return" and method.paths({name: "/x"}):
                marked.add((method.name, name))
    queries = {(each, "queries") for each in ("evaluate", "evaluation_ready", "query_picture")}
    assert marked == queries | {("build_gallery", "source")}


def asked_together(*requests):
    """Sizes as answers of several requests at once, and how many pictures each look had."""
    from aonet_core.engine.http.batching import Together

    looks = []

    async def look(images):
        looks.append(len(images))
        if any(image.size == (13, 13) for image in images):
            raise ValueError("bad")
        return [image.size for image in images]

    async def ask():
        together = Together(look)
        return await asyncio.gather(*map(together, requests), return_exceptions=True)

    return asyncio.run(ask()), looks


def test_one_callers_bad_picture_costs_no_other_an_answer():
    small, bad = Image.new("L", (9, 8)), Image.new("L", (13, 13))
    (first, second, third, none), _ = asked_together([small] * 2, [bad], [small] * 70, [])
    assert first == [(9, 8)] * 2 and isinstance(second, ValueError)
    assert third == [(9, 8)] * 70 and none == []


def test_others_wait_for_one_large_picture_at_most():
    large, small = Image.new("L", (8000, 5000)), Image.new("L", (9, 8))
    (first, second), looks = asked_together([large] * 4, [small] * 3)
    assert first == [large.size] * 4 and second == [small.size] * 3
    assert looks == [4, 1, 1, 1]  # the first large one beside all that is small


def test_options_travel(door):
    built = pack({"name": "options", "source": [("a.png", png(1)), ("b.png", png(2))]})
    assert door("build_gallery", built)[0] == 200  # the other one may have been deleted by now
    given = {"image": EMBEDDED, "gallery": "options", "options": MatchOptions(without=[1])}
    status, answer = door("rank", pack(given))
    assert status == 200, said(status, answer)
