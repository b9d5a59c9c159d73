"""The engine that all sessions share: in this process, or elsewhere and sometimes away."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Protocol, TypeVar, cast

import streamlit as st

from aonet_core.engine import (
    Adaptation,
    AdaptedEngines,
    Engine,
    EngineAway,
    EngineDenied,
    EngineInfo,
    connect,
)
from app.services import networks

RECHECK = 4.0
"""Seconds between two looks whether an engine that is away has come back."""
UNANSWERED = "Shown again as soon as the engine answers."
Answer = TypeVar("Answer")


class UserError(Exception):
    """Something the user can mend; the message is one sentence to show."""


class Empty(UserError):
    """Nothing went wrong: there is nothing to show yet, and the message says what would be."""


class Away(UserError):
    """The engine is elsewhere and does not answer; `problem` says why."""


class _Remote(Engine, Protocol):
    """An engine elsewhere."""

    def check(self) -> None:
        """Ask whether it answers."""


class _Line:
    """An engine and whether it can be reached; shared by all sessions.

    While the engine is away nobody waits for it: questions fail at once, and from time to time one
    of them, or a page that waits, looks whether it has come back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._own: AdaptedEngines | None = None
        self._infos: dict[str, EngineInfo] = {}
        self._looked = 0.0
        self.problem, self.denied = "", False

    def engine(self, own: Adaptation | None = None) -> Engine:
        """The engine, started where need be; a failed start is tried again.

        Args:
            own: A network in the place of the engine's.
        """
        with self._lock:
            if self._engine is None:
                engine = connect_to(os.environ.get("AONET_CHECKPOINT") or "default")
                self._engine = cast(Engine, _Watched(self, engine)) if address() else engine
            if own is None:
                return self._engine
            if self._own is None:
                self._own = AdaptedEngines(self._engine)
            return self._own.engine(own)

    def info(self, own: Adaptation | None = None) -> EngineInfo:
        """What runs there; the last known where it is away, so that what was seen stays seen."""
        digest = own.digest if own else ""
        if digest not in self._infos:
            self._infos[digest] = self.engine(own).info()
        return self._infos[digest]

    def known(self) -> bool:
        return "" in self._infos if address() else self._engine is not None

    def lost(self, error: EngineAway) -> Away:
        """Note that the engine does not answer."""
        self.problem, self.denied = sentence(error), isinstance(error, EngineDenied)
        self._looked = time.monotonic()
        return Away(UNANSWERED)

    def back(self, now: bool = False) -> bool:
        """Whether the engine answers; looks for itself, at most every few seconds."""
        if self.problem and (now or time.monotonic() - self._looked > RECHECK):
            self._looked = time.monotonic()
            try:
                cast(_Remote, self.engine()).check()  # no other is ever lost
            except Away:
                return False
            # Another checkpoint may have come up in its place.
            self.problem, self._infos = "", {}
        return not self.problem


class _Watched:
    """Passes questions on to an engine elsewhere and notes where it does not answer."""

    def __init__(self, line: _Line, engine: Engine) -> None:
        self._line, self._engine = line, engine

    def adapted(self, adaptation: Adaptation) -> _Watched:
        return _Watched(self._line, self._engine.adapted(adaptation))

    def __getattr__(self, name: str) -> Callable:
        method = getattr(self._engine, name)

        @wraps(method)
        def ask(*args: object, **kwargs: object) -> object:
            if name != "check" and not self._line.back():
                raise Away(UNANSWERED)
            try:
                return method(*args, **kwargs)
            except EngineAway as error:
                raise self._line.lost(error) from error

        return ask


@st.cache_resource(show_spinner=False)
def _line() -> _Line:
    return _Line()


def address() -> str:
    """Where the engine is; "" for this process. The environment variable AONET_ENGINE_URL."""
    return os.environ.get("AONET_ENGINE_URL", "").strip()


def connect_to(checkpoint: str) -> Engine:
    """An engine with a checkpoint, where the environment says; a server knows it by name."""
    if address():
        token = os.environ.get("AONET_ENGINE_TOKEN") or None
        return connect(address(), token, checkpoint)
    name = str(Path(checkpoint).expanduser()) if "/" in checkpoint else checkpoint
    return connect(checkpoint=name, samples=os.environ.get("AONET_SAMPLES") or None)


def problem() -> str:
    """Why the engine does not answer; "" where it does."""
    return "" if _line().back() else _line().problem


def look() -> None:
    """See whether it answers now, however short ago that was done."""
    _line().back(now=True)


def denied() -> bool:
    """Whether it does not answer because it expects another token."""
    return _line().denied


def ready() -> bool:
    """Whether the engine has started."""
    return _line().known()


def engine() -> Engine:
    """The engine with the network in use, this visitor's own or the one that runs.

    The environment variable AONET_CHECKPOINT names another checkpoint.

    Raises:
        UserError: The checkpoint is missing or does not fit, or the address is none.
    """
    try:
        running = _line().engine()
    except (ValueError, OSError) as error:
        raise UserError(f"The engine could not start: {error}.") from error
    own = networks.in_use()
    try:
        return _line().engine(own) if own else running
    except ValueError as error:
        raise UserError(sentence(error)) from error


def info() -> EngineInfo:
    """What the network in use is.

    Raises:
        UserError: As `engine`, or it is away.
    """
    engine()
    try:
        return _line().info(networks.in_use())
    except ValueError as error:
        raise UserError(sentence(error)) from error


def ask(question: Callable[[Engine], Answer]) -> Answer:
    """What the engine answers.

    Raises:
        UserError: It refused, for the reason given, or is away.
    """
    try:
        return question(engine())
    except (ValueError, OSError) as error:
        raise UserError(sentence(error)) from error


def sentence(error: Exception) -> str:
    """An exception's words as a sentence."""
    text = str(error)
    return text if text.endswith(".") else f"{text[:1].upper()}{text[1:]}."
