"""A server whose disk is full, or that dies while it writes: what was stored is kept and told."""

import io
import os
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
from PIL import Image

from aonet_core.engine import EngineAway
from aonet_core.engine.http.remote import Patience, RemoteEngine
from tests.engine_server import Served

pytestmark = pytest.mark.slow

STORED = 512
"""Pictures that a build stores at a time."""


def picture(seed, size=(16, 8)):
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def listed(count, **size):
    return [(f"{number:04d}_c1.png", picture(number, **size)) for number in range(count)]


def engine(server):
    return RemoteEngine(server.url, server.token, patience=Patience(busy=60.0))


@pytest.fixture
def started(tiny_checkpoint, small_samples, tmp_path):
    """A server that ends with the test, and is started by it."""
    server = Served(tiny_checkpoint, small_samples, tmp_path / "home")
    yield server
    server.stop()
    shutil.rmtree(server.temporary, ignore_errors=True)


@pytest.fixture(scope="module")
def crowded(tiny_checkpoint, small_samples, tmp_path_factory, small_disk):
    """A server with a small disk each for galleries, what is unpacked, and what is kept."""
    server = Served(tiny_checkpoint, small_samples, tmp_path_factory.mktemp("crowded"))
    home = server.folder.parent
    small_disk(home / "galleries", 13)
    small_disk(server.temporary, 4)
    small_disk(home / "cache", 1)
    (home / "cache" / "full").write_bytes(bytes((1 << 20) - 8192))
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.temporary, ignore_errors=True)


@pytest.fixture(scope="module")
def small_disk():
    """Makes a folder a disk of its own, of so many MB."""
    if os.getuid() or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    mounted = []

    def mount(folder, size):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(folder)]
        if subprocess.run(options, capture_output=True).returncode:
            pytest.skip("no disk can be mounted here")
        mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def enlarged(folder, size):
    subprocess.run(["mount", "-o", f"remount,size={size}m", str(folder)], check=True)


def test_a_server_killed_while_it_writes_leaves_a_gallery_that_goes_on(started):
    """The lock that the dead process held is nobody's; what was stored is searched at once."""
    pictures = listed(STORED + 40)
    store = started.folder.parent / "galleries" / "mine"
    impatient = RemoteEngine(started.url, started.token, patience=Patience(busy=1.0))
    far = engine(started)
    started.start()
    for killed_at in (16, STORED + 16):

        def kill(done, total, killed_at=killed_at):
            if done >= killed_at:
                started.kill()

        with pytest.raises(EngineAway):
            impatient.build_gallery("mine", pictures, progress=kill)
        assert (store / ".lock").exists()
        started.start()
        (entry,) = (each for each in far.galleries() if each.name == "mine")
        assert entry.count == killed_at // STORED * STORED
    assert not entry.problem and not far.gallery("mine").complete
    assert far.gallery("mine").names == tuple(name for name, _ in pictures[:STORED])
    query = Image.open(io.BytesIO(pictures[7][1])).convert("RGB")
    assert far.rank(query, "mine").names[0] == pictures[7][0]
    report = far.build_gallery("mine", pictures)
    assert (report.present, report.added, report.refused) == (STORED, 40, ())
    assert far.gallery("mine").complete and len(far.gallery("mine").names) == len(pictures)


def test_a_full_disk_keeps_what_was_stored_and_the_build_goes_on(crowded):
    pictures, disk = listed(2 * STORED, size=(80, 40)), crowded.folder.parent / "galleries"
    far = engine(crowded)
    far.build_gallery("before", pictures[:3])
    with pytest.raises(OSError, match="the disk is full: the gallery mine keeps what was stored"):
        far.build_gallery("mine", pictures)
    assert len(far.embed([Image.new("RGB", (20, 40))]).features) == 1
    assert len(far.gallery("before").names) == 3
    names = tuple(name for name, _ in pictures)
    held = far.gallery("mine").names
    assert held == names[:STORED] and not far.gallery("mine").complete
    enlarged(disk, 64)
    report = far.build_gallery("mine", pictures)
    assert (report.present, report.added) == (STORED, STORED)
    assert far.gallery("mine").names == names and far.gallery("mine").complete
    assert "Traceback" not in crowded.log.read_text()


def test_an_upload_that_does_not_fit_is_told_and_leaves_nothing(crowded):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in listed(200, size=(160, 80)):
            archive.writestr(name, content)
    far = engine(crowded)
    before = set(crowded.temporary.iterdir())
    with pytest.raises(OSError, match="the archive cannot be unpacked: No space left on device"):
        far.build_gallery("unpacked", file.getvalue())
    assert set(crowded.temporary.iterdir()) == before
    assert "unpacked" not in [each.name for each in far.galleries()]
    assert far.build_gallery("unpacked", listed(3)).added == 3


def test_a_full_cache_costs_no_answer(crowded):
    far = engine(crowded)
    first = far.evaluate()
    assert first.mean_ap == far.evaluate().mean_ap
    log = crowded.log.read_text()
    assert "Traceback" not in log and "is not kept for the next start" in log
