"""What a data set is once it has been read."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aonet_core.trust import open_file

SPLITS = ("train", "query", "gallery")
JUNK_PID = -1
"""Market-1501's label for boxes that show nobody well enough to count; readers drop them."""
JUNK = f"its name marks it as junk (identity {JUNK_PID})"
UNKNOWN_PID = 0
"""An identity that nobody gave, or a distractor: it never counts as a match."""
UNKNOWN_CAMID = 0
"""The camera of images whose camera nobody gave."""
LARGEST_NUMBER = 2**63 - 1
"""Of an identity or a camera: what a table of galleries can hold."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of one person.

    Attributes:
        path: The image file.
        pid: Identity as the data set numbers it; `UNKNOWN_PID`, which is 0, for a distractor of
            the gallery or an image nobody named. MSMT17 counts people from 0: they are moved up
            by one.
        camid: Camera as the data set numbers it; in sets that name none 0 for queries, 1 for the
            gallery.
        name: Its path below the root of the set.
    """

    path: Path
    pid: int
    camid: int
    name: str = ""


@dataclass(frozen=True)
class DataSet:
    """A re-identification data set; samples are in the order of their file names.

    Attributes:
        name: Name of its specification in `aonet_core.data.specifications`.
        root: The folder it was read from.
        train: Training samples; this and the other splits are empty where the set lacks them.
        query: Samples to search for.
        gallery: Samples to search in, without junk, with distractors.
        left_out: Names and reasons of files that are no part of it, and that people may miss.
        links: Whether links in its folder may lead out, as in `aonet_core.trust`.
    """

    name: str
    root: Path
    train: tuple[Sample, ...]
    query: tuple[Sample, ...]
    gallery: tuple[Sample, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    links: bool = True

    def without_match(self) -> tuple[tuple[str, str], ...]:
        """Names of queries that have no right match by definition, and the reason."""
        reason = f"a query of identity {UNKNOWN_PID}, which is nobody's, has no right match"
        return tuple((each.name, reason) for each in self.query if each.pid == UNKNOWN_PID)

    @property
    def num_ids(self) -> int:
        """Number of training identities N."""
        return len({sample.pid for sample in self.train})

    def train_labels(self) -> list[int]:
        """Return the training class of every training sample: pids in order, made contiguous."""
        pids = [sample.pid for sample in self.train]
        label_of = {pid: label for label, pid in enumerate(sorted(set(pids)))}
        return [label_of[pid] for pid in pids]

    def fingerprint(self) -> str:
        """Tell training sets apart by names below the root, labels, cameras and contents.

        Where the set lies plays no part. Every file is read.

        Raises:
            FileNotFoundError: An image is missing.
        """
        with ThreadPoolExecutor() as pool:
            contents = pool.map(_content, self.train)
            digest = hashlib.sha256()
            for sample, content in zip(self.train, contents, strict=True):
                name = sample.path.relative_to(self.root).as_posix()
                facts = (name, sample.pid, sample.camid, content)
                digest.update(f"{facts!r}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def _content(sample: Sample) -> str:
    try:
        with open_file(sample.path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise FileNotFoundError(f"{sample.path} is missing") from None


def number(digits: str) -> int | None:
    """The number that digits tell; None where it is larger than any table can hold."""
    value = int(digits) if len(digits) < 1000 else LARGEST_NUMBER + 1
    return value if abs(value) <= LARGEST_NUMBER else None


def check_images(dataset: DataSet) -> None:
    """Decode every image of a data set.

    Raises:
        ValueError: Some cannot be read; the message counts them and names the first three.
    """
    from aonet_core.data.image_files import read_image
    from aonet_core.errors import ImageError

    paths = [sample.path for split in SPLITS for sample in getattr(dataset, split)]
    broken = []
    for path in paths:
        try:
            read_image(path, str(path))
        except ImageError as error:
            broken.append(str(error).removesuffix("."))
        except OSError as error:
            broken.append(f"{path} ({error})")
    if broken:
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        raise ValueError(
            f"{dataset.name} has {len(broken)} of {len(paths)} images that cannot be read: "
            f"{', '.join(broken[:3])}{more}"
        )
