"""A download button's file is there whenever it is clicked: also while its page is drawn anew."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from app.shared import held

SESSION = "visitor"


@pytest.fixture
def served(monkeypatch):
    """Streamlit's manager of files as a server has it, with one visitor."""
    storage = MemoryMediaFileStorage("/media")
    manager, active = MediaFileManager(storage), {SESSION}
    context = SimpleNamespace(session_id=SESSION)
    instance = SimpleNamespace(media_file_mgr=manager, is_active_session=active.__contains__)
    monkeypatch.setattr(held.runtime, "exists", lambda: True)
    monkeypatch.setattr(held.runtime, "get_instance", lambda: instance)
    monkeypatch.setattr(held, "get_script_run_ctx", lambda **_: context)
    monkeypatch.setattr(held, "add_script_run_ctx", lambda *_: None)
    monkeypatch.setattr(
        "streamlit.runtime.media_file_manager._get_session_id", lambda: context.session_id
    )
    return SimpleNamespace(storage=storage, manager=manager, active=active, context=context)


def runs(manager, times=3):
    """Runs that end before they come to a button, as those that another one interrupts."""
    for _ in range(times):
        manager.clear_session_refs(SESSION)
        manager.remove_orphaned_files()


def file_of(served, url):
    return served.storage.get_file(url.rpartition("/")[2]).content


def offered(served, content, place="sidebar"):
    url = served.manager.add(content, "text/csv", place, "a.csv", is_for_static_download=True)
    held.hold()
    return url


def test_a_file_and_a_maker_outlive_the_runs_that_follow(served):
    url = offered(served, b"scores")
    maker = served.manager.add_deferred(lambda: b"figure", "image/png", "main", "a.png")
    held.hold()
    runs(served.manager)
    assert file_of(served, url) == b"scores"
    assert file_of(served, served.manager.execute_deferred(maker)) == b"figure"
    # Another place's button does not let go of these.
    offered(served, b"others")
    runs(served.manager)
    assert file_of(served, url) == b"scores"


def test_without_it_they_would_be_gone(served):
    url = served.manager.add(b"scores", "text/csv", "x", "a.csv", is_for_static_download=True)
    maker = served.manager.add_deferred(lambda: b"figure", "image/png", "main", "a.png")
    runs(served.manager)
    with pytest.raises(MediaFileStorageError):
        file_of(served, url)
    with pytest.raises(MediaFileStorageError):
        served.manager.execute_deferred(maker)


def test_what_a_click_made_stays_until_it_is_fetched(served):
    make = held.holding(lambda: b"figure", "a.png", "image/png")
    url = served.manager.execute_deferred(
        served.manager.add_deferred(make, "image/png", "main", "a.png")
    )
    runs(served.manager)
    assert file_of(served, url) == b"figure"


def test_there_is_an_end_to_it(served):
    first = offered(served, b"first")
    for number in range(held.MAX_HELD[held.OFFERED]):
        last = offered(served, f"{number}".encode())
    runs(served.manager)
    assert file_of(served, last)
    with pytest.raises(MediaFileStorageError):
        file_of(served, first)
    # Who forgets their pictures, and who has left, is not kept in memory.
    held.drop()
    runs(served.manager)
    with pytest.raises(MediaFileStorageError):
        file_of(served, last)
    again = offered(served, b"again")
    served.active.clear()
    served.context.session_id = "another"
    offered(served, b"another's")
    runs(served.manager)
    with pytest.raises(MediaFileStorageError):
        file_of(served, again)


def test_a_thread_does_not_stay_a_visitors():
    context = SimpleNamespace(
        session_id=SESSION, pages_manager=SimpleNamespace(main_script_hash="")
    )
    assert held.get_script_run_ctx(suppress_warning=True) is None
    with held.within(context):
        assert held.get_script_run_ctx() is context
    assert held.get_script_run_ctx(suppress_warning=True) is None
