"""What the gateway counts, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as generate

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass
class Measured:
    """A request that is being answered.

    Attributes:
        status: HTTP status of the answer, as soon as it is known.
    """

    status: int = 499


class GatewayMetrics:
    """Requests by checkpoint, method and status, and how long their answers took to begin."""

    def __init__(self) -> None:
        """Make a registry of its own."""
        self._registry = CollectorRegistry()
        labels = ("checkpoint", "method")
        self._requests = Counter(
            "aonet_requests", "Requests by HTTP status; 499 where the caller went away",
            (*labels, "status"), registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "aonet_request_seconds", "Until an answer began", labels,
            registry=self._registry, buckets=SECONDS,
        )  # fmt: skip
        self._now = Gauge("aonet_requests_now", "Being answered", registry=self._registry)
        self.died = Counter(
            "aonet_engines_died", "Engines that died over a request", registry=self._registry
        )

    @contextmanager
    def count_request(self, checkpoint: str, method: str) -> Iterator[Measured]:
        """Count a request while it is answered."""
        measured, began = Measured(), time.perf_counter()
        self._now.inc()
        try:
            yield measured
        finally:
            self._now.dec()
            self._requests.labels(checkpoint, method, measured.status).inc()
            self._seconds.labels(checkpoint, method).observe(time.perf_counter() - began)

    def page(self) -> tuple[bytes, int, dict, str]:
        """Content, status, headers and type of the page that Prometheus reads."""
        return generate(self._registry), 200, {}, CONTENT_TYPE_LATEST
