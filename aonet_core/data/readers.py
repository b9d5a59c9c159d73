"""Reads data sets from folders and archives by the table in `specifications`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from aonet_core.data.distinct import distinct
from aonet_core.data.left_out import sentence
from aonet_core.data.recognise import Recognised, recognise
from aonet_core.data.samples import JUNK, SPLITS, UNKNOWN_PID, DataSet, Sample
from aonet_core.data.specifications import Specification
from aonet_core.data.splits import read_split
from aonet_core.data.tree import FolderTree, Tree

logger = logging.getLogger(__name__)


def read_dataset(
    root: str | Path,
    name: str = "auto",
    splits: Sequence[str] = ("query", "gallery"),
    links: bool = True,
) -> DataSet:
    """Read the file names of a data set; no image is decoded.

    A warning is logged where files are left out, and where a set differs in size from what was
    published. Pictures of one content count once in a split, under the first of their names; a
    split of exactly its published size is taken as published.

    Args:
        root: The folder of the set, or one around it.
        name: A key of `SPECIFICATIONS`, or "auto": recognised by its folder's name or its marker
            file, else a plain folder of images, else read in Market-1501's layout.
        splits: Which of "train", "query" and "gallery" must be there; the others are empty if
            their folder is missing. A plain folder has a gallery alone, and needs no queries.
        links: Whether links may lead out of the folder, as in `aonet_core.trust`.

    Raises:
        FileNotFoundError: The root, the folder or list of a split that must be there, or a listed
            image is missing.
        ValueError: The name is unknown, several sets fit, a split is empty, no file name of a
            split tells identity and camera, or a list names an image twice.
    """
    if not Path(root).is_dir():
        raise FileNotFoundError(f"no data set at {root}: there is no such folder")
    tree = FolderTree(root, links)
    recognised = recognise(tree, name)
    dataset = read_tree(tree, recognised, splits)
    # Boxes that a set marks as junk are no part of it: that is no news.
    if left_out := sentence([each for each in dataset.left_out if each[1] != JUNK]):
        logger.warning(f"{dataset.name}: {left_out}")
    _compare_sizes(dataset, recognised.specification)
    return dataset


def read_tree(
    tree: Tree, recognised: Recognised, splits: Sequence[str], copies: bool = False
) -> DataSet:
    """Read a data set that was recognised; see `read_dataset`.

    Args:
        tree: What it lies in.
        recognised: What it is.
        splits: Which must be there.
        copies: Whether pictures of the same content are all wanted.
    """
    if unknown := set(splits) - set(SPLITS):
        raise ValueError(f"splits must be of {', '.join(SPLITS)}, got {', '.join(sorted(unknown))}")
    specification = recognised.specification
    left_out, samples = list(recognised.beside), {}
    for split in SPLITS:
        read, lost = read_split(specification, tree, recognised.base, split, split in splits)
        left_out += lost
        if not copies and split in splits and not _as_published(specification, split, read):
            read, same = distinct(read)
            left_out += same
        samples[split] = read
    own = f"{recognised.base}/" if recognised.base else ""
    return DataSet(
        specification.name,
        tree.root / recognised.base,
        **samples,
        left_out=tuple((name.removeprefix(own), reason) for name, reason in left_out),
        links=tree.links,
    )


def _compare_sizes(dataset: DataSet, specification: Specification) -> None:
    for split, size in specification.published.items():
        samples = getattr(dataset, split)
        images, identities = _size(samples)
        if samples and (images, identities) != (size.images, size.identities):
            logger.warning(
                f"{dataset.name}: {split} has {images} images of {identities} identities, "
                f"published {size.images} of {size.identities} "
                f"({images - size.images:+d} images, {identities - size.identities:+d} identities)"
            )


def _size(samples: Sequence[Sample]) -> tuple[int, int]:
    return len(samples), len({sample.pid for sample in samples} - {UNKNOWN_PID})


def _as_published(specification: Specification, split: str, samples: Sequence[Sample]) -> bool:
    size = specification.published.get(split)
    return size is not None and _size(samples) == (size.images, size.identities)
