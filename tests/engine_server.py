"""The engine server in processes of its own, for tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        url, token: What it takes to ask it.
        checkpoint: Path of what it runs.
        samples: Folder of its samples.
        folder: One that callers may name.
        log: What it wrote so far.
    """

    url: str
    token: str
    checkpoint: Path
    samples: Path
    folder: Path
    log: Path
    pid: int


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(checkpoint, samples, home, token="a-token", port=None, options=()):
    """Start a server with all its files below `home`; stop it in the end."""
    port = port or free_port()
    folder = home / "open"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "aonet_core", "serve", "--port", str(port)]
    command += ["--checkpoint", f"tiny={checkpoint}", "--samples", str(samples), "--threads", "1"]
    command += ["--folder", str(folder), "--store", str(home / "galleries"), *options]
    environment = os.environ | {"AONET_ENGINE_TOKEN": token, "AONET_CACHE": str(home / "cache")}
    log = home / "log"
    with log.open("a") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, log)
        url = f"http://127.0.0.1:{port}"
        yield Served(url, token, checkpoint, samples, folder, log, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process, log, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if "ready: " in log.read_text():
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()[-3000:]}")
