"""What lies in a folder: every reader lists it by the same functions."""

import io
import os

import pytest
from PIL import Image

from aonet_core.data import read_dataset
from aonet_core.data.left_out import sentence, summary
from aonet_core.data.sources import opened
from aonet_core.data.tree import FolderTree, pictures
from aonet_core.trust import contents, named

SPLITS = ("query", "bounding_box_test", "bounding_box_train")


def content(seed):
    """A tiny picture like no other."""
    file = io.BytesIO()
    Image.new("RGB", (8, 16), (seed, 255 - seed, 7 * seed % 256)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def market(tmp_path):
    """Three people by two cameras, in Market-1501's layout."""
    root = tmp_path / "mine"
    for at, split in enumerate(SPLITS):
        (root / split).mkdir(parents=True)
        for pid in (1, 2, 3):
            (root / split / f"{pid:04d}_c{at + 1}.png").write_bytes(content(10 * at + pid))
    return root


def counts(dataset):
    return len(dataset.query), len(dataset.gallery)


def told(dataset):
    return dict(dataset.left_out)


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".JPG", ".tiff"])
def test_every_suffix_is_read_everywhere(market, suffix):
    old = market / "bounding_box_test" / "0001_c2.png"
    old.rename(old.with_suffix(suffix))
    assert counts(read_dataset(market)) == (3, 3) and not read_dataset(market).left_out
    with opened(market) as found:
        assert len(found.pictures) == 6
    with opened(market / "bounding_box_test") as found:
        assert len(found.pictures) == 3
    assert len(pictures(FolderTree(market))[0]) == 9


def test_what_is_not_read_is_counted_and_named(market, caplog):
    gallery = market / "bounding_box_test"
    for number in range(7):
        (gallery / f"000{number}_c5.heic").write_bytes(b"x")
    (gallery / "notes.txt").touch()
    (gallery / ".DS_Store").touch()
    (gallery / "somebody.png").write_bytes(content(80))
    (gallery / "gone.png").symlink_to(market / "nowhere.png")
    data = read_dataset(market)
    assert counts(data) == (3, 3)
    facts = summary(data.left_out)
    assert facts["count"] == 9 and len(facts["names"]) == 5
    assert facts["reasons"]["no picture with the suffix .heic is read"] == 7
    assert facts["reasons"]["it is a link to nothing"] == 1
    assert "9 files are left out (bounding_box_test/" in caplog.text
    assert sentence(data.left_out) in caplog.text and " and 4 more): 7 because " in caplog.text
    with opened(market) as found:
        assert set(found.refused) == set(data.left_out)
    with opened(gallery) as found:
        assert len(found.pictures) == 4 and len(found.refused) == 8
    assert sentence(()) == ""


def test_links_of_ones_own_folder_are_followed(market, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (market / "bounding_box_test").rename(elsewhere)
    (market / "bounding_box_test").symlink_to(elsewhere)
    (market / "query" / "more").symlink_to(market / "bounding_box_train")
    (market / "query" / "0004_c1.png").symlink_to(elsewhere / "0001_c2.png")
    assert counts(read_dataset(market)) == (7, 3)


def test_links_never_lead_out_of_a_folder_that_others_may_name(market, tmp_path):
    secret = tmp_path / "0009_c9.png"
    secret.write_bytes(content(99))
    gallery = market / "bounding_box_test"
    (gallery / "0009_c9.png").symlink_to(secret)
    (gallery / "0008_c9.png").symlink_to(tmp_path / "0008_c9.png")  # there is none
    (gallery / "all").symlink_to(tmp_path)
    (gallery / "0007_c7.png").symlink_to("0001_c2.png")  # within
    with opened(market, links=False) as found:
        assert not any(picture.path.resolve() == secret for picture in found.pictures)
        assert [p.name for p in found.pictures if p.pid == 7] == ["bounding_box_test/0007_c7.png"]
        reasons = dict(found.refused)
    out = {
        reasons.pop(f"bounding_box_test/{name}") for name in ("0009_c9.png", "0008_c9.png", "all")
    }
    assert out == {"it is a link that leads out of the folder"} and not reasons


def test_loops_end(market):
    (market / "query" / "round").symlink_to(market)
    (market / "query" / "self").symlink_to("self")
    (market / "query" / "here").symlink_to(".")
    data = read_dataset(market)
    assert counts(data) == (3, 3) and len(data.left_out) == 3
    assert told(data)["query/here"] == "it is a link back to a folder that it lies in"


@pytest.mark.skipif(os.name == "nt", reason="names are bytes elsewhere")
def test_name_that_is_no_utf8_costs_its_picture_alone(market):
    path = os.fsencode(market / "bounding_box_test") + b"/0001_c4_caf\xe9.png"
    with open(path, "wb") as file:
        file.write(content(70))
    (market / "bounding_box_test" / "0001_c4 12:30.png").write_bytes(content(71))
    for name in ("0001_c4_\N{LATIN SMALL LETTER A}.png", "0001_c4_\N{LATIN CAPITAL LETTER A}.png"):
        (market / "bounding_box_test" / name).write_bytes(
            content(72 + name.isupper()) + name.encode()
        )
    data = read_dataset(market)
    assert counts(data) == (3, 6)
    assert data.left_out == (("bounding_box_test/0001_c4_caf\\udce9.png", "its name is not UTF-8"),)
    with opened(market) as found:
        assert len(found.pictures) == 9 and found.refused == data.left_out


@pytest.mark.parametrize("pid", ["12345678901234567890", "1234567890123456789012345", "9" * 200])
def test_number_that_no_table_can_hold_costs_its_picture_alone(market, pid):
    (market / "bounding_box_test" / f"{pid}_c1.png").write_bytes(content(90))
    (market / "bounding_box_test" / f"{'0' * 30}5_c1.png").write_bytes(content(91))
    data = read_dataset(market)
    assert [sample.pid for sample in data.gallery] == [5, 1, 2, 3]
    assert len(data.left_out) == 1 and "more digits than can be kept" in data.left_out[0][1]
    for source in (market / "bounding_box_test", [(f"{pid}_c1.png", content(90)), ("a.png", b"x")]):
        with opened(source) as found:
            assert [name for name, _ in found.refused] == [f"{pid}_c1.png"] and found.pictures


def test_content_tells_whether_two_names_are_one_picture(market):
    query, gallery = market / "query", market / "bounding_box_test"
    same = (query / "0001_c1.png").read_bytes()
    (query / "0002_c6.png").write_bytes(same)  # under another identity
    (query / "a").mkdir()
    (query / "a" / "0001_c1.png").write_bytes(content(60))  # the same name, another picture
    (gallery / "0001_c3.png").write_bytes(same)  # another split
    data = read_dataset(market)
    assert [sample.name for sample in data.query] == [
        "query/0001_c1.png", "query/0002_c1.png", "query/0003_c1.png", "query/a/0001_c1.png",
    ]  # fmt: skip
    assert len(data.gallery) == 4
    assert data.left_out == (("query/0002_c6.png", "the same picture is there under another name"),)


def test_queries_of_nobody_and_junk_are_told(market):
    for pid in ("0000", "-1"):
        (market / "query" / f"{pid}_c1.png").write_bytes(content(50 + int(pid)))
    data = read_dataset(market)
    assert sorted(sample.pid for sample in data.query) == [0, 1, 2, 3]
    assert data.left_out == (("query/-1_c1.png", "its name marks it as junk (identity -1)"),)
    ((name, reason),) = data.without_match()
    assert name == "query/0000_c1.png" and "has no right match" in reason


def test_folders_around_a_set_do_not_matter(market, tmp_path):
    (market.parent / "README.txt").touch()
    for root in (tmp_path, market):
        assert counts(read_dataset(root)) == (3, 3)
        with opened(root) as found:
            assert len(found.pictures) == 6 and found.source == "data set market1501"
            assert not any("train" in picture.name for picture in found.pictures)
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "beach.png").write_bytes(content(40))
    data = read_dataset(tmp_path)
    assert counts(data) == (3, 3) and data.left_out == (
        ("holidays/", "it lies beside the data set"),
    )
    (tmp_path / "other" / "bounding_box_test").mkdir(parents=True)
    (tmp_path / "other" / "bounding_box_test" / "0001_c1.png").write_bytes(content(41))
    with pytest.raises(ValueError, match="holds several data sets: mine, other; give the folder"):
        read_dataset(tmp_path)
    assert counts(read_dataset(market, "market1501")) == (3, 3)


def test_name_in_a_file_chooses_among_what_lies_below_its_folder(tmp_path):
    root, secret = tmp_path / "set", tmp_path / "secret.png"
    (root / "twins").mkdir(parents=True)
    (root / "twins" / "a.png").touch()
    secret.touch()
    (root / "link.png").symlink_to(secret)
    assert named(root, "twins/a.png") == named(root, "twins\\a.png") == root / "twins" / "a.png"
    for name in ("../secret.png", str(secret), "twins/../../secret.png", "..\\secret.png", "twins",
                 "gone.png", "", "a\0b", "x" * 5000, None, 3, float("nan")):  # fmt: skip
        assert named(root, name) is None, name
    assert named(root, "link.png") == root / "link.png" and named(root, "link.png", False) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_pipes_and_devices_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "0001_c1.png")
    for path in (tmp_path / "0001_c1.png", "/dev/zero"):
        with pytest.raises(OSError, match="no regular file"):
            contents(path)
    found, left_out = pictures(FolderTree(tmp_path))
    assert not found and left_out == (("0001_c1.png", "it is no regular file"),)
