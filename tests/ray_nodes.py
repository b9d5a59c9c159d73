"""A cluster of two nodes on this machine: what is built and found when one of them is lost.

Run as `python -m pytest tests/ray_nodes.py`, with nothing else to do: Ray gives up on a node that
has not started in time, so this is no part of the suite.
"""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core.engine import connect
from aonet_core.engine.on_ray.cluster import cluster
from aonet_core.gallery.store import GalleryStore
from aonet_core.retrieval import FORMS, Embedding, ExactSearch, SearchQuery
from aonet_core.retrieval.search.sharded import ShardedSearch, split
from tests.engine_server import ROOT

pytestmark = pytest.mark.slow

NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}
PICTURES = 640
"""Five of the parts that are handed out: the first is done long before the last."""
SECONDS = 400
"""Until a command is taken to hang; on a machine with other work all of this is slow."""


@pytest.fixture(scope="module")
def head():
    """A cluster of one node, without a token, whatever the user of this machine has set up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PYTHONPATH", str(ROOT))
        from ray.cluster_utils import Cluster

        nodes = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        yield nodes
        nodes.shutdown()


@pytest.fixture
def lose(head):
    """A second node joins for one test; calling this ends it without a word, and those at work."""
    second = head.add_node(**NODE)

    def kill(places=()):
        if second in head.worker_nodes:
            head.remove_node(second, allow_graceful=False)
            for node, process in places:
                if node == second.node_id:
                    os.kill(process, signal.SIGKILL)

    yield kill
    kill()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Many pictures, one that is broken and one that is there under another name."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(PICTURES):
        pixels = np.random.default_rng(number).integers(0, 256, (64, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04d}_c1.png")
    (folder / "x.png").write_bytes(b"broken")
    (folder / "y.png").write_bytes((folder / "0003_c1.png").read_bytes())
    return folder


def command(*words, log):
    with log.open("w") as written:
        return subprocess.Popen(
            [sys.executable, "-m", "aonet_core", "gallery", *map(str, words)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )


def answered(process, log):
    """What a command printed; it must end well."""
    try:
        printed, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0, log.read_text()[-3000:]
    return printed


def wait_for_first_part(process, log):
    """Wait until some pictures are done; return how many, while the command still runs."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        done = re.findall(rf"(\d+)/{PICTURES + 2} ", log.read_text())
        if done and int(done[-1]):
            return int(done[-1])
        time.sleep(0.05)
    process.kill()
    pytest.fail(f"no picture was done: {log.read_text()[-3000:]}")


def table(store, name):
    return GalleryStore(store / name)._table.to_arrow().sort_by("number")


def test_a_build_that_loses_a_node_is_whole(tiny_checkpoint, pictures, head, lose, tmp_path):
    store, log = tmp_path / "store", tmp_path / "log"
    rest = ("--checkpoint", tiny_checkpoint, "--store", store)
    on_nodes = ("--address", head.address)
    build = command("build", "nodes", pictures, *rest, "--ray", *on_nodes, log=log)
    done = wait_for_first_part(build, log)
    assert done <= PICTURES - 128 and build.poll() is None
    lose()
    printed = answered(build, log)
    assert f"{PICTURES} images added, 0 were there, 1 duplicates and 1 unusable" in printed
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # like a worker, for the same rounding
    try:
        connect(checkpoint=tiny_checkpoint, galleries=store).build_gallery("plain", pictures)
    finally:
        torch.set_num_threads(threads)
    assert table(store, "nodes").equals(table(store, "plain"))

    search = ("search", "nodes", pictures / "0004_c1.png", *rest)
    alone = answered(command(*search, log=log), log).splitlines()
    left = answered(command(*search, "--shards", 2, *on_nodes, log=log), log).splitlines()
    assert left[0] == f"exact, over 2 shards; {PICTURES} of {PICTURES} images scored exactly"
    assert left[1:] == alone[1:] and left[1].endswith("  0004_c1.png")


def test_a_search_that_loses_a_node_answers_rightly(head, lose, tmp_path):
    rng = np.random.default_rng(3)
    path, count, landmarks, channels = tmp_path / "gallery.f16", 60, 3, 24
    rng.standard_normal((count, landmarks, channels)).astype(np.float16).tofile(path)
    vectors = np.memmap(path, np.float16, mode="c", shape=(count, landmarks, channels))
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=2).astype(np.float32)
    awareness = rng.random((count, landmarks)).astype(np.float32)
    gallery = vectors, np.arange(count), awareness, lengths
    query = Embedding(
        rng.standard_normal((1, landmarks, channels)).astype(np.float32),
        rng.random((1, landmarks)).astype(np.float32),
    )
    exact = ExactSearch(*gallery)
    with cluster(head.address) as workers:
        assert workers == 2
        search = ShardedSearch(split(*gallery, 2))
        places = [place(actor) for actor in search._actors]
        assert len({node for node, _ in places}) == 2
        for step in range(3):
            if step == 1:
                lose(places)
            for form in FORMS:
                question = SearchQuery.of(query, form)
                found, expected = search.best(question, 20), exact.best(question, 20)
                np.testing.assert_array_equal(found.rows, expected.rows)
                np.testing.assert_array_equal(found.similarity, expected.similarity)
        assert len({place(actor)[0] for actor in search._actors}) == 1
        search.close()


def place(actor):
    """Which node and process an actor runs in."""
    import ray

    asked = actor.__ray_call__.remote(
        lambda _: (ray.get_runtime_context().get_node_id(), os.getpid())
    )
    return ray.get(asked, timeout=SECONDS)
