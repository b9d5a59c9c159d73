"""What a synthetic set knows of its images: twins, labels, occluders."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aonet_core.data.image_files import read_labels
from aonet_core.data.samples import DataSet
from aonet_core.trust import named, open_file

TABLE = "visibility.parquet"


class Truth:
    """What a synthetic set knows of its images, by file."""

    def __init__(self, root: Path, table, links: bool = True) -> None:
        """Index the rows of `visibility.parquet` by file.

        Args:
            root: Folder of the set; what the table names lies below it.
            table: With a row for each image.
            links: Whether links may lead out of the folder, as in `aonet_core.trust`.
        """
        self.root, self.links = root, links
        self.rows = {row["file"]: row for row in table.to_dict("records")}

    def _row(self, path: Path) -> dict:
        return self.rows.get(path.relative_to(self.root).as_posix(), {})

    def twin_of(self, path: Path) -> Path | None:
        """The render without the occluder, or None.

        Raises:
            ValueError: The table names one that is not in the set.
        """
        twin = self._row(path).get("twin")
        return self._named(path, "twin") if twin else None

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
        return read_labels(self._named(path, "mask"))

    def _named(self, path: Path, column: str) -> Path:
        file = named(self.root, self._row(path).get(column), self.links)
        if file is None:
            raise ValueError(f"{TABLE} names a {column} of {path.name} that is not in the set")
        return file


def read_truth(dataset: DataSet) -> Truth | None:
    """Read a set's `visibility.parquet`; None where it has none."""
    file = named(dataset.root, TABLE, dataset.links)
    if file is None:
        return None
    import pandas as pd

    with open_file(file) as table:
        return Truth(dataset.root, pd.read_parquet(table), dataset.links)
