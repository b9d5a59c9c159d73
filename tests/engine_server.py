"""The engine server in processes of its own, for tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A server; all its files are below a folder, so that it can be started there again.

    Attributes:
        url, token: What it takes to ask it.
        checkpoint: Path of what it runs.
        samples: Folder of its samples.
        folder: One that callers may name.
        temporary: Folder of its temporary files.
        engines: How many it has.
        log: What it wrote so far.
    """

    def __init__(self, checkpoint, samples, home, options=()):
        self.checkpoint, self.samples, self.token = checkpoint, samples, "a-token"
        self.folder, self.log = home / "open", home / "log"
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "aonet_core", "serve", "--port", str(port)]
        self._command += ["--checkpoint", f"tiny={checkpoint}", "--samples", str(samples)]
        self._command += ["--folder", str(self.folder), "--store", str(home / "galleries")]
        self._command += ["--threads", "1", *options]
        # Names of Ray's sockets are short.
        self.temporary = Path(tempfile.mkdtemp(prefix="srv-"))
        own = {"AONET_ENGINE_TOKEN": self.token, "AONET_CACHE": str(home / "cache")}
        own["TMPDIR"] = str(self.temporary)
        self._environment = os.environ | own
        self.engines = int(dict(zip(options[::2], options[1::2], strict=True)).get("--replicas", 1))
        self._process = None

    @property
    def pid(self):
        """Number of the process that was started."""
        return self._process.pid

    def start(self, seconds=300):
        """Start it and wait until it can answer."""
        before = self.log.read_text().count("ready: ") if self.log.exists() else 0
        with self.log.open("a") as written:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._process.poll() is None:
            if self.log.read_text().count("ready: ") > before:
                return
            time.sleep(0.2)
        pytest.fail(f"the server did not start: {self.log.read_text()[-3000:]}")

    def stop(self):
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """End it and all its processes without a word."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # its parent took it along
        self._process.wait(20)

    def behead(self):
        """End the process that was started, and no other, without a word."""
        self._process.kill()
        self._process.wait(20)

    def listening(self):
        """Addresses that its processes listen at."""
        found = set()
        for pid in self.processes():
            for each in psutil.Process(pid).net_connections("tcp"):
                if each.status == psutil.CONN_LISTEN:
                    found.add((each.laddr.ip, each.laddr.port))
        return found

    def processes(self, title=""):
        """Its processes, those before their parents, whose title holds some words."""
        found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        children, titles = {}, {}
        for line in found.stdout.splitlines()[1:]:
            pid, parent, titles[int(pid)] = line.split(None, 2)
            children.setdefault(int(parent), []).append(int(pid))

        def below(pid):
            for child in children.get(pid, ()):
                yield from below(child)
            yield pid

        return [pid for pid in below(self._process.pid) if title in titles.get(pid, "")]


@contextmanager
def serving(checkpoint, samples, home, options=()):
    """Run a server; stop it in the end."""
    server = Served(checkpoint, samples, home, options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.temporary, ignore_errors=True)
