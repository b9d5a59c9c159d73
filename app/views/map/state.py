"""How the map is made, as the address says."""

from __future__ import annotations

from aonet_core.engine import (
    ProjectionSpec,
)
from app.shared.search_state import LINKED


def projection() -> ProjectionSpec:
    """How the map is made."""
    return ProjectionSpec(
        kind=LINKED.kind,
        dimensions=LINKED.dimensions,
        neighbours=LINKED.neighbours,
        min_distance=LINKED.distance,
        metric=LINKED.metric,
        seed=LINKED.seed,
        components=LINKED.components,
        queries=LINKED.queries,
    )
