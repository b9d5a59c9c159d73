"""The application in a process of its own, for what looks at it in Chromium."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def started(
    patient: bool = False, output: int | IO[str] = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen, str]]:
    """Start it on a free port; its process and address.

    Args:
        patient: Long work begins without asking first.
        output: Where what it writes goes.

    Raises:
        TimeoutError: It does not answer within two minutes.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.headless", "true", "--server.port", str(port)]
    environment = ({"AONET_PATIENCE": "100000"} if patient else {}) | os.environ
    address = f"http://localhost:{port}/"
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
    ) as server:
        try:
            _wait(f"{address}_stcore/health")
            yield server, address
        finally:
            server.terminate()


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the application did not answer at {url}")
