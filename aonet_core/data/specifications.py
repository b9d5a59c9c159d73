"""The table of data sets: where their splits lie, what names say, how large they are.

Data only; `aonet_core.data.readers` reads by it. The partial sets are used in two ways, and their
figures are not comparable (Table 3 of the paper, AONet (whole) and AONet (crop)):

- *whole*: the query shows the whole pedestrian box with what stands in front of it,
  `occluded_body_images`.
- *crop*: the visible part of the pedestrian was cut out as an image of its own,
  `partial_body_images`. The copies of Partial-iLIDS that call their folders `query` or `Probe`
  hold such crops.

The gallery is `whole_body_images` in both. The paper's sentence below the table names HOReID for
the first use and SORN for the second, its table groups them the other way; what decides here is
the folder, and there is no default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MARKET_NAME = r"(?P<pid>-?\d+)_c(?P<camid>\d+)"
PID_FIRST = r"(?P<pid>\d+)(?=[_.])"
QUERY_CAMID, GALLERY_CAMID = 0, 1
"""Cameras of sets that name none: query and gallery are taken as seen by different ones."""


@dataclass(frozen=True)
class Split:
    """Where one split of a data set lies and how its files are called.

    Attributes:
        folders: Names its folder may have below the root, the first that exists is read; images
            are found at any depth in it.
        example: A name that fits, for error messages.
        pattern: Matches the beginning of the base name, never the path; has a group `pid` unless
            there is a list, and a group `camid` unless `camid` is given.
        camid: Camera of the whole split, for sets that do not name one.
        listing: File at the root with a line "path pid" for every image; without it, all images
            in the folder count.
        first_pid: What the set's identity 0 becomes. Sets that count people from 0 need 1, since
            pid 0 means a distractor.
        names_required: Whether every name must fit the pattern and be there once. Otherwise names
            are used if all of them fit, and identity and camera are unknown if not.
    """

    folders: tuple[str, ...]
    example: str = "0001_c1s1_001051_00.jpg"
    pattern: str = MARKET_NAME
    camid: int | None = None
    listing: str | None = None
    first_pid: int = 0
    names_required: bool = True


@dataclass(frozen=True)
class Size:
    """Published size of a split: images without junk, identities without distractors."""

    images: int
    identities: int


@dataclass(frozen=True)
class Specification:
    """One row of the table of data sets.

    Attributes:
        name: What the user calls it.
        folders: Names its root folder usually has.
        query: The split to search for; absent in a plain folder of images.
        gallery: The split to search in.
        train: The training split, absent in sets for evaluation only; its parts are read one
            after the other.
        marker: A file that only this set has at its root, if any.
        published: Published sizes by split; empty for sets without a published size.
    """

    name: str
    folders: tuple[str, ...]
    query: Split | None
    gallery: Split
    train: tuple[Split, ...] = ()
    marker: str | None = None
    published: Mapping[str, Size] = field(default_factory=dict)

    def parts(self, split: str) -> tuple[Split, ...]:
        """Return what "train", "query" or "gallery" is made of; nothing where it is absent."""
        if split == "train":
            return self.train
        part = self.query if split == "query" else self.gallery
        return () if part is None else (part,)


def _three_folders(example: str) -> dict:
    return {
        "query": Split(("query",), example),
        "gallery": Split(("bounding_box_test",), example),
        "train": (Split(("bounding_box_train",), example),),
    }


def _two_folders(query: tuple[str, ...], gallery: tuple[str, ...], example: str) -> dict:
    """A set without cameras."""
    return {
        "query": Split(query, example, PID_FIRST, QUERY_CAMID),
        "gallery": Split(gallery, example, PID_FIRST, GALLERY_CAMID),
    }


def _by_list(folder: str, listing: str) -> Split:
    """A split of MSMT17; version 2 has masked faces in folders of other names."""
    return Split(
        (folder, f"mask_{folder}_v2"),
        "0000_002_01_0303morning_0016_2.jpg",
        r"\d+_\d+_(?P<camid>\d+)_",
        listing=listing,
        first_pid=1,
    )


def _sizes(query: tuple[int, int], gallery: tuple[int, int], train=None) -> dict[str, Size]:
    rows = {"query": query, "gallery": gallery, "train": train}
    return {split: Size(*row) for split, row in rows.items() if row is not None}


_MARKET = _three_folders("0001_c1s1_001051_00.jpg")
_DUKE = _three_folders("0002_c1_f0044158.jpg")
_PARTIAL_REID = ("Partial_REID", "Partial-REID_Dataset", "PartialREID")
_PARTIAL_ILIDS = ("Partial_iLIDS", "PartialiLIDS")
_OCCLUDED, _CROPPED, _WHOLE = "occluded_body_images", "partial_body_images", "whole_body_images"
_PARTIAL_REID_SIZE = _sizes((300, 60), (300, 60))
_PARTIAL_ILIDS_SIZE = _sizes((119, 119), (119, 119))

_ROWS = (
    Specification("synthped", ("synthped",), **_MARKET, marker="synth.json"),
    Specification(
        "synthped_validation",
        (),
        Split(("validation/query",)),
        Split(("validation/bounding_box_test",)),
    ),
    Specification(
        "market1501",
        ("Market-1501-v15.09.15", "market1501"),
        **_MARKET,
        published=_sizes((3368, 750), (15913, 750), (12936, 751)),
    ),
    Specification(
        "dukemtmc",
        ("DukeMTMC-reID",),
        **_DUKE,
        published=_sizes((2228, 702), (17661, 1110), (16522, 702)),
    ),
    Specification(
        "occluded_duke",
        ("Occluded_Duke",),
        **_DUKE,
        published=_sizes((2210, 519), (17661, 1110), (15618, 702)),
    ),
    Specification(
        "partial_reid_whole",
        _PARTIAL_REID,
        **_two_folders((_OCCLUDED,), (_WHOLE,), "001_001.jpg"),
        published=_PARTIAL_REID_SIZE,
    ),
    Specification(
        "partial_reid_crop",
        _PARTIAL_REID,
        **_two_folders((_CROPPED,), (_WHOLE,), "001_001.jpg"),
        published=_PARTIAL_REID_SIZE,
    ),
    Specification(
        "partial_ilids_whole",
        _PARTIAL_ILIDS,
        **_two_folders((_OCCLUDED,), (_WHOLE, "gallery", "Gallery"), "1.jpg"),
        published=_PARTIAL_ILIDS_SIZE,
    ),
    Specification(
        "partial_ilids_crop",
        _PARTIAL_ILIDS,
        **_two_folders((_CROPPED, "query", "Probe"), (_WHOLE, "gallery", "Gallery"), "1.jpg"),
        published=_PARTIAL_ILIDS_SIZE,
    ),
    Specification(
        "occluded_reid",
        ("Occluded_REID",),
        **_two_folders((_OCCLUDED,), (_WHOLE,), "001_01.tif"),
        published=_sizes((1000, 200), (1000, 200)),
    ),
    Specification(
        "p_dukemtmc",
        ("P-DukeMTMC-reID", "P-DukeMTMC-reid"),
        **_two_folders((f"test/{_OCCLUDED}",), (f"test/{_WHOLE}",), "0002_*.jpg"),
        train=(
            Split((f"train/{_OCCLUDED}",), "0002_*.jpg", PID_FIRST, QUERY_CAMID),
            Split((f"train/{_WHOLE}",), "0002_*.jpg", PID_FIRST, GALLERY_CAMID),
        ),
        # They add up to the 24,143 images of 1,299 people that its authors state.
        published=_sizes((2163, 634), (9053, 634), (12927, 665)),
    ),
    Specification(
        "msmt17",
        ("MSMT17_V1", "MSMT17_V2"),
        _by_list("test", "list_query.txt"),
        _by_list("test", "list_gallery.txt"),
        (_by_list("train", "list_train.txt"), _by_list("train", "list_val.txt")),
        published=_sizes((11659, 3060), (82161, 3060), (32621, 1041)),
    ),
    Specification("folder", (), None, Split((".",), names_required=False)),
)

SPECIFICATIONS: dict[str, Specification] = {row.name: row for row in _ROWS}
"""Every data set that can be read, by name."""
