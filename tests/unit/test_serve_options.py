"""What a server refuses before it starts, and how long galleries of uploads are kept."""

import io
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from aonet_core import cli
from aonet_core.commands.serve import checkpoints, replicas
from aonet_core.engine import connect
from aonet_core.engine.http.options import GatewayOptions, ServerOptions
from aonet_core.engine.on_ray.server import card_share
from aonet_core.engine.serving import check
from aonet_core.files import sweep_up, temporary_folder
from aonet_core.gallery.listing import list_galleries
from aonet_core.gallery.retention import expire, retention_days
from aonet_core.model import save_checkpoint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "engine.example.org"])
def test_without_a_token_only_this_machine_may_ask(host):
    with pytest.raises(ValueError, match="set AONET_ENGINE_TOKEN"):
        check(ServerOptions({"a": "a"}, host=host))


def test_with_a_token_or_at_this_machine_all_is_well():
    check(ServerOptions({"a": "a"}, port=0))
    check(ServerOptions({"a": "a"}, host="localhost", port=0))
    check(ServerOptions({"a": "a"}, host="0.0.0.0", port=0, gateway=GatewayOptions("secret")))


def test_a_taken_port_is_told(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert cli.main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    said = capsys.readouterr().err
    assert said.startswith("serve: port ") and said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("NAME=PATH", ["a/b.safetensors"]),
        ("twice", ["default", "default"]),
        ("no checkpoint 'nothing'", ["nothing"]),
        ("no checkpoint '/x.safetensors'", ["mine=/x.safetensors"]),
    ],
)
def test_checkpoints_are_looked_for_before_anything_starts(words, given):
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        checkpoints(given)


def test_checkpoints_and_replicas_are_read():
    assert checkpoints(["default", "b=default"]) == {"default": "default", "b": "default"}
    assert (replicas("auto"), replicas("3")) == (None, 3)
    with pytest.raises(ValueError, match="auto or a number"):
        replicas("0")


@pytest.mark.parametrize(
    ("cards", "names", "engines", "share"),
    [
        (0, "a", None, 0),
        (1, "a", None, 1),
        (8, "ab", 2, 1),
        (1, "ab", None, 0.5),
        (1, "a", 3, 0.3333),
    ],
)
def test_engines_share_cards_where_they_are_too_few(cards, names, engines, share):
    options = ServerOptions({name: name for name in names}, replicas=engines)
    assert card_share(options, cards) == share


def test_folders_of_processes_that_were_killed_are_swept_up(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "from aonet_core.files import temporary_folder\n"
        "import os, signal\n"
        "folders = [temporary_folder('unpacked'), temporary_folder('ray')]\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = os.environ | {"TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=killed).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    gone = next(tmp_path.glob("aonet-ray-*")).name.replace("ray", "link")
    (tmp_path / gone).symlink_to("nowhere")
    others = [gone, "aonet-ray-word-x", "other-unpacked-1-x", "aonet-ray", f"aonet-ray-{10**30}-x"]
    for name in others[1:]:
        (tmp_path / name).mkdir()
    with temporary_folder("unpacked") as own:
        sweep_up()
        assert {path.name for path in tmp_path.iterdir()} == {*others, os.path.basename(own)}


def test_a_client_and_its_command_need_no_torch():
    code = (
        "import sys\n"
        "from aonet_core.engine import connect\n"
        "engine = connect('http://127.0.0.1:9', 'token')\n"
        "import app.main, aonet_core.commands.serve\n"
        "print(*{'torch', 'ray', 'captum', 'lancedb', 'umap'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.returncode == 0 and said.stdout.split() == []


def png(seed):
    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (64, 32, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def engine(tiny_model, tmp_path):
    checkpoint = save_checkpoint(tmp_path / "tiny", tiny_model("aonet_lens"), {})
    return connect(checkpoint=checkpoint, samples=tmp_path, galleries=tmp_path / "galleries")


def test_a_build_that_fails_at_once_leaves_no_gallery(engine, monkeypatch):
    def fail(*_):
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        engine.build_gallery("half", [("a.png", png(1)), ("b.png", png(2))], progress=fail)
    assert engine.gallery("half").names == ("a.png", "b.png")  # stored, and the next one goes on
    monkeypatch.setattr(engine._registry, "_embed", fail)
    with pytest.raises(RuntimeError):
        engine.build_gallery("mine", [("a.png", png(1))])
    with pytest.raises(RuntimeError):
        engine.build_gallery("half", [("c.png", png(3))])
    assert [entry.name for entry in engine.galleries()] == ["sample", "half"]


def test_old_galleries_of_uploads_go_and_others_stay(engine, tmp_path, monkeypatch):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(png(1))
    engine.build_gallery("pointing", folder)
    engine.build_gallery("old", [("a.png", png(1))])
    engine.build_gallery("new", [("a.png", png(1))])
    home = tmp_path / "galleries"
    aged = time.time() - 8 * 86400
    for name in ("pointing", "old"):
        os.utime(home / name / "state.json", (aged, aged))
    assert expire(home, None) == 0 and expire(home, 9) == 0
    monkeypatch.setenv("AONET_RETENTION_DAYS", "7")
    assert {entry.name for entry in engine.galleries()} == {"sample", "pointing", "new"}
    assert {entry.name for entry in list_galleries(home)} == {"pointing", "new"}
    assert expire(home, 7, now=time.time() + 9 * 86400) == 1 and not (home / "new").exists()


def test_a_gallery_that_is_being_written_stays(engine, tmp_path):
    engine.build_gallery("mine", [("a.png", png(1))])
    from aonet_core.gallery.store import GalleryStore

    with GalleryStore(tmp_path / "galleries" / "mine").writing():
        assert expire(tmp_path / "galleries", 1, now=time.time() + 9 * 86400) == 0


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan"])
def test_a_retention_that_is_none_is_refused(text, monkeypatch):
    monkeypatch.setenv("AONET_RETENTION_DAYS", text)
    with pytest.raises(ValueError, match="must be a number above 0"):
        retention_days()


def test_evaluations_of_uploads_leave_nothing_on_disk(engine, tmp_path, monkeypatch):
    from aonet_core.engine import Queries

    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))
    engine.build_gallery("g", [("0001_c1.png", png(1)), ("0002_c1.png", png(2))])
    uploads = Queries([Image.open(io.BytesIO(png(3)))], [1], [2])
    assert engine.evaluate("g", uploads).setting.queries == "uploads"
    assert not engine.evaluation_ready("g", uploads) and not (tmp_path / "cache").exists()
