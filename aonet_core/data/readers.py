"""Reads data sets from their folders by the table in `specifications`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from aonet_core.data.samples import (
    JUNK_PID,
    SPLITS,
    UNKNOWN_CAMID,
    UNKNOWN_PID,
    DataSet,
    Sample,
)
from aonet_core.data.specifications import SPECIFICATIONS, Specification, Split

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})

logger = logging.getLogger(__name__)


def read_dataset(
    root: str | Path, name: str = "auto", splits: Sequence[str] = ("query", "gallery")
) -> DataSet:
    """Read the file names of a data set; no image is opened.

    A warning is logged where a set differs in size from what was published.

    Args:
        root: The folder of the set, or the one that holds it under its usual name.
        name: A key of `SPECIFICATIONS`, or "auto": recognised by its folder's name or its marker
            file, else a plain folder of images, else read in Market-1501's layout.
        splits: Which of "train", "query" and "gallery" must be there; the others are empty if
            their folder is missing. A plain folder has a gallery alone, and needs no queries.

    Raises:
        FileNotFoundError: The root, the folder or list of a split that must be there, or a listed
            image is missing.
        ValueError: The name is unknown, several sets fit, a split is empty, a file name does not
            tell identity and camera, or an image is there twice.
    """
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"no data set at {root}: there is no such folder")
    if unknown := set(splits) - set(SPLITS):
        raise ValueError(f"splits must be of {', '.join(SPLITS)}, got {', '.join(sorted(unknown))}")
    if name == "auto":
        specification, folder = _recognise(root)
    elif name in SPECIFICATIONS:
        specification = SPECIFICATIONS[name]
        folder = next(iter(_usual_folders(specification, root)), root)
    else:
        raise ValueError(f"data set must be auto, {', '.join(SPECIFICATIONS)}, got {name!r}")
    samples = {
        split: _read_split(specification, folder, split, required=split in splits)
        for split in SPLITS
    }
    dataset = DataSet(specification.name, folder, **samples)
    _compare_sizes(dataset, specification)
    return dataset


def holds_dataset(root: Path, name: str = "auto") -> bool:
    """Tell whether a folder is to be read as a data set rather than as images without roles.

    Args:
        root: The folder.
        name: As in `read_dataset`; every name but "auto" and "folder" says yes.

    Raises:
        ValueError: Several data sets fit.
    """
    if name != "auto":
        return name != "folder"
    specification, folder = _recognise(root)
    parts = [part for split in SPLITS for part in specification.parts(split)]
    return specification.name != "folder" and any(_folder_of(part, folder) for part in parts)


def _usual_folders(specification: Specification, root: Path) -> list[Path]:
    return [root / folder for folder in specification.folders if (root / folder).is_dir()]


def _recognise(root: Path) -> tuple[Specification, Path]:
    """Find the specification and the folder of the set at or directly below `root`."""
    for specification in SPECIFICATIONS.values():
        if specification.marker is not None and (root / specification.marker).is_file():
            return specification, root
    name = root.resolve().name
    rows = list(SPECIFICATIONS.values())
    found = [(row, root) for row in rows if name in row.folders and row.marker is None]
    found = found or [(row, folder) for row in rows for folder in _usual_folders(row, root)]
    # Protocols that share a folder are told apart by its query folders, where it has only one.
    ready = {folder for row, folder in found if _has_query(row, folder)}
    found = [each for each in found if each[1] not in ready or _has_query(*each)]
    if len(found) > 1:
        names = ", ".join(f"{row.name} in {folder.name}" for row, folder in found)
        raise ValueError(f"{root} holds several data sets: {names}; name the one to read")
    if found:
        return found[0]
    market = SPECIFICATIONS["market1501"]
    parts = [part for split in SPLITS for part in market.parts(split)]
    if not any(_folder_of(part, root) for part in parts) and any(map(_is_image, root.iterdir())):
        return SPECIFICATIONS["folder"], root
    # Somebody's own set in this layout has a size of its own.
    return replace(market, published={}), root


def _has_query(specification: Specification, root: Path) -> bool:
    return any(_folder_of(part, root) for part in specification.parts("query"))


def _folder_of(part: Split, root: Path) -> Path | None:
    return next((root / name for name in part.folders if (root / name).is_dir()), None)


def _is_image(path: Path) -> bool:
    # Archives made on a Mac hold a hidden ._NAME.jpg, which is no image, beside every NAME.jpg.
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _read_split(
    specification: Specification, root: Path, name: str, required: bool
) -> tuple[Sample, ...]:
    """Read one split part by part in the order of file names, without junk."""
    parts = specification.parts(name)
    if required and not parts and name != "query":
        raise ValueError(f"{specification.name} is for evaluation only: it has no {name} split")
    samples: list[Sample] = []
    for part in parts:
        folder = _folder_of(part, root)
        listing = None if part.listing is None else root / part.listing
        if folder is None or (listing is not None and not listing.is_file()):
            if not required:
                return ()
            raise FileNotFoundError(_what_is_missing(specification, part, root))
        read = _by_names if listing is None else _by_list
        samples += read(part, folder, listing)
    kept = tuple(sample for sample in samples if sample.pid != JUNK_PID)
    if parts and not kept:
        junk = f" but {len(samples)} of junk" if samples else ""
        raise ValueError(
            f"{specification.name} has an empty split: no images like {parts[0].example} in "
            f"{_folder_of(parts[0], root)}{junk}"
        )
    if all(part.names_required for part in parts):
        _refuse_duplicates(specification, name, samples)
    return kept


def _what_is_missing(specification: Specification, part: Split, root: Path) -> str:
    if _folder_of(part, root) is not None:
        return f"{specification.name} needs a list {part.listing}: looked for {root / part.listing}"
    usual = " or ".join(specification.folders)
    return (
        f"{specification.name} needs a folder {' or '.join(part.folders)}: looked for "
        + ", ".join(str(root / name) for name in part.folders)
        + (f", and for {usual} below the folder given" if usual else "")
        + "; images without such folders are read as data set 'folder'"
    )


def _by_names(part: Split, folder: Path, _: None) -> list[Sample]:
    """Read all images below a folder; their base names tell identity and camera."""
    paths = sorted(path for path in folder.rglob("*") if _is_image(path))
    matches = [re.match(part.pattern, path.name) for path in paths]
    if not part.names_required and not all(matches):
        if any(matches):
            count = sum(match is not None for match in matches)
            logger.warning(
                f"{folder}: only {count} of {len(paths)} names are like {part.example}; identity "
                "and camera of all are taken as unknown"
            )
        return [Sample(path, UNKNOWN_PID, UNKNOWN_CAMID) for path in paths]
    return [
        Sample(path, int(_checked(match, path, part)["pid"]), _camera(match, part))
        for path, match in zip(paths, matches, strict=True)
    ]


def _by_list(part: Split, folder: Path, listing: Path) -> list[Sample]:
    """Read the images that a list names with their identities; base names tell the camera."""
    samples = []
    for number, line in enumerate(listing.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        if len(words) < 2 or not words[1].isdecimal():
            raise ValueError(f"{listing} line {number}: expected 'path pid', got {line!r}")
        path = folder / words[0]
        if not path.is_file():
            raise FileNotFoundError(f"{listing} line {number} names {words[0]}: looked for {path}")
        match = _checked(re.match(part.pattern, path.name), path, part)
        samples.append(Sample(path, int(words[1]) + part.first_pid, _camera(match, part)))
    return sorted(samples, key=lambda sample: sample.path)


def _checked(match: re.Match | None, path: Path, part: Split) -> re.Match:
    if match is None:
        wanted = "identity and camera" if part.camid is None else "its identity"
        camera = part.camid is None and re.match(r"-?\d+[_.]", path.name)
        hint = ", perhaps the camera is missing" if camera else ""
        raise ValueError(
            f"{path} does not tell {wanted}: expected a name like {part.example}{hint}"
        )
    return match


def _camera(match: re.Match, part: Split) -> int:
    return int(match["camid"]) if part.camid is None else part.camid


def _refuse_duplicates(specification: Specification, split: str, samples: Iterable[Sample]) -> None:
    """Names identify images: one name twice, also with another suffix, is one image twice.

    Images of different cameras may share a name in sets where the name does not tell the camera.
    """
    seen: dict[tuple[str, int], Path] = {}
    for sample in samples:
        key = sample.path.stem.lower(), sample.camid
        if key in seen:
            raise ValueError(
                f"{specification.name} has one image twice in its {split} split: "
                f"{seen[key]} and {sample.path}"
            )
        seen[key] = sample.path


def _compare_sizes(dataset: DataSet, specification: Specification) -> None:
    for split, size in specification.published.items():
        samples = getattr(dataset, split)
        images, identities = len(samples), len({s.pid for s in samples} - {UNKNOWN_PID})
        if samples and (images, identities) != (size.images, size.identities):
            logger.warning(
                f"{dataset.name}: {split} has {images} images of {identities} identities, "
                f"published {size.images} of {size.identities} "
                f"({images - size.images:+d} images, {identities - size.identities:+d} identities)"
            )
