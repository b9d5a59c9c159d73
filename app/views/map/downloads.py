"""Download button of the map: the selected names as a table."""

from __future__ import annotations

import numpy as np

from aonet_core.engine import Projection
from app.shared import csv_table, downloads, report


def names(projection: Projection, points: np.ndarray, landmarks: list[str]) -> None:
    """A button for the selected points with their file names."""
    downloads.button(
        "Selection",
        "csv",
        report.file_name("map", projection.gallery, "Selection", "csv"),
        report.in_session(lambda: table(projection, points, landmarks)),
        "The selected points with file names, landmark, identity, camera, awareness, true "
        "visibility and place in the map, as CSV.",
    )


def table(projection: Projection, points: np.ndarray, landmarks: list[str]) -> bytes:
    """Selected points as CSV, a row each; what is unknown is left empty."""
    head = ("name", "landmark", "identity", "camera", "query", "awareness", "true visibility",
            "average precision", *"xyz"[: projection.spec.dimensions])  # fmt: skip
    columns = [projection.of_points(name)[points]
               for name in ("awareness", "visibility", "average_precision")]  # fmt: skip
    lines = []
    for position, point in enumerate(points):
        row, k = projection.image[point], projection.landmark[point]
        lines.append(
            (
                str(projection.names[row]),
                landmarks[k] if k >= 0 else "",
                projection.pids[row] if projection.pids[row] > 0 else "",
                projection.camids[row] if projection.camids[row] > 0 else "",
                int(projection.is_query[row]),
                *(float(column[position]) for column in columns),
                *map(float, projection.coordinates[point]),
            )
        )
    return csv_table.table(head, lines, digits=5)
