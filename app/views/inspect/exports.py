"""Files of Inspect: the scores as CSV, the maps as NumPy arrays."""

from __future__ import annotations

import io

import numpy as np

from app.services import Panel
from app.shared import csv_table
from app.shared.maps import visibilities


def scores_csv(panels: list[Panel], names: list[str]) -> bytes:
    """One line per picture and landmark; absent values are empty."""
    header = ["picture", "landmark", "region", "awareness", "weight", "best_logit",
              "average_logit", "max_response", "max_referenced_response",
              "true_visibility"]  # fmt: skip
    lines = []
    for panel in panels:
        analysis = panel.analysis
        columns = (
            analysis.awareness,
            analysis.weight,
            analysis.best_logit,
            analysis.average_logit,
            analysis.response_map.max(axis=(1, 2)),
            analysis.referenced_response_map.max(axis=(1, 2)),
            visibilities(panel) or [None] * len(names),
        )
        for name, values in zip(names, zip(*columns, strict=True), strict=True):
            number, _, region = name.partition(" ")
            lines.append([panel.photo.title, number, region, *values])
    return csv_table.table(header, lines, digits=6)


def maps_npz(panels: list[Panel]) -> bytes:
    """All arrays of all pictures, under `left.` and `right.`."""
    arrays = {}
    for side, panel in zip(("left", "right"), panels, strict=False):
        for name, value in vars(panel.analysis).items():
            arrays[f"{side}.{name}"] = np.asarray(value)
        arrays[f"{side}.picture"] = np.array(panel.photo.title)
        if panel.visibility is not None:
            arrays[f"{side}.true_visibility"] = panel.visibility
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
