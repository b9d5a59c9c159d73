"""What a synthetic set knows of its images: twins, labels, occluders."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aonet_core.data.image_files import read_labels
from aonet_core.data.samples import DataSet


class Truth:
    """What a synthetic set knows of its images, by file."""

    def __init__(self, root: Path, table) -> None:
        """Index the rows of `visibility.parquet` by file."""
        self.root = root
        self.rows = {row["file"]: row for row in table.to_dict("records")}

    def _row(self, path: Path) -> dict:
        return self.rows.get(path.relative_to(self.root).as_posix(), {})

    def twin_of(self, path: Path) -> Path | None:
        """The render without the occluder, or None."""
        twin = self._row(path).get("twin")
        return self.root / twin if twin else None

    def occluder_of(self, path: Path) -> str:
        """The kind of thing before the person, "" for none."""
        return self._row(path).get("occluder", "")

    def hidden_of(self, path: Path) -> float:
        """Share of the body that the occluder hides, in [0, 1]; NaN where unknown."""
        return float(self._row(path).get("hidden", "nan"))

    def is_holistic(self, path: Path) -> bool:
        """Whether nothing stands before the person, and labels are known."""
        row = self._row(path)
        return bool(row.get("mask")) and not row["occluder"]

    def label_of(self, path: Path) -> np.ndarray:
        """The label image (h, w) uint8."""
        return read_labels(self.root / self._row(path)["mask"])


def read_truth(dataset: DataSet) -> Truth | None:
    """Read a set's `visibility.parquet`; None where it has none."""
    file = dataset.root / "visibility.parquet"
    if not file.is_file():
        return None
    import pandas as pd

    return Truth(dataset.root, pd.read_parquet(file))
