"""Pages run inside the test process, which must stay the one that it was."""

import sys

import pytest
import streamlit as st

from aonet_core.model import save_checkpoint


@pytest.fixture(autouse=True)
def main_module():
    """Streamlit puts the page in place of `__main__`; a process spawned later would run it."""
    kept = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = kept


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Nobody is asked before long work, however busy this machine is."""
    monkeypatch.setenv("AONET_PATIENCE", "100000")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where everything that is computed is kept for the tests of this module."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def small(monkeypatch, folder, small_samples, tiny_model):
    """A tiny network, a few identities, no state of another test."""
    network = folder / "net.safetensors"
    if not network.exists():
        save_checkpoint(folder / "net", tiny_model("aonet_lens"), {})
    monkeypatch.setenv("AONET_CHECKPOINT", str(network))
    monkeypatch.setenv("AONET_SAMPLES", str(small_samples))
    monkeypatch.setenv("AONET_CACHE", str(folder / "cache"))
    monkeypatch.setenv("AONET_GALLERIES", str(folder / "galleries"))
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
