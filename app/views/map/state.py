"""How the map is made, as the address says."""

from __future__ import annotations

from aonet_core.engine import (
    ProjectionSpec,
)
from app.shared.search_state import get


def projection() -> ProjectionSpec:
    """How the map is made."""
    names = ("kind", "dimensions", "neighbours", "metric", "seed", "components", "queries")
    return ProjectionSpec(min_distance=get("distance"), **{name: get(name) for name in names})
