"""What a data set is once it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of one person.

    Attributes:
        path: The image file.
        pid: Identity as the data set numbers it; 0 is a distractor of the gallery.
        camid: Camera as the data set numbers it.
    """

    path: Path
    pid: int
    camid: int


@dataclass(frozen=True)
class DataSet:
    """A re-identification data set; samples are in the order of their file names.

    Attributes:
        name: Name of its specification in `aonet_core.data.readers.SPECIFICATIONS`.
        root: The folder it was read from.
        train: Training samples; this and the other splits are empty where the set lacks them.
        query: Samples to search for.
        gallery: Samples to search in, without junk, with distractors.
    """

    name: str
    root: Path
    train: tuple[Sample, ...]
    query: tuple[Sample, ...]
    gallery: tuple[Sample, ...]

    @property
    def num_ids(self) -> int:
        """Number of training identities N."""
        return len({sample.pid for sample in self.train})

    def train_labels(self) -> list[int]:
        """Return the training class of every training sample: pids in order, made contiguous."""
        pids = [sample.pid for sample in self.train]
        label_of = {pid: label for label, pid in enumerate(sorted(set(pids)))}
        return [label_of[pid] for pid in pids]
