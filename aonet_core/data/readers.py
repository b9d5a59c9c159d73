"""Reads data sets from their folders: one table of specifications, one reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aonet_core.data.samples import DataSet, Sample

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})
JUNK_PID = -1
"""Market-1501's label for boxes that show nobody well enough to count."""


@dataclass(frozen=True)
class Split:
    """Where one split of a data set lies and how its files are called.

    Attributes:
        folder: Folder below the root; images are found at any depth in it.
        example: A name that fits, for error messages.
        pattern: Matches the beginning of the base name, never the path; has a group `pid` and,
            unless `camid` is given, a group `camid`.
        camid: Camera of the whole split, for sets that do not name one.
    """

    folder: str
    example: str = "0001_c1s1_001051_00.jpg"
    pattern: str = r"(?P<pid>-?\d+)_c(?P<camid>\d+)"
    camid: int | None = None


@dataclass(frozen=True)
class Specification:
    """One row of the table of data sets.

    Attributes:
        name: What the user calls it.
        folders: Names its root folder usually has.
        query: The split to search for.
        gallery: The split to search in.
        train: The training split, absent in sets for evaluation only.
        marker: A file that only this set has at its root, if any.
    """

    name: str
    folders: tuple[str, ...]
    query: Split
    gallery: Split
    train: Split | None = None
    marker: str | None = None


_QUERY, _GALLERY, _TRAIN = Split("query"), Split("bounding_box_test"), Split("bounding_box_train")
_DUKE = "0002_c1_f0044158.jpg"
_DUKE_SPLITS = {
    "query": Split("query", _DUKE),
    "gallery": Split("bounding_box_test", _DUKE),
    "train": Split("bounding_box_train", _DUKE),
}

SPECIFICATIONS: dict[str, Specification] = {
    specification.name: specification
    for specification in (
        Specification("synthped", ("synthped",), _QUERY, _GALLERY, _TRAIN, marker="synth.json"),
        Specification(
            "synthped_validation",
            (),
            Split("validation/query"),
            Split("validation/bounding_box_test"),
        ),
        Specification(
            "market1501", ("Market-1501-v15.09.15", "market1501"), _QUERY, _GALLERY, _TRAIN
        ),
        Specification("dukemtmc", ("DukeMTMC-reID",), **_DUKE_SPLITS),
        Specification("occluded_duke", ("Occluded_Duke",), **_DUKE_SPLITS),
    )
}
"""Every data set that can be read, by name."""


def read_dataset(
    root: str | Path, name: str = "auto", splits: Sequence[str] = ("query", "gallery")
) -> DataSet:
    """Read the file names of a data set; no image is opened.

    Args:
        root: The folder of the set, or the one that holds it under its usual name.
        name: A key of `SPECIFICATIONS`, or "auto": recognised by its folder's name or its marker
            file, else read in Market-1501's layout.
        splits: Which of "train", "query" and "gallery" must be there; the others are empty if
            their folder is missing.

    Raises:
        FileNotFoundError: The root, or the folder of a split that must be there, is missing.
        ValueError: The name is unknown, several sets fit, a split is empty, or a file name does
            not tell identity and camera.
    """
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"no data set at {root}: there is no such folder")
    if name == "auto":
        specification, folder = _recognise(root)
    elif name in SPECIFICATIONS:
        specification = SPECIFICATIONS[name]
        folder = next(iter(_usual_folders(specification, root)), root)
    else:
        raise ValueError(f"data set must be auto, {', '.join(SPECIFICATIONS)}, got {name!r}")
    samples = {
        split: _read_split(specification, folder, split, required=split in splits)
        for split in ("train", "query", "gallery")
    }
    return DataSet(specification.name, folder, **samples)


def _usual_folders(specification: Specification, root: Path) -> list[Path]:
    return [root / folder for folder in specification.folders if (root / folder).is_dir()]


def _recognise(root: Path) -> tuple[Specification, Path]:
    """Find the specification and the folder of the set at or directly below `root`."""
    found = []
    for specification in SPECIFICATIONS.values():
        named = root.resolve().name in specification.folders
        marked = specification.marker is not None and (root / specification.marker).is_file()
        if marked or (named and specification.marker is None):
            return specification, root
        found += [(specification, folder) for folder in _usual_folders(specification, root)]
    if len(found) > 1:
        names = ", ".join(f"{each.name} in {folder.name}" for each, folder in found)
        raise ValueError(f"{root} holds several data sets: {names}; name the one to read")
    return found[0] if found else (SPECIFICATIONS["market1501"], root)


def _read_split(
    specification: Specification, root: Path, name: str, required: bool
) -> tuple[Sample, ...]:
    """Read one split in the order of its file names, without junk."""
    split: Split | None = getattr(specification, name)
    if split is None:
        if required:
            raise ValueError(f"{specification.name} is for evaluation only: it has no {name} split")
        return ()
    folder = root / split.folder
    if not folder.is_dir():
        if not required:
            return ()
        usual = " or ".join(specification.folders)
        raise FileNotFoundError(
            f"{specification.name} needs a folder {split.folder}: looked for {folder}"
            + (f", and for {usual} below the folder given" if usual else "")
        )
    pattern = re.compile(split.pattern)
    samples = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        match = pattern.match(path.name)
        if match is None:
            raise ValueError(
                f"{path} does not tell identity and camera: expected a name like {split.example}"
            )
        camid = split.camid if split.camid is not None else int(match["camid"])
        samples.append(Sample(path, int(match["pid"]), camid))
    samples = tuple(sample for sample in samples if sample.pid != JUNK_PID)
    if not samples:
        raise ValueError(
            f"{specification.name} has an empty split: no images like {split.example} in {folder}"
        )
    return samples
