"""The shipped synthetic pictures, their twins and what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from aonet_core.engine.types import LandmarkAnalysis

SAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


@dataclass(frozen=True)
class Sample:
    """One synthetic picture.

    Attributes:
        name: Its path below the folder; names it in links.
        path: Where it lies.
        role: "query" or "gallery".
        pid, camid: Identity and camera.
        occluder: What stands in front, "" for nothing.
        hidden: Share of the body that it hides.
        visible: Share seen of every body part.
        twin: Name of the same render without its occluder, "" where nothing stands in front.
        mask: Path of the label image, None where there is none.
    """

    name: str
    path: Path
    role: str
    pid: int
    camid: int
    occluder: str
    hidden: float
    visible: dict[str, float]
    twin: str
    mask: Path | None

    @property
    def title(self) -> str:
        """A line for menus."""
        if self.role == "twin":
            what = "unoccluded twin"
        elif self.occluder:
            what = f"{self.occluder.replace('_', ' ')}, {self.hidden:.0%} hidden"
        else:
            what = "unoccluded"
        return f"{self.pid:04d} · camera {self.camid} · {what}"


@dataclass(frozen=True)
class SampleSet:
    """All samples of a folder, by name."""

    folder: Path
    samples: dict[str, Sample]

    def __len__(self) -> int:
        """Return how many pictures there are, twins included."""
        return len(self.samples)

    def default_pair(self) -> tuple[str, str] | None:
        """An occluded query and its twin that show the effect well, or None.

        The query whose head is hidden most while legs are seen (Fig. 3 of the paper).
        """
        pairs = [s for s in self.samples.values() if s.role == "query" and s.twin]
        if not pairs:
            return None

        def telling(sample: Sample) -> float:
            shown = {part: 0.0 if v != v else v for part, v in sample.visible.items()}
            return shown["lower_legs"] + shown["upper_legs"] - 2 * shown["head"] - shown["upper_torso"]

        best = max(pairs, key=lambda sample: (telling(sample), sample.name))
        return best.name, best.twin


def read_samples(folder: str | Path | None = None) -> SampleSet:
    """List the pictures of a synthetic set's test split.

    Args:
        folder: The set; the shipped one by default.

    Returns:
        An empty set where the folder has no `visibility.parquet`.
    """
    import pandas as pd

    folder = Path(folder) if folder else SAMPLE_FOLDER
    table = folder / "visibility.parquet"
    if not table.is_file():
        return SampleSet(folder, {})
    samples = {}
    for row in pd.read_parquet(table).to_dict("records"):
        if row["split"] != "test":
            continue
        visible = {k.removeprefix("visible_"): v for k, v in row.items() if "visible_" in k}
        sample = Sample(
            name=row["file"],
            path=folder / row["file"],
            role=row["role"],
            pid=row["pid"],
            camid=row["camid"],
            occluder=row["occluder"],
            hidden=row["hidden"],
            visible=visible,
            twin=row["twin"],
            mask=folder / row["mask"] if row["mask"] else None,
        )
        samples[sample.name] = sample
        if sample.twin:
            whole = dict.fromkeys(visible, 1.0)
            samples[sample.twin] = Sample(
                sample.twin, folder / sample.twin, "twin", sample.pid, sample.camid,
                "", 0.0, whole, "", None,
            )  # fmt: skip
    return SampleSet(folder, samples)


def landmark_visibility(sample: Sample, twin: LandmarkAnalysis) -> np.ndarray | None:
    """True visibility (K,) of each landmark of an occluded sample; None where it is not known.

    Args:
        sample: An occluded picture with a mask.
        twin: The analysis of its twin, which says where each landmark lies.
    """
    if sample.mask is None or not sample.twin:
        return None
    import numpy as np
    from PIL import Image

    from aonet_core.analysis.fidelity import true_visibility

    with Image.open(sample.mask) as label:
        return true_visibility(twin.referenced_response_map, np.asarray(label))
