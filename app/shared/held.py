"""What download buttons offer outlives the run that drew them.

Streamlit drops files and their makers when a run ends without them: whoever clicks while the page
is drawn anew, or while another visitor's page is, would get nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from streamlit import runtime
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import SCRIPT_RUN_CONTEXT_ATTR_NAME

OFFERED, MADE = "offered", "made"
MAX_HELD = {OFFERED: 32, MADE: 4}
"""Buttons, and files made by a click, that are held for a session; the oldest go first."""


def hold() -> None:
    """Hold what the buttons of this session that are drawn so far offer."""
    _keep(OFFERED)


def holding(make: Callable[[], bytes], file_name: str, mime: str) -> Callable[[], bytes]:
    """Let a file that is made on a click be held until the browser has fetched it.

    Args:
        make: Makes it.
        file_name: Of the file.
        mime: Its type.
    """
    context = get_script_run_ctx(suppress_warning=True)

    def make_and_hold() -> bytes:
        data = make()
        if runtime.exists():
            with within(context):
                manager = runtime.get_instance().media_file_mgr
                manager.add(data, mime, MADE, file_name, is_for_static_download=True)
                _keep(MADE, MADE)
        return data

    return make_and_hold


@contextmanager
def within(context: Any) -> Iterator[None]:
    """Do something as a session's own, though outside of its run.

    Args:
        context: What Streamlit's `get_script_run_ctx` gave in a run of the session.
    """
    thread = threading.current_thread()
    before = get_script_run_ctx(suppress_warning=True)
    add_script_run_ctx(thread, context)
    try:
        yield
    finally:
        # Streamlit's function takes None for "as it is": the next file this thread makes would
        # be made as this visitor's.
        vars(thread).pop(SCRIPT_RUN_CONTEXT_ATTR_NAME, None)
        if before is not None:
            add_script_run_ctx(thread, before)


def drop() -> None:
    """Let go of all that is held for this session."""
    current = _session()
    if current:
        manager, session = current
        for kind in MAX_HELD:
            manager.clear_session_refs(f"{kind} {session}")


def _session() -> tuple[Any, str] | None:
    """Streamlit's manager of files and this session's name; None outside of a server."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return None
    manager = runtime.get_instance().media_file_mgr
    return (manager, context.session_id) if hasattr(manager, TABLE) else None


TABLE = "_files_by_session_and_coord"
"""Of Streamlit's manager: files by session and place. What is in it is not dropped."""


def _keep(kind: str, place: str = "") -> None:
    """Hold this session's files, or the one at a place, beside those that were held before."""
    current = _session()
    if current is None:
        return
    manager, session = current
    with manager._lock:
        table = getattr(manager, TABLE)
        now = table.get(session, {})
        files = [now[place]] if place else list(now.values())
        held = {file: file for file in table.pop(f"{kind} {session}", {}) if file not in files}
        held |= {file: file for file in files}
        table[f"{kind} {session}"] = dict(list(held.items())[-MAX_HELD[kind] :])
        for owner in [name for name in table if name.startswith((f"{OFFERED} ", f"{MADE} "))]:
            if not runtime.get_instance().is_active_session(owner.partition(" ")[2]):
                del table[owner]
