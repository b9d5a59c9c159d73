"""Finds out which data set a folder or an archive holds, and in which of its folders it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aonet_core.data.left_out import LeftOut
from aonet_core.data.samples import SPLITS
from aonet_core.data.specifications import SPECIFICATIONS, Specification, Split
from aonet_core.data.tree import Tree, file_of, has_folder, has_pictures, is_picture, joined

WRAPPERS = 8
"""Folders, one in the other, that may be around a data set."""
OWN = replace(SPECIFICATIONS["market1501"], published={})
"""Somebody's own set in Market-1501's layout has a size of its own."""
Place = tuple[Specification, str]


@dataclass(frozen=True)
class Recognised:
    """A data set and where it lies.

    Attributes:
        specification: How it is laid out.
        base: Name of its folder.
        certain: Whether anything speaks for that layout; else it is the one to be told of.
        beside: Names and reasons of folders with pictures that lie beside it.
    """

    specification: Specification
    base: str
    certain: bool = True
    beside: LeftOut = ()


def recognise(tree: Tree, name: str = "auto") -> Recognised:
    """Find a data set at the root, below it under its usual name, or in folders around it.

    Args:
        tree: The folder or archive.
        name: A key of `SPECIFICATIONS`, or "auto": recognised by its folder's name, its marker
            file or Market-1501's folders; else a plain folder of images.

    Raises:
        ValueError: The name is unknown, or several sets fit.
    """
    if name != "auto" and name not in SPECIFICATIONS:
        raise ValueError(f"data set must be auto, {', '.join(SPECIFICATIONS)}, got {name!r}")
    base, beside = "", list[tuple[str, str]]()
    for _ in range(WRAPPERS):
        places = _fitting(tree, base) if name == "auto" else _named(tree, base, name)
        if len(places) > 1:
            names = ", ".join(f"{row.name} in {folder or tree.name}" for row, folder in places)
            raise ValueError(
                f"{tree.where('')} holds several data sets: {names}; name the one to read"
            )
        if places:
            return Recognised(*places[0], beside=tuple(beside))
        if any(is_picture(each) for each in tree.level(base).files):
            break
        base, others = _inside(tree, base, name)
        if not base:
            break
        beside += [(f"{each}/", "it lies beside the data set") for each in others]
    has_pictures = any(is_picture(each) for each in tree.level().files)
    if name != "auto":
        return Recognised(SPECIFICATIONS[name], "")
    return Recognised(SPECIFICATIONS["folder"] if has_pictures else OWN, "", certain=has_pictures)


def holds_dataset(tree: Tree, recognised: Recognised, name: str = "auto") -> bool:
    """Tell whether a tree is to be read as a data set rather than as images without roles."""
    if name != "auto":
        return name != "folder"
    folder_alone = recognised.specification.name == "folder" or not recognised.certain
    return not folder_alone and _has_any(tree, recognised.base, recognised.specification)


def folder_of(tree: Tree, base: str, part: Split) -> str | None:
    """The folder that a part of a set lies in; None where it is not there."""
    if part.folders == (".",):
        return base
    names = (joined(base, name) for name in part.folders)
    return next((name for name in names if has_folder(tree, name)), None)


def _named(tree: Tree, base: str, name: str) -> list[Place]:
    """Where a set of this name lies, looked for in one folder."""
    row = SPECIFICATIONS[name]
    usual = _usual_folders(tree, base, row)
    places = usual or ([base] if _has_any(tree, base, row) else [])
    return [(row, place) for place in places[:1]]


def _fitting(tree: Tree, base: str) -> list[Place]:
    """Sets that lie in a folder or directly below it."""
    rows = list(SPECIFICATIONS.values())
    marked = [row for row in rows if row.marker and file_of(tree, joined(base, row.marker))]
    if marked:
        return [(marked[0], base)]
    called = base.rpartition("/")[2] or tree.name
    places = [(row, base) for row in rows if called in row.folders and row.marker is None]
    places = places or [(row, place) for row in rows for place in _usual_folders(tree, base, row)]
    # Protocols that share a folder are told apart by its query folders, where it has only one.
    ready = {place for row, place in places if _has_query(tree, place, row)}
    places = [each for each in places if each[1] not in ready or _has_query(tree, each[1], each[0])]
    if not places and _has_any(tree, base, OWN):
        return [(OWN, base)]
    return places


def _inside(tree: Tree, base: str, name: str) -> tuple[str, Sequence[str]]:
    """The folder to look in next: the only one with a set or, without any, with pictures."""
    folders = [each for each in tree.level(base).folders if has_pictures(tree, each)]
    if name == "auto":
        sets = [each for each in folders if _is_set(tree, each)]
    else:
        sets = [each for each in folders if _named(tree, each, name)]
    if len(sets) > 1:
        raise ValueError(
            f"{tree.where('')} holds several data sets: {', '.join(sets)}; give the folder of one"
        )
    candidates = sets or folders
    if len(candidates) != 1:
        return "", ()
    return candidates[0], [each for each in folders if each != candidates[0]]


def _is_set(tree: Tree, folder: str) -> bool:
    """Whether a folder is certainly a set's: a gallery's name is like nothing else."""
    if folder_of(tree, folder, OWN.gallery) is not None:
        return True
    return any(row is not OWN for row, _ in _fitting(tree, folder))


def _usual_folders(tree: Tree, base: str, row: Specification) -> list[str]:
    names = (joined(base, folder) for folder in row.folders)
    return [name for name in names if has_folder(tree, name)]


def _has_query(tree: Tree, base: str, row: Specification) -> bool:
    return any(folder_of(tree, base, part) is not None for part in row.parts("query"))


def _has_any(tree: Tree, base: str, row: Specification) -> bool:
    parts = (part for split in SPLITS for part in row.parts(split))
    return any(folder_of(tree, base, part) is not None for part in parts)
