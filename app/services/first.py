"""The first screen without the network: what it said of the first samples was kept."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

import streamlit as st

from aonet_core import engine as core
from aonet_core.engine import FirstAnswer
from app import services
from app.services import Panel, UserError, connection

PAUSE = 1.0
"""Seconds that the network waits before it loads: the screen is drawn in peace."""


@st.cache_resource(show_spinner=False)
def answer() -> FirstAnswer | None:
    """What was kept for the checkpoint that this process will run; None for nothing."""
    if connection.address():
        return None
    try:
        return core.kept_first_answer(os.environ.get("AONET_CHECKPOINT") or "default")
    except (ValueError, OSError):
        return None  # told when the engine starts


def panels(keys: Sequence[str]) -> list[Panel] | None:
    """Pictures with what was kept of them; None unless all are known while the network is not."""
    first_answer = None if services.ready() else answer()
    if first_answer is None:
        return None
    analyses = first_answer.analyses
    try:
        photos = [services.photo(key) for key in keys]
        return [services.panel_by(photo, lambda each: analyses[core.picture_digest(each.image)])
                for photo in photos]  # fmt: skip
    except (UserError, KeyError):
        return None


@st.cache_resource(show_spinner=False)
def start() -> threading.Thread:
    """Load the network while one looks at the first screen; once."""

    def load() -> None:
        time.sleep(PAUSE)
        try:
            services.ask(lambda engine: engine.galleries())  # imports what other pages need
        except UserError:
            pass  # told by whoever asks next

    thread = threading.Thread(target=load, name="first", daemon=True)
    thread.start()
    return thread
