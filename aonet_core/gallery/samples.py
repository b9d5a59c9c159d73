"""The shipped synthetic pictures, their twins and what is true of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from aonet_core.data.image_files import read_image, read_labels
from aonet_core.files import shipped_path
from aonet_core.trust import named, open_file

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from aonet_core.results.landmarks import LandmarkAnalysis

SAMPLE_FOLDER = shipped_path("sample_data")
TABLE = "visibility.parquet"


@dataclass(frozen=True)
class Sample:
    """One synthetic picture.

    Attributes:
        name: Its path below the folder; names it in links.
        path: Where it lies.
        role: "query", "gallery" or "twin".
        pid: Identity; 0 for a distractor.
        camid: Camera, from 1 on.
        occluder: What stands in front, "" for nothing.
        hidden: Share of the body that it hides, in [0, 1].
        visible: Share seen of every body part, in [0, 1]; NaN where the part is out of the crop.
        twin: Name of the same render without its occluder, "" where nothing stands in front.
        mask: Path of the label image, None where there is none.
        number: Which one it is of the pictures that are told in the same words, from 1 on.
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
    number: int = 1

    @property
    def what(self) -> str:
        """What sets the picture apart, in a few words."""
        if self.role == "twin":
            return "twin without occluder"
        if self.occluder:
            return f"{self.occluder.replace('_', ' ')}, {100 * self.hidden:.0f} % occluded"
        return "nothing in front"

    @cached_property
    def title(self) -> str:
        """A line for menus, like no other's: identity, camera and what sets it apart."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.pid:04d} c{self.camid} · {self.what}{again}"


@dataclass(frozen=True)
class SampleSet:
    """All samples of a folder, by name."""

    folder: Path
    samples: dict[str, Sample]

    def __len__(self) -> int:
        """Return how many pictures there are, twins included."""
        return len(self.samples)

    def default_pair(self) -> tuple[str, str] | None:
        """An occluded query and its twin that show the effect of the reference well, or None.

        As in Fig. 3 of the paper the head is hidden: the query with the most hidden head and upper
        torso while the legs are seen.
        """

        def telling(sample: Sample) -> tuple[float, str]:
            free = {part: 0.0 if isnan(share) else share for part, share in sample.visible.items()}
            legs = free.get("upper_legs", 0.0) + free.get("lower_legs", 0.0)
            return legs - 2 * free.get("head", 1.0) - free.get("upper_torso", 1.0), sample.name

        pairs = [s for s in self.samples.values() if s.role == "query" and s.twin]
        best = max(pairs, key=telling, default=None)
        return (best.name, best.twin) if best else None

    def junk(self, sample: Sample) -> tuple[str, ...]:
        """Gallery pictures that a query's ranking leaves out: same identity, same camera."""
        return self._names(sample, lambda camid: camid == sample.camid)

    def right_matches(self, sample: Sample) -> tuple[str, ...]:
        """Gallery pictures that a query should find: same identity, another camera."""
        return self._names(sample, lambda camid: camid != sample.camid)

    def _names(self, sample: Sample, camera: Callable[[int], bool]) -> tuple[str, ...]:
        return tuple(
            other.name
            for other in self.samples.values()
            if other.role == "gallery" and other.pid == sample.pid != 0 and camera(other.camid)
        )


def read_samples(folder: str | Path | None = None) -> SampleSet:
    """List the pictures of a synthetic set's test split.

    Args:
        folder: The set; the shipped one by default.

    Returns:
        An empty set where the folder has no `visibility.parquet`.

    Raises:
        ValueError: The table cannot be read, or lacks a column.
    """
    folder = Path(folder) if folder else SAMPLE_FOLDER
    if not (folder / TABLE).is_file():
        return SampleSet(folder, {})
    import pandas as pd

    try:
        with open_file(folder / TABLE) as file:
            table = pd.read_parquet(file)
        rows = table[table["split"] == "test"].sort_values("file").to_dict("records")
        samples = [_sample(folder, row) for row in rows]
        twins = [_twin(folder, sample) for sample in samples if sample.twin]
    except KeyError as error:
        raise ValueError(f"{TABLE} of the samples has no column {error}") from error
    except (ValueError, OSError) as error:
        raise ValueError(f"{TABLE} of the samples cannot be read: {error}") from error
    return SampleSet(folder, {sample.name: sample for sample in _numbered([*samples, *twins])})


def _numbered(samples: list[Sample]) -> Iterator[Sample]:
    """Number those whose titles are the same: a menu tells its entries apart by their titles."""
    counts: Counter[str] = Counter()
    for sample in samples:
        counts[sample.title] += 1
        yield replace(sample, number=counts[sample.title])


def landmark_visibility(sample: Sample, twin: LandmarkAnalysis) -> np.ndarray | None:
    """True visibility (K,) of each landmark of an occluded sample; None where it is not known.

    Args:
        sample: An occluded picture with a mask.
        twin: The analysis of its twin, which says where each landmark lies.
    """
    if sample.mask is None or not sample.twin or not sample.mask.is_file():
        return None
    from aonet_core.analysis.fidelity import true_visibility

    return true_visibility(twin.referenced_response_map, read_labels(sample.mask))


def hidden_landmarks(clean: LandmarkAnalysis, mask: np.ndarray) -> np.ndarray:
    """True hidden share of each landmark under a mask: (K,) in [0, 1], NaN without any response.

    Args:
        clean: The analysis of the picture with nothing hidden, which says where landmarks lie.
        mask: (h, w) bool in that picture's pixels, `Edited.mask`.
    """
    from aonet_core.analysis.fidelity import hidden_share, pool_area

    maps = clean.referenced_response_map
    return hidden_share(maps, pool_area(mask, *maps.shape[1:]))


def sample_cutout(sample: Sample) -> Image.Image | None:
    """The person of a sample as a cut-out with a soft edge, for a stamp; None where unknown.

    What stands in front of the person is left out.

    Raises:
        OSError, ImageError: The picture or its mask cannot be read, or they differ in size.
    """
    if sample.mask is None or not sample.mask.is_file():
        return None
    import numpy as np
    from PIL import Image, ImageFilter

    from aonet_core.analysis.fidelity import OCCLUDED_BIT

    picture = read_image(sample.path)
    label = read_labels(sample.mask, size=picture.size)
    person = (label > 0) & (label < OCCLUDED_BIT)
    if not person.any():
        return None
    alpha = Image.fromarray(np.uint8(person) * 255)
    picture.putalpha(alpha.filter(ImageFilter.GaussianBlur(0.7)))
    return picture.crop(alpha.getbbox())


def _sample(folder: Path, row: dict) -> Sample:
    prefix = "visible_"
    return Sample(
        name=row["file"],
        path=_named(folder, row["file"]),
        role=row["role"],
        pid=row["pid"],
        camid=row["camid"],
        occluder=row["occluder"],
        hidden=row["hidden"],
        visible={key[len(prefix) :]: row[key] for key in row if key.startswith(prefix)},
        twin=row["twin"],
        mask=named(folder, row["mask"]),
    )


def _named(folder: Path, name: str) -> Path:
    """Where a picture lies that the table names."""
    if (path := named(folder, name)) is None:
        raise ValueError(f"it names {name!r}, which is not in the set")
    return path


def _twin(folder: Path, sample: Sample) -> Sample:
    return replace(
        sample,
        name=sample.twin,
        path=_named(folder, sample.twin),
        role="twin",
        occluder="",
        hidden=0.0,
        visible=dict.fromkeys(sample.visible, 1.0),
        twin="",
        mask=None,
    )
