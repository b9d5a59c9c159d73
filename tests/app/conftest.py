"""Pages run inside the test process, which must stay the one that it was."""

import sys

import pytest


@pytest.fixture(autouse=True)
def main_module():
    """Streamlit puts the page in place of `__main__`; a process spawned later would run it."""
    kept = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = kept
