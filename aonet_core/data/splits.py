"""Reads one split of a data set: which pictures are in it, and who is in them."""

from __future__ import annotations

import logging
import re
from pathlib import Path, PurePosixPath

from aonet_core.data.left_out import LeftOut, sentence
from aonet_core.data.lists import read_list
from aonet_core.data.recognise import folder_of
from aonet_core.data.samples import (
    JUNK,
    JUNK_PID,
    UNKNOWN_CAMID,
    UNKNOWN_PID,
    Sample,
    number,
)
from aonet_core.data.specifications import Specification, Split
from aonet_core.data.tree import Tree, file_of, joined, pictures
from aonet_core.names import readable

TOO_LARGE = "its identity or camera is a number of more digits than can be kept"
logger = logging.getLogger(__name__)
Read = tuple[list[Sample], list[tuple[str, str]]]
"""Samples, junk among them; names and reasons of what is left out."""


def read_split(
    specification: Specification, tree: Tree, base: str, split: str, required: bool
) -> tuple[tuple[Sample, ...], LeftOut]:
    """Read a split part by part in the order of file names.

    Args:
        specification: Of the data set.
        tree: What it lies in.
        base: Name of its folder.
        split: "train", "query" or "gallery".
        required: Whether it must be there.

    Returns:
        Its samples, and what is left out.

    Raises:
        FileNotFoundError, ValueError: As in `read_dataset`.
    """
    parts = specification.parts(split)
    if required and not parts and split != "query":
        raise ValueError(f"{specification.name} is for evaluation only: it has no {split} split")
    samples: list[Sample] = []
    left_out: list[tuple[str, str]] = []
    for part in parts:
        folder = folder_of(tree, base, part)
        listing = None if part.listing is None else file_of(tree, joined(base, part.listing))
        if folder is None or (part.listing is not None and not listing):
            if not required:
                return (), ()
            raise FileNotFoundError(_what_is_missing(specification, part, tree, base))
        if listing is None:
            read, lost = _by_names(part, tree, folder, base)
        else:
            read, lost = _by_list(part, tree, folder, base, listing)
        samples += read
        left_out += lost
    without_junk = tuple(sample for sample in samples if sample.pid != JUNK_PID)
    if parts and not without_junk:
        raise ValueError(_why_empty(specification.name, parts[0], tree, base, samples, left_out))
    _refuse_twice(specification.name, split, samples)
    left_out += [(sample.name, JUNK) for sample in samples if sample.pid == JUNK_PID]
    return without_junk, tuple(left_out)


def _what_is_missing(specification: Specification, part: Split, tree: Tree, base: str) -> str:
    if folder_of(tree, base, part) is not None and part.listing is not None:
        return (
            f"{specification.name} needs a list {part.listing}: looked for "
            f"{tree.where(joined(base, part.listing))}"
        )
    usual = " or ".join(specification.folders)
    return (
        f"{specification.name} needs a folder {' or '.join(part.folders)}: looked for "
        + ", ".join(tree.where(joined(base, name)) for name in part.folders)
        + (f", and for {usual} below the folder given" if usual else "")
        + "; images without such folders are read as data set 'folder'"
    )


def _why_empty(name: str, part: Split, tree: Tree, base: str, junk: list, left_out: list) -> str:
    where = tree.where(folder_of(tree, base, part) or base)
    lost = f" but {len(junk)} of junk" if junk else ""
    if left_out:
        lost += f"; {sentence(left_out)}"
    return f"{name} has an empty split: no images like {part.example} in {where}{lost}"


def _refuse_twice(name: str, split: str, samples: list[Sample]) -> None:
    """A list that names a picture twice is not in order; whose it is would be a guess."""
    names = set()
    for sample in samples:
        if sample.name in names:
            raise ValueError(f"{name} has one image twice in its {split} split: {sample.name}")
        names.add(sample.name)


def _by_names(part: Split, tree: Tree, folder: str, base: str) -> Read:
    """Read all images below a folder; their base names tell identity and camera."""
    files, lost = pictures(tree, folder)
    matches = {name: re.match(part.pattern, name.rpartition("/")[2]) for name in files}
    num_matched = sum(match is not None for match in matches.values())
    samples: list[Sample] = []
    left_out = list(lost)
    if not part.names_required and num_matched < len(files):
        if num_matched:
            logger.warning(
                f"{tree.where(folder)}: only {num_matched} of {len(files)} names are like "
                f"{part.example}; identity and camera of all are taken as unknown"
            )
        matches = dict.fromkeys(files)
    elif files and not num_matched:
        name = next(iter(files))
        raise ValueError(f"{name} {_untold(part, name)}")
    for name, path in files.items():
        _take(samples, left_out, part, name, path, base, matches[name])
    return samples, left_out


def _by_list(part: Split, tree: Tree, folder: str, base: str, listing: str) -> Read:
    """Read the images that a list names with their identities; base names tell the camera.

    A list chooses among the pictures of the folder; it opens nothing by itself.
    """
    files, lost = pictures(tree, folder)
    reasons = dict(lost)
    samples: list[Sample] = []
    left_out: list[tuple[str, str]] = []
    for line, said, pid in read_list(listing, str(part.listing)):
        names = [_below(folder, each) for each in (said, said.replace("\\", "/"))]
        name = next((each for each in names if each in files), None)
        if name is None:
            lost_name = next((each for each in map(readable, names) if each in reasons), None)
            if lost_name is None:
                raise FileNotFoundError(
                    f"{part.listing} line {line} names {readable(said)}: there is no such picture "
                    f"in {folder}"
                )
            left_out.append((lost_name, reasons[lost_name]))
            continue
        match = re.match(part.pattern, name.rpartition("/")[2])
        _take(samples, left_out, part, name, files[name], base, match, pid)
    return sorted(samples, key=lambda sample: sample.name.split("/")), left_out


def _below(folder: str, name: str) -> str:
    return joined(folder, PurePosixPath(name).as_posix())


def _take(
    samples: list[Sample],
    left_out: list[tuple[str, str]],
    part: Split,
    name: str,
    path: str,
    base: str,
    match: re.Match | None,
    listed_pid: str | None = None,
) -> None:
    """Add a picture to the samples, or to what is left out where its name tells too little."""
    own = name[len(base) + 1 :] if base else name
    if match is None and part.names_required:
        left_out.append((readable(name), f"its name {_untold(part, name)}"))
        return
    if match is None:
        samples.append(Sample(Path(path), UNKNOWN_PID, UNKNOWN_CAMID, own))
        return
    pid = number(match["pid"] if listed_pid is None else listed_pid)
    camid = number(match["camid"]) if part.camid is None else part.camid
    if pid is None or camid is None:
        left_out.append((readable(name), TOO_LARGE))
        return
    moved = pid + part.first_pid if pid >= 0 else pid
    samples.append(Sample(Path(path), moved, camid, own))


def _untold(part: Split, name: str) -> str:
    expected = "identity and camera" if part.camid is None else "its identity"
    base = name.rpartition("/")[2]
    camera = part.camid is None and re.match(r"-?\d+[_.]", base)
    hint = ", perhaps the camera is missing" if camera else ""
    return f"does not tell {expected}: expected a name like {part.example}{hint}"
