"""Imports of what is large: the collector waits, and passes over it from then on."""

import gc
import sys

import pytest

from aonet_core.lazy import uncollected


@pytest.fixture(autouse=True)
def thawed():
    """Everything can be collected again afterwards."""
    yield
    gc.unfreeze()


def test_collection_waits_for_the_import_and_passes_over_it(tmp_path, monkeypatch):
    (tmp_path / "large_module.py").write_text("import gc\nheld, on = [[]], gc.isenabled()\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = gc.get_freeze_count()
    with uncollected():
        import large_module
    assert not large_module.on and gc.isenabled()
    assert gc.get_freeze_count() > before
    assert not any(each is large_module.held for each in gc.get_objects())
    del sys.modules["large_module"]


def test_nothing_new_leaves_everything_as_it_was():
    gc.unfreeze()
    with uncollected():
        import json  # noqa: F401  # there already
    assert gc.isenabled() and gc.get_freeze_count() == 0


def test_a_failed_import_and_an_outer_pause_leave_the_collector_as_it_was():
    with pytest.raises(ImportError), uncollected():
        import there_is_no_such_module  # noqa: F401
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
