"""What goes wrong between a front end and its engine: nothing that was answered is lost."""

import os
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
import urllib3
from PIL import Image

from aonet_core.engine import EngineAway, EngineDenied, SweepSpec, connect
from aonet_core.engine.http.errors import raised
from aonet_core.engine.http.remote import Patience, RemoteEngine
from aonet_core.engine.http.rpc_methods import methods
from aonet_core.engine.wire import CONTENT_TYPE, STREAM_TYPE, pack, unpack
from tests.engine_server import free_port

PATIENT = Patience(busy=60.0)
ENGINE = "ServeReplica:aonet:engine"
"""In the titles of processes that run an engine."""


@pytest.fixture(
    scope="module", params=["served", pytest.param("served_on_ray", marks=pytest.mark.long)]
)
def served(request):
    """Engines in one process and on Ray."""
    return request.getfixturevalue(request.param)


def photo(seed=0, size=(40, 80)):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def far(served):
    return RemoteEngine(served.url, served.token, patience=PATIENT)


@pytest.fixture
def post(served):
    pool = urllib3.PoolManager(retries=False, maxsize=100)

    def ask(method, body, kind=CONTENT_TYPE, token=served.token, checkpoint="tiny", **more):
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"} | more
        url = f"{served.url}/v1/{checkpoint}/{method}"
        return pool.request("POST", url, body=body, headers=headers, timeout=60)

    return ask


def test_addresses_are_described_and_open_only_as_they_should_be(served):
    pool = urllib3.PoolManager(retries=False)
    assert pool.request("GET", f"{served.url}/healthz").status == 200
    for path in ("readyz", "metrics"):
        assert pool.request("GET", f"{served.url}/{path}").status == 401
    headers = {"Authorization": f"Bearer {served.token}"}
    ready = pool.request("GET", f"{served.url}/readyz", headers=headers)
    assert ready.status == 200 and set(ready.json()["checkpoints"]) == {"tiny", "default"}
    described = pool.request("GET", f"{served.url}/openapi.json").json()["paths"]
    assert {f"/v1/{{checkpoint}}/{name}" for name in methods()} <= set(described)
    content = described["/v1/{checkpoint}/sweep"]["post"]["responses"]["200"]["content"]
    assert {CONTENT_TYPE, STREAM_TYPE} <= set(content)


@pytest.mark.parametrize(
    ("status", "words", "how"),
    [
        (400, "cut short", {"body": pack({"images": [photo()]})[:-100]}),
        (400, "cut short or is none", {"body": b"\x80\x04]\x94."}),
        (400, "arguments by name", {"body": pack([1])}),
        (400, "missing a required argument", {"body": pack({})}),
        (400, "images must be a list of pictures", {"body": pack({"images": ["a.jpg"]})}),
        (415, f"must be {CONTENT_TYPE}", {"body": b"{}", "kind": "application/json"}),
        (404, "no checkpoint 'other'", {"body": pack({}), "checkpoint": "other"}),
        (401, "expects a bearer token", {"body": pack({}), "token": "a-tokem"}),
        (413, "at most", {"body": pack({}), "Content-Length": str(1 << 40)}),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(post, status, words, how):
    answer = post("embed", **how)
    message = str(raised(answer.data, answer.status))
    assert answer.status == status and words in message and "\n" not in message


def test_a_wrong_token_and_a_dead_host_are_told_apart(served):
    with pytest.raises(EngineDenied, match="bearer token"):
        connect(served.url, "wrong").info()
    away = RemoteEngine(f"http://127.0.0.1:{free_port()}", patience=Patience(busy=0.5))
    with pytest.raises(EngineAway, match="nothing listens there") as caught:
        away.info()
    assert not isinstance(caught.value, EngineDenied)
    with pytest.raises(EngineAway):
        away.check()


def test_a_body_that_never_ends_harms_nobody_else(served, far):
    """A caller who dawdles, and one who goes away in the middle of a body."""
    host = served.url.removeprefix("http://").split(":")
    head = (
        f"POST /v1/tiny/embed HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\nContent-Length: 100000\r\n\r\nabc"
    ).encode()
    callers = [socket.create_connection((host[0], int(host[1]))) for _ in range(20)]
    for caller in callers:
        caller.sendall(head)
    assert len(far.embed([photo()]).features) == 1
    for caller in callers[:10]:
        caller.close()
    assert len(far.embed([photo()]).features) == 1
    for caller in callers[10:]:
        caller.close()


def test_two_hundred_at_once_are_all_answered_rightly(far):
    photos = [photo(seed) for seed in range(10)]
    expected = far.embed(photos)
    with ThreadPoolExecutor(200) as callers:
        answers = list(callers.map(lambda n: far.embed([photos[n % 10]]), range(200)))
    for n, answer in enumerate(answers):
        np.testing.assert_allclose(answer.features[0], expected.features[n % 10], atol=1e-3)
        np.testing.assert_allclose(answer.awareness[0], expected.awareness[n % 10], atol=1e-3)


@pytest.mark.slow
def test_a_full_queue_says_when_to_ask_again(post, served):
    """Eight an engine may be at work and sixteen wait: of a hundred, some are sent away."""
    places = 8 * served.engines + 16
    body = pack({"image": photo(size=(100, 200)), "spec": SweepSpec(step=4)})
    with ThreadPoolExecutor(100) as callers:
        answers = list(callers.map(lambda _: post("sweep", body), range(100)))
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {200, 503} and statuses.count(200) >= places
    refused = [answer for answer in answers if answer.status == 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert "busy" in str(raised(refused[0].data, 503))
    assert unpack(next(a for a in answers if a.status == 200).data).awareness.shape == (43, 6)


def test_an_engine_killed_under_load_costs_no_answer(served, far):
    if served.engines < 2:
        pytest.skip("an engine in the server's own process ends with it")
    photos = [photo(seed) for seed in range(4)]
    expected = far.embed(photos).features
    stop, answered, failed = threading.Event(), [], []

    def ask(n):
        while not stop.is_set():
            try:
                answered.append((n % 4, far.embed([photos[n % 4]]).features[0]))
            except EngineAway as error:
                failed.append(error)

    before = served.processes(ENGINE)
    assert len(before) == 2
    with ThreadPoolExecutor(6) as callers:
        for n in range(6):
            callers.submit(ask, n)
        time.sleep(1)
        os.kill(before[0], signal.SIGKILL)
        told = []
        sweep = far.sweep(photos[0], SweepSpec(step=1), progress=lambda *done: told.append(done))
        time.sleep(1)
        stop.set()
    assert not failed and len(answered) > 20 and len(sweep.position) == told[-1][1]
    for n, features in answered:
        np.testing.assert_allclose(features, expected[n], atol=1e-3)
    end = time.monotonic() + 90
    while len(now := served.processes(ENGINE)) < 2 and time.monotonic() < end:
        time.sleep(0.5)
    assert len(now) == 2 and before[0] not in now


def test_a_caller_who_leaves_ends_the_work(served, far, post):
    class Left(Exception):
        pass

    def leave(done, total):
        raise Left

    with pytest.raises(Left):
        far.sweep(photo(size=(100, 400)), SweepSpec(step=1), maps=True, progress=leave)
    # What is left of the work would make the next one wait.
    began = time.monotonic()
    far.embed([photo()])
    assert time.monotonic() - began < 20
    page = urllib3.request(
        "GET", f"{served.url}/metrics", headers={"Authorization": f"Bearer {served.token}"}
    ).data.decode()
    assert re.search(r'aonet_requests_total\{.*method="embed",status="200"\} \d+', page)


def test_logs_hold_neither_pictures_nor_names(served, far):
    with pytest.raises(ValueError):
        far.rank(photo(), gallery="secretive")
    far.build_gallery("family", [("grandmother.png", _png())])
    far.delete_gallery("family")
    time.sleep(1)
    log = served.log.read_text()
    assert "rank 422" in log and "build_gallery 200" in log
    assert not re.search("secretive|family|grandmother", log)


def _png():
    import io

    file = io.BytesIO()
    photo(5).save(file, "PNG")
    return file.getvalue()


@pytest.mark.slow
def test_a_server_that_dies_comes_back_with_its_galleries(served, far):
    """Killed without a word in the middle of a sweep; started again at the same place."""
    engine = RemoteEngine(served.url, served.token, patience=Patience(busy=1.0))
    engine.build_gallery("mine", [("0001_c1.png", _png())])
    stored = engine.embedded_of("mine", ["0001_c1.png"])
    try:
        with pytest.raises(EngineAway, match="broke the connection off|went away|broke off"):
            engine.sweep(
                photo(size=(100, 400)), SweepSpec(step=1), maps=True,
                progress=lambda done, total: served.kill(),
            )  # fmt: skip
        with pytest.raises(EngineAway):
            engine.info()
    finally:
        served.start()
    assert far.gallery("mine").names == ("0001_c1.png",)
    again = far.embedded_of("mine", ["0001_c1.png"])
    np.testing.assert_allclose(again.features, stored.features, atol=1e-3)


def test_nothing_but_its_address_listens(served):
    if served.engines > 1:
        pytest.skip("Ray listens at addresses of its own")
    host, port = served.url.removeprefix("http://").split(":")
    assert served.listening() == {(host, int(port))}


@pytest.mark.slow
def test_a_killed_server_leaves_nothing_behind_at_the_next_start(served, far):
    """Its archives were being unpacked; its children are left alone."""
    children = set(served.processes()) - {served.pid}
    left = served.temporary / f"aonet-unpacked-{served.pid}-x"
    left.mkdir()
    before = set(served.temporary.iterdir())
    served.behead()
    served.start()
    assert len(far.embed([photo()]).features) == 1
    assert not before & set(served.temporary.iterdir())
    end = time.monotonic() + 90
    while (alive := [pid for pid in children if psutil.pid_exists(pid)]) and time.monotonic() < end:
        time.sleep(0.5)
    assert not alive
