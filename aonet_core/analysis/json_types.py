"""Measured numbers: their means, and as JSON knows them."""

from __future__ import annotations

import numpy as np


def mean_known(values: np.ndarray) -> float:
    """Mean of what is known, NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def json_types(value):
    """JSON types: NumPy numbers become Python's, NaN becomes None."""
    if isinstance(value, dict):
        return {key: json_types(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [json_types(entry) for entry in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
