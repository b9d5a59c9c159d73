"""Pages run inside the test process, which must stay the one that it was."""

import os
import sys
from pathlib import Path

import pytest
import streamlit as st

from app.services import connection


@pytest.fixture(autouse=True)
def main_module():
    """Streamlit puts the page in place of `__main__`; a process spawned later would run it."""
    kept = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = kept


@pytest.fixture(scope="session", autouse=True)
def no_foreign_components():
    """A page looks for no components in all installed packages, which takes half a second a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "streamlit.components.v2.manifest_scanner.scan_component_manifests",
            lambda **options: [],
        )
        yield


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Nobody is asked before long work, however busy this machine is."""
    monkeypatch.setenv("AONET_PATIENCE", "100000")


@pytest.fixture(scope="session")
def engines():
    """Engines in this process, by the file and the folders that they were made for."""
    return {}


@pytest.fixture(autouse=True)
def one_engine(monkeypatch, engines):
    """A page finds the engine that a page before it has started, where nothing else is asked for.

    All else is new for every test: what Streamlit keeps is cleared.
    """
    start, folders = connection.connect, ("AONET_SAMPLES", "AONET_CACHE", "AONET_GALLERIES")

    def connect(url=None, token=None, checkpoint="default", **more):
        file = Path(checkpoint)
        stamp = file.stat().st_mtime_ns if file.is_file() else 0
        key = (str(checkpoint), stamp, *map(os.environ.get, folders), *more.items())
        if url or key not in engines:
            engine = start(url, token, checkpoint=checkpoint, **more)
            if url:
                return engine
            engines[key] = engine
        return engines[key]

    monkeypatch.setattr(connection, "connect", connect)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where everything that is computed is kept for the tests of this module."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def small(monkeypatch, folder, small_samples, tiny_checkpoint):
    """A tiny network, a few identities, no state of another test."""
    monkeypatch.setenv("AONET_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("AONET_SAMPLES", str(small_samples))
    monkeypatch.setenv("AONET_CACHE", str(folder / "cache"))
    monkeypatch.setenv("AONET_GALLERIES", str(folder / "galleries"))
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
