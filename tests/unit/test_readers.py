"""Readers on tiny look-alike trees: empty files, or a few pixels of one colour."""

import logging
import re
from dataclasses import replace

import pytest
from PIL import Image

from aonet_core.data import SPECIFICATIONS, UNKNOWN_PID, check_images, read_dataset
from aonet_core.data.specifications import Size

MARKET = ("bounding_box_train", "query", "bounding_box_test")
BODY = ("occluded_body_images", "partial_body_images", "whole_body_images")


@pytest.fixture
def make_set(tmp_path):
    """Write empty files under names; the readers open none."""

    def write(files: dict[str, list[str]], below: str = ""):
        for folder, names in files.items():
            (tmp_path / below / folder).mkdir(parents=True, exist_ok=True)
            for name in names:
                (tmp_path / below / folder / name).touch()
        return tmp_path

    return write


def market_files():
    return {
        "bounding_box_train": ["0007_c3s1_000001_00.jpg", "0002_c1s1_000001_00.jpg", "Thumbs.db"],
        "query": ["0010_c6s4_000001_00.jpg"],
        "bounding_box_test": [
            "-1_c1s1_000401_03.jpg",
            "0000_c2s1_000151_01.jpg",
            "0010_c1s1_000001_00.JPG",
        ],
    }


def ids(samples):
    return [(sample.pid, sample.camid) for sample in samples]


def names(samples):
    return [sample.path.name for sample in samples]


def warnings(caplog):
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


def test_market_layout(make_set):
    data = read_dataset(make_set(market_files(), "Market-1501-v15.09.15"))
    assert data.name == "market1501" and data.root.name == "Market-1501-v15.09.15"
    assert ids(data.train) == [(2, 1), (7, 3)] and data.train_labels() == [0, 1]
    assert data.num_ids == 2
    assert ids(data.query) == [(10, 6)]
    assert ids(data.gallery) == [(0, 2), (10, 1)]  # the distractor stays, junk goes


@pytest.mark.parametrize(
    ("folder", "name"), [("DukeMTMC-reID", "dukemtmc"), ("Occluded_Duke", "occluded_duke")]
)
def test_duke_layouts_are_told_apart_by_their_folder(make_set, folder, name):
    root = make_set({split: ["0002_c12_f0044158.jpg"] for split in MARKET}, folder)
    for given in (root, root / folder):
        data = read_dataset(given)
        assert data.name == name and ids(data.query) == [(2, 12)]


def test_synthped_and_its_validation_split(make_set):
    files = market_files() | {
        "validation/query": ["5001_c1s1_000001_00.jpg"],
        "validation/bounding_box_test": ["5001_c2s1_000001_00.jpg"],
    }
    root = make_set(files)
    (root / "synth.json").touch()
    assert read_dataset(root).name == "synthped"
    validation = read_dataset(root, "synthped_validation")
    assert ids(validation.query) == [(5001, 1)] and ids(validation.gallery) == [(5001, 2)]
    assert validation.train == ()
    with pytest.raises(ValueError, match="synthped_validation is for evaluation only"):
        read_dataset(root, "synthped_validation", splits=("train",))


@pytest.mark.parametrize("root_name", ["Partial_REID", "Partial-REID_Dataset"])
def test_partial_reid_protocols_differ_in_the_query_folder(make_set, root_name):
    occluded, partial, whole = BODY
    files = {occluded: ["007_001.jpg"], partial: ["008_001.jpg"], whole: ["007_004.jpg"]}
    root = make_set(files, root_name)
    for protocol, pid, folder in (("whole", 7, occluded), ("crop", 8, partial)):
        data = read_dataset(root, f"partial_reid_{protocol}")
        assert ids(data.query) == [(pid, 0)] and data.query[0].path.parent.name == folder
        assert ids(data.gallery) == [(7, 1)] and data.gallery[0].path.parent.name == whole
    both = "partial_reid_whole in .*, partial_reid_crop in .*name the one to read"
    with pytest.raises(ValueError, match=both):
        read_dataset(root)


@pytest.mark.parametrize(
    ("root_name", "query", "gallery", "name"),
    [
        ("PartialiLIDS", "query", "gallery", "partial_ilids_crop"),
        ("Partial_iLIDS", "Probe", "Gallery", "partial_ilids_crop"),
        ("Partial_iLIDS", "partial_body_images", "whole_body_images", "partial_ilids_crop"),
        ("Partial_iLIDS", "occluded_body_images", "whole_body_images", "partial_ilids_whole"),
    ],
)
def test_partial_ilids_layouts(make_set, root_name, query, gallery, name):
    root = make_set({query: ["12.jpg", "3_1.jpg"], gallery: ["12.jpg", "003_2.jpg"]}, root_name)
    for data in (read_dataset(root), read_dataset(root / root_name, name)):
        assert data.name == name
        assert sorted(ids(data.query)) == [(3, 0), (12, 0)]
        assert sorted(ids(data.gallery)) == [(3, 1), (12, 1)]
        assert data.query[0].path.parent.name == query


def test_crops_are_not_taken_for_the_whole(make_set):
    root = make_set({"query": ["1.jpg"], "gallery": ["1.jpg"]}, "PartialiLIDS")
    with pytest.raises(FileNotFoundError, match="needs a folder occluded_body_images: looked for"):
        read_dataset(root, "partial_ilids_whole")


@pytest.mark.parametrize("suffix", ["tif", "jpg"])
def test_occluded_reid_lies_in_a_folder_per_identity(make_set, suffix):
    occluded, _, whole = BODY
    files = {
        f"{occluded}/001": [f"001_01.{suffix}", f"001_02.{suffix}"],
        f"{occluded}/999": [f"002_01.{suffix}"],  # the base name counts, not the folder
        f"{whole}/001": [f"001_01.{suffix}"],
    }
    data = read_dataset(make_set(files, "Occluded_REID"))
    assert data.name == "occluded_reid"
    assert ids(data.query) == [(1, 0), (1, 0), (2, 0)] and ids(data.gallery) == [(1, 1)]


def test_p_dukemtmc_trains_on_both_kinds(make_set):
    occluded, _, whole = BODY
    files = {
        f"train/{occluded}/0002": ["0002_01.jpg"],
        f"train/{whole}/0002": ["0002_01.jpg"],  # the same name, another image
        f"train/{whole}/0005": ["0005_c2_f0046985.jpg"],
        f"test/{occluded}/0003": ["0003_01.jpg"],
        f"test/{whole}/0003": ["0003_01.jpg"],
    }
    data = read_dataset(make_set(files, "P-DukeMTMC-reID"))
    assert data.name == "p_dukemtmc" and data.num_ids == 2
    assert ids(data.train) == [(2, 0), (2, 1), (5, 1)]
    assert ids(data.query) == [(3, 0)] and ids(data.gallery) == [(3, 1)]


MSMT_NAMES = ["0000_000_01_0303morning_0008_0.jpg", "0000_001_14_0303morning_0008_0_ex.jpg"]
MSMT_LISTS = ("list_train.txt", "list_val.txt", "list_query.txt", "list_gallery.txt")


@pytest.fixture
def make_msmt(make_set):
    def write(folder="MSMT17_V1", train="train", test="test"):
        root = make_set({f"{split}/0000": MSMT_NAMES for split in (train, test)}, folder)
        for index, name in enumerate(MSMT_LISTS):
            line = f"0000/{MSMT_NAMES[index % 2]} 0\n"
            (root / folder / name).write_text(line, encoding="utf-8")
        return root

    return write


@pytest.mark.parametrize(
    "folders", [("MSMT17_V1", "train", "test"), ("MSMT17_V2", "mask_train_v2", "mask_test_v2")]
)
def test_msmt17_is_read_by_its_lists(make_msmt, folders):
    data = read_dataset(make_msmt(*folders))
    assert data.name == "msmt17"
    # Its identity 0 is a person, so it must not stay the pid of distractors.
    assert ids(data.train) == [(1, 1), (1, 14)]  # train and val
    assert ids(data.query) == [(1, 1)] and ids(data.gallery) == [(1, 14)]
    assert data.query[0].path.relative_to(data.root).parts[0] == folders[2]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, FileNotFoundError, "msmt17 needs a list list_query.txt: looked for .*list_query"),
        ("0000/gone_0_01_.jpg 4\n", FileNotFoundError, "list_query.txt line 1 names 0000/gone"),
        (f"\n0000/{MSMT_NAMES[0]}\n", ValueError, "list_query.txt line 2: expected 'path pid', "),
        (f"0000/{MSMT_NAMES[0]} 4\n" * 2, ValueError, "msmt17 has one image twice in its query"),
        ("\n", ValueError, "msmt17 has an empty split"),
    ],
)
def test_broken_lists_are_explained(make_msmt, content, error, message):
    root = make_msmt()
    listing = root / "MSMT17_V1" / "list_query.txt"
    if content is None:
        listing.unlink()
    else:
        listing.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        read_dataset(root)


def test_a_plain_folder_is_a_gallery_of_unknown_people(make_set):
    files = {".": ["holiday.jpg", "IMG_2.PNG", "notes.txt"], "more": ["holiday.jpg"]}
    data = read_dataset(make_set(files))
    assert data.name == "folder" and data.query == data.train == ()
    assert sorted(names(data.gallery)) == ["IMG_2.PNG", "holiday.jpg", "holiday.jpg"]
    assert {sample.pid for sample in data.gallery} == {UNKNOWN_PID}
    with pytest.raises(ValueError, match="folder is for evaluation only: it has no train split"):
        read_dataset(data.root, "folder", splits=("train",))


def test_unknown_people_never_match():
    from aonet_core.retrieval import evaluate

    with pytest.raises(ValueError, match="none of 1 quer"):
        evaluate([[0.5, 0.4]], [UNKNOWN_PID], [UNKNOWN_PID, 3], [0], [1, 1])


def test_a_plain_folder_uses_names_that_all_tell_something(make_set, caplog):
    root = make_set({".": ["0007_c3s1_000001_00.jpg", "0002_c1_f0044158.jpg"]})
    assert sorted(ids(read_dataset(root).gallery)) == [(2, 1), (7, 3)]
    assert warnings(caplog) == []
    (root / "holiday.jpg").touch()
    assert {sample.pid for sample in read_dataset(root).gallery} == {UNKNOWN_PID}
    assert "only 2 of 3 names are like 0001_c1s1_001051_00.jpg" in warnings(caplog)[0]


def test_an_empty_folder_is_no_gallery(make_set):
    with pytest.raises(ValueError, match="folder has an empty split: no images"):
        read_dataset(make_set({".": ["notes.txt"]}), "folder")


def test_hidden_files_are_no_images(make_set):
    files = market_files()
    files["query"] += ["._0010_c6s4_000001_00.jpg", ".DS_Store", "Thumbs.db"]
    assert names(read_dataset(make_set(files)).query) == ["0010_c6s4_000001_00.jpg"]


def test_only_the_splits_asked_for_must_be_there(make_set):
    root = make_set({"bounding_box_train": ["0002_c1s1_000001_00.jpg"]})
    data = read_dataset(root, splits=("train",))
    assert ids(data.train) == [(2, 1)] and data.query == data.gallery == ()
    with pytest.raises(FileNotFoundError, match="needs a folder query"):
        read_dataset(root)
    with pytest.raises(ValueError, match="splits must be of train, query, gallery, got probe"):
        read_dataset(root, splits=("probe",))


def test_the_path_is_never_parsed(make_set):
    files = {"query": ["0003_c2s1_000001_00.jpg"], "bounding_box_test": ["0003_c1s1_000001_00.jpg"]}
    root = make_set(files, "0099_c9_copy")  # a folder that looks like a name
    data = read_dataset(root / "0099_c9_copy")
    assert ids(data.query) == [(3, 2)] and data.train == ()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"query": None}, FileNotFoundError, "needs a folder query: looked for .*query, and for"),
        ({"query": []}, ValueError, "empty split: no images like 0001_c1s1.* in .*query"),
        ({"query": ["-1_c1s1_1_00.jpg"]}, ValueError, "empty split: .*query but 1 of junk"),
        ({"query": ["holiday.jpg"]}, ValueError, "holiday.jpg does not tell identity and camera"),
        ({"query": ["0010_01.jpg"]}, ValueError, "0010_01.jpg .* perhaps the camera is missing"),
    ],
)
def test_broken_sets_are_explained(make_set, change, error, message):
    files = {name: found for name, found in (market_files() | change).items() if found is not None}
    with pytest.raises(error, match=message):
        read_dataset(make_set(files))


def test_names_without_identity_are_explained(make_set):
    root = make_set({"query": ["a.jpg"], "gallery": ["1.jpg"]}, "PartialiLIDS")
    with pytest.raises(ValueError, match="a.jpg does not tell its identity: .* like 1.jpg$"):
        read_dataset(root)


def test_roots_and_names_are_explained(make_set, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        read_dataset(tmp_path / "nowhere")
    root = make_set(market_files(), "market1501")
    with pytest.raises(ValueError, match="auto, synthped, .*, got 'marked'"):
        read_dataset(root, "marked")
    make_set({split: ["0002_c1_f0044158.jpg"] for split in MARKET}, "DukeMTMC-reID")
    with pytest.raises(ValueError, match="several data sets: market1501 .*dukemtmc"):
        read_dataset(root)
    assert read_dataset(root, "dukemtmc").name == "dukemtmc"


def test_sizes_are_compared_with_the_published_ones(make_set, caplog, monkeypatch):
    root = make_set(market_files(), "market1501")
    read_dataset(root)
    assert warnings(caplog) == [
        "market1501: query has 1 images of 1 identities, published 3368 of 750 "
        "(-3367 images, -749 identities)",
        # The distractor is an image of the gallery, but no identity.
        "market1501: gallery has 2 images of 1 identities, published 15913 of 750 "
        "(-15911 images, -749 identities)",
        "market1501: train has 2 images of 2 identities, published 12936 of 751 "
        "(-12934 images, -749 identities)",
    ]
    caplog.clear()
    sizes = {"query": Size(1, 1), "gallery": Size(2, 1), "train": Size(1, 2)}
    row = replace(SPECIFICATIONS["market1501"], published=sizes)
    monkeypatch.setitem(SPECIFICATIONS, "market1501", row)
    read_dataset(root)
    assert warnings(caplog) == [
        "market1501: train has 2 images of 2 identities, published 1 of 2 "
        "(+1 images, +0 identities)"
    ]


def test_sets_of_ones_own_have_no_published_size(make_set, caplog):
    read_dataset(make_set(market_files()))  # the layout alone does not make it Market-1501
    assert warnings(caplog) == []


def test_the_table_follows_the_published_figures():
    total = SPECIFICATIONS["p_dukemtmc"].published.values()
    assert sum(size.images for size in total) == 24143
    assert SPECIFICATIONS["p_dukemtmc"].published["train"].identities + 634 == 1299
    for name, row in SPECIFICATIONS.items():
        assert row.name == name
        assert set(row.published) <= {s for s in ("train", "query", "gallery") if row.parts(s)}


def test_broken_images_are_named(make_set):
    root = make_set({split: [] for split in MARKET[1:]})
    paths = [root / "query" / f"{pid:04d}_c1s1_000001_00.png" for pid in range(1, 6)]
    paths.append(root / "bounding_box_test" / "0001_c2s1_000001_00.jpg")
    for value, path in enumerate(paths):
        Image.linear_gradient("L").rotate(value).convert("RGB").save(path)
    data = read_dataset(root)
    check_images(data)
    whole = paths[-1].read_bytes()
    paths[-1].write_bytes(whole[: len(whole) * 3 // 4])  # cut short: the header is still good
    Image.open(paths[-1]).close()
    paths[1].write_text("not a picture", encoding="utf-8")
    with pytest.raises(ValueError, match="market1501 has 2 of 6 .* read: .*0002_c1.*0001_c2"):
        check_images(data)
    for path in paths[:4]:
        path.write_bytes(b"")
    with pytest.raises(ValueError, match="has 5 of 6 images .*0003_c1.* and 2 more$"):
        check_images(data)


def test_people_counted_from_0_by_their_names_are_people(tmp_path):
    """Identity 0 would be a distractor; junk stays junk."""
    from aonet_core.data.specifications import Split
    from aonet_core.data.splits import _take

    part, samples = Split(("query",), first_pid=1), []
    for name in ("0000_c1s1_000001_00.jpg", "0004_c1s1_000001_00.jpg", "-1_c1s1_000001_00.jpg"):
        _take(samples, [], part, name, str(tmp_path / name), "", re.match(part.pattern, name))
    assert [sample.pid for sample in samples] == [1, 5, -1]
