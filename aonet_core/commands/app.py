"""`aonet app`: the application in a browser."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from aonet_core.files import shipped_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to listen and whose pictures to show."""
    parser.add_argument("--host", default="localhost", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=int, default=8501, help="TCP port (%(default)s)")
    parser.add_argument(
        "--samples", type=Path, help="folder of a synthetic set (default: the shipped one)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Become the application; it ends with Ctrl-C.

    Raises:
        FileNotFoundError: There is no such folder of samples.
        ModuleNotFoundError: Streamlit is not installed.
        ValueError: The port is no port.
    """
    if not 0 < arguments.port < 2**16:
        raise ValueError(f"--port must be from 1 to 65535, got {arguments.port}")
    if arguments.samples is not None:
        if not arguments.samples.is_dir():
            raise FileNotFoundError(f"no folder of samples at {arguments.samples}")
        os.environ["AONET_SAMPLES"] = str(arguments.samples.resolve())
    if find_spec("streamlit") is None:
        raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")
    # What is beside the script is found by it: `app`, and Streamlit's settings.
    command = [sys.executable, "-m", "streamlit", "run", str(shipped_path("streamlit_app.py"))]
    command += ["--server.address", arguments.host, "--server.port", str(arguments.port)]
    os.execv(sys.executable, command)
    return 0
