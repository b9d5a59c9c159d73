"""Engines with networks of callers' own, held so that they need not be made each time."""

from __future__ import annotations

import threading

from aonet_core.engine.protocol import Engine
from aonet_core.results.adaptation import Adaptation

MOST_HELD = 16
"""Engines that are held; the one that was asked longest ago goes first. All share a backbone."""


class AdaptedEngines:
    """Such engines by digest; every request brings its network, so none that is gone is missed."""

    def __init__(self, engine: Engine) -> None:
        """Note the engine that they all come from."""
        self._engine, self._lock = engine, threading.Lock()
        self._held: dict[str, Engine] = {}

    def engine(self, adaptation: Adaptation) -> Engine:
        """The engine with a network.

        Raises:
            ValueError: As `Engine.adapted`.
        """
        with self._lock:
            own = self._held.pop(adaptation.digest, None) or self._engine.adapted(adaptation)
            self._held[adaptation.digest] = own
            while len(self._held) > MOST_HELD:
                del self._held[next(iter(self._held))]
            return own
