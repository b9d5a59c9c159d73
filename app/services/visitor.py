"""What is kept of a visitor beyond one session: in memory, for a while, for nobody else."""

from __future__ import annotations

import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass

import streamlit as st
from PIL import Image

COOKIE = "aonet_visitor"
KEY = "visitor"
"""Of the visitor's secret in the session's state."""
SECRET = re.compile(r"[\w-]{32,64}")
HOURS = 12.0
"""How long things are kept after the last visit; AONET_VISITOR_HOURS sets another time."""
MAX_KEPT = {"uploads": 24, "cutouts": 12, "results": 16, "networks": 4}
"""Things of each kind that a visitor keeps; the oldest goes first."""
SHORTEST = 1 / 60
"""Hours without which an upload would be gone before it is shown."""
LARGEST, LARGEST_ALL = 128 << 20, 1 << 30
"""Bytes kept of one visitor and of all: the oldest things go first, the longest away first."""


@dataclass
class Belongings:
    """Everything of one visitor.

    Attributes:
        uploads: Photos by key.
        cutouts: Cut-outs by source name.
        networks: Adapted ones by digest.
        results: Of long work, by its name and all that it depends on.
        choices: Last choices of a group of pages, by its name.
        weights: Bytes of each thing, by kind and key, the oldest first.
        used: When it was last asked for, as the clock of `time.monotonic` tells.
    """

    uploads: dict = field(default_factory=dict)
    cutouts: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)
    networks: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    used: float = 0.0

    @property
    def weight(self) -> int:
        """Bytes of all things."""
        return sum(self.weights.values())

    def put(self, kind: str, key: object, value: object) -> None:
        """Keep a thing; what there is too much of goes."""
        self.drop(kind, key)
        getattr(self, kind)[key] = value
        self.weights[kind, key] = weigh(value)
        while len(things := getattr(self, kind)) > MAX_KEPT[kind]:
            self.drop(kind, next(iter(things)))
        while self.weight > LARGEST and len(self.weights) > 1:
            self.drop(*next(iter(self.weights)))

    def drop(self, kind: str, key: object) -> None:
        """Forget a thing where it is there."""
        getattr(self, kind).pop(key, None)
        self.weights.pop((kind, key), None)


class Visitors:
    """The belongings of all visitors, shared by all sessions of this process."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._visitors: dict[str, Belongings] = {}
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None

    def of(self, secret: str) -> Belongings:
        """What a visitor has, empty at first; its time begins anew."""
        with self._lock:
            own = self._visitors.pop(secret, None) or Belongings()
            self._visitors[secret] = own  # the longest away stays first
            own.used = time.monotonic()
            self.sweep()
            return own

    def put(self, secret: str, kind: str, key: object, value: object) -> None:
        """Keep a thing of a visitor."""
        with self._lock:
            self.of(secret).put(kind, key, value)
            self.sweep()

    def drop(self, secret: str, kind: str, key: object) -> None:
        """Forget a thing of a visitor."""
        with self._lock:
            self.of(secret).drop(kind, key)

    def forget(self, secret: str) -> None:
        """Drop everything of a visitor."""
        with self._lock:
            self._visitors.pop(secret, None)

    def sweep(self) -> None:
        """Drop what nobody came back for, and the longest away where all are too much."""
        with self._lock:
            end = time.monotonic() - 3600 * hours()
            for secret, own in list(self._visitors.items()):
                too_much = sum(each.weight for each in self._visitors.values()) > LARGEST_ALL
                if own.used < end or (too_much and len(self._visitors) > 1):
                    del self._visitors[secret]
            if self._visitors and not (self._timer and self._timer.is_alive()):
                # Without it the last visitor's pictures would wait for the next visitor.
                self._timer = threading.Timer(60.0, self._tick)
                self._timer.daemon = True
                self._timer.start()

    def _tick(self) -> None:
        with self._lock:
            self._timer = None
            self.sweep()


@st.cache_resource(show_spinner=False)
def everybody() -> Visitors:
    """All visitors of this process."""
    return Visitors()


def hours() -> float:
    """How long things are kept after the last visit."""
    try:
        value = float(os.environ.get("AONET_VISITOR_HOURS") or HOURS)
    except ValueError:
        return HOURS
    return max(value, SHORTEST)


def secret() -> str:
    """What tells this visitor from all others: from the browser's cookie, else made up here."""
    if KEY not in st.session_state:
        value = st.context.cookies.get(COOKIE)
        valid = isinstance(value, str) and SECRET.fullmatch(value)
        st.session_state[KEY] = value if valid else secrets.token_urlsafe(32)
    return st.session_state[KEY]


def _owner() -> str:
    """The visitor, and whose account is signed in: people may share a browser."""
    account = st.user.get("email")
    return f"{secret()} {account}" if isinstance(account, str) else secret()


def belongings() -> Belongings:
    """What this visitor has; another tab may change it at any time: copy before going through."""
    return everybody().of(_owner())


def put(kind: str, key: object, value: object) -> None:
    """Keep a thing of this visitor.

    Args:
        kind: Key of `MAX_KEPT`.
        key: Of the thing.
        value: The thing; nothing may change it any more.
    """
    everybody().put(_owner(), kind, key, value)


def drop(kind: str, key: object) -> None:
    """Forget a thing of this visitor."""
    everybody().drop(_owner(), kind, key)


def forget() -> None:
    """Drop all that is kept of this visitor, and all choices of this session."""
    everybody().forget(_owner())
    st.session_state.clear()


def weigh(value: object) -> int:
    """Bytes of a thing, roughly: pixels and numbers count."""
    if isinstance(value, Image.Image):
        return value.width * value.height * len(value.getbands())
    if is_dataclass(value):
        return sum(weigh(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, Mapping):
        return sum(map(weigh, value.values()))
    if isinstance(value, (tuple, list)):
        return sum(map(weigh, value))
    return int(getattr(value, "nbytes", 0)) or sys.getsizeof(value)
