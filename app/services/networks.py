"""Which network questions are for: the one that runs, or one that this visitor adapted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aonet_core.engine import Adaptation
from app.services import visitor

KEY = "network"
"""Key in the session's state: digest of the network in use, "" for the one that runs."""
OWN = "adapted:"
"""Prefix of the names of a visitor's networks, where others have names too."""
RUNNING = "running"
"""Name of the one that runs, where "" is the one in use."""


@dataclass(frozen=True)
class Held:
    """What a question is asked with, wherever it is asked.

    Attributes:
        chosen: Digest of one of `own`; "" for the network that runs.
        own: The visitor's adapted networks by digest, oldest first.
    """

    chosen: str = ""
    own: Mapping[str, Adaptation] = field(default_factory=dict)


_held: ContextVar[Held | None] = ContextVar("network", default=None)


def held() -> Held:
    """What this thread's questions are asked with: as it was told, or as the session chose."""
    if of_thread := _held.get():
        return of_thread
    if get_script_run_ctx(suppress_warning=True) is None:
        return Held()
    return Held(_chosen(), dict(visitor.belongings().networks))


def _chosen() -> str:
    """What the session chose; "" outside of any session."""
    inside = get_script_run_ctx(suppress_warning=True) is not None
    return st.session_state.get(KEY, "") if inside else ""


@contextmanager
def holding(what: Held) -> Iterator[None]:
    """Ask with the same as another thread, or otherwise than the session chose."""
    token = _held.set(what)
    try:
        yield
    finally:
        _held.reset(token)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Ask another network.

    Args:
        name: "" for the one in use, `RUNNING`, or `OWN` and a digest.
    """
    now = held()
    digest = now.chosen if not name else "" if name == RUNNING else name.removeprefix(OWN)
    with holding(Held(digest, now.own)):
        yield


def is_own(name: str) -> bool:
    """Whether a name is that of the one that runs, or of a visitor's."""
    return name == RUNNING or name.startswith(OWN)


def in_use() -> Adaptation | None:
    """The adapted network that questions are for; None for the one that runs."""
    if _held.get() is None and not _chosen():
        return None
    now = held()
    return now.own.get(now.chosen)


def own() -> Mapping[str, Adaptation]:
    """This visitor's adapted networks by digest, oldest first; nobody else sees them."""
    return held().own


def titles() -> dict[str, str]:
    """What to call them, by digest; no two alike."""
    by_digest: dict[str, str] = {}
    for digest, each in own().items():
        source = str(each.adapted.get("source", ""))
        title = f"adapted to {'your uploads' if source == 'single pictures' else source}"
        same = sum(other == title or other.startswith(f"{title} #") for other in by_digest.values())
        by_digest[digest] = f"{title} #{same + 1}" if same else title
    return by_digest


def keep(adaptation: Adaptation) -> None:
    """Remember a network and use it from now on."""
    visitor.put("networks", adaptation.digest, adaptation)
    choose(adaptation.digest)


def choose(digest: str) -> None:
    """Use a network from now on; "" for the one that runs."""
    st.session_state[KEY] = digest


def drop(digest: str) -> None:
    """Forget a network; the one that runs takes its place."""
    visitor.drop("networks", digest)
    if st.session_state.get(KEY) == digest:
        choose("")
