"""What a folder, an archive or single files hold; archives are not trusted."""

import io
import stat
import zipfile

import pytest

from aonet_core.data import archives
from aonet_core.data.archives import Limits, unpack
from aonet_core.data.sources import opened


def archive(entries, compression=zipfile.ZIP_DEFLATED):
    """A ZIP file of (name or ZipInfo, content)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as opened_file:
        for name, content in entries:
            opened_file.writestr(name, content)
    return file.getvalue()


def link(name, target):
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target


def refused(content, folder, message, limits=None):
    with pytest.raises(ValueError, match=message):
        unpack(io.BytesIO(content), folder, limits)


def test_paths_may_not_lead_out_of_the_archive(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    for name in ("../a.jpg", "a/../../b.jpg", "/etc/a.jpg", "..\\a.jpg", "C:\\a.jpg", "c:/a.jpg"):
        content = archive([("good.jpg", b"x"), (name, b"evil")])
        refused(content, inside, "holds a path that leads elsewhere")
        assert list(tmp_path.iterdir()) == [inside] and not list(inside.iterdir())


def test_links_passwords_and_doubles_are_refused(tmp_path):
    refused(archive([link("a.jpg", "/etc/passwd")]), tmp_path, "holds a link, a.jpg")
    locked = bytearray(archive([("a.jpg", b"x")]))
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    refused(bytes(locked), tmp_path, "encrypted: a.jpg needs a password")
    with pytest.warns(UserWarning, match="Duplicate"):
        double = archive([("a.jpg", b"x"), ("a.jpg", b"y")])
    refused(double, tmp_path, "holds a.jpg twice")
    assert not list(tmp_path.iterdir())


def test_bombs_are_refused_before_anything_is_written(tmp_path):
    bomb = archive([("a.jpg", bytes(20 << 20))])
    refused(bomb, tmp_path, r"unpacks to \d+ times its size: expected at most 100")
    many = archive([(f"{n}.jpg", b"x") for n in range(5)])
    refused(many, tmp_path, "expected at most 4, got 5", Limits(files=4))
    large = archive([("a.jpg", bytes(3 << 20))], zipfile.ZIP_STORED)
    refused(large, tmp_path, "at most 2 MiB unpacked, got 3 MiB", Limits(total=2 << 20))
    assert not list(tmp_path.iterdir())


def test_what_unpacks_to_more_than_it_says_is_stopped(tmp_path, monkeypatch):
    content = archive([("a.jpg", bytes(5000)), ("b.jpg", bytes(5000))])
    monkeypatch.setattr(archives, "_check", lambda entries, limits: None)  # a lying directory
    refused(content, tmp_path, "unpacks to more than it says", Limits(total=8000))


def test_what_is_no_whole_archive_is_explained(tmp_path):
    whole = archive([("a.jpg", bytes(range(256)) * 9)], zipfile.ZIP_STORED)
    refused(b"no archive", tmp_path, "cannot be unpacked: File is not a zip file")
    refused(whole[:-30], tmp_path, "cannot be unpacked")
    damaged = whole.replace(bytes(range(100, 200)), bytes(100))
    refused(damaged, tmp_path, "cannot be unpacked: Bad CRC-32")


def test_full_disk_is_explained(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives, "_write", full)
    with pytest.raises(OSError, match="the archive cannot be unpacked: No space left on device"):
        unpack(io.BytesIO(archive([("a.jpg", b"x")])), tmp_path)


def listed(found):
    return [(p.name, p.role, p.pid, p.camid) for p in found.pictures]


NAMES = ("sub/0012_c3s1_000151_01.jpg", "holiday.PNG", "-1_c2s1_000151_01.jpg", "._0001_c1.jpg")


def test_names_like_those_of_market_tell_identity_and_camera(tmp_path):
    for name in (*NAMES, "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    with opened(tmp_path) as found:
        assert listed(found) == [
            ("holiday.PNG", "gallery", 0, 0),
            ("sub/0012_c3s1_000151_01.jpg", "gallery", 12, 3),
        ]
        assert found.refused == (
            ("-1_c2s1_000151_01.jpg", "its name marks it as junk (identity -1)"),
        )
        assert found.pictures[0].read() == b"holiday.PNG" and not found.pictures[0].keep_content


def test_archive_is_there_for_as_long_as_it_is_used(tmp_path):
    content = archive([(name, name.encode()) for name in NAMES])
    (tmp_path / "a.zip").write_bytes(content)
    for source in (content, tmp_path / "a.zip", str(tmp_path / "a.zip")):
        with opened(source) as found:
            assert [row[2:] for row in listed(found)] == [(0, 0), (12, 3)]
            path = found.pictures[0].path
            assert path.is_file() and all(picture.keep_content for picture in found.pictures)
        assert not path.exists()


def test_data_set_brings_its_gallery_and_queries(tmp_path):
    names = ["bounding_box_train/0001_c1.jpg", "bounding_box_test/0002_c1.jpg"]
    names += ["bounding_box_test/-1_c1.jpg", "bounding_box_test/0000_c1.jpg", "query/0002_c2.jpg"]
    expected = [
        ("bounding_box_test/0000_c1.jpg", "gallery", 0, 1),
        ("bounding_box_test/0002_c1.jpg", "gallery", 2, 1),
        ("query/0002_c2.jpg", "query", 2, 2),
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with opened(tmp_path) as found:
        assert listed(found) == expected and found.source == "data set market1501"
    with opened(archive([(name, b"x") for name in names])) as found:
        assert listed(found) == expected
        assert found.source == "data set market1501 in ZIP archive"
    with opened(tmp_path, "folder") as found:
        assert len(found.pictures) == 4  # junk is left out
    with pytest.raises(FileNotFoundError, match="msmt17 needs"), opened(tmp_path, "msmt17"):
        pass


def test_single_files_and_nothing_at_all(tmp_path):
    with opened([("0004_c2.jpg", b"x"), ("b.png", b"y")]) as found:
        assert listed(found) == [("0004_c2.jpg", "gallery", 4, 2), ("b.png", "gallery", 0, 0)]
        assert found.pictures[1].read() == b"y"
    for nothing in ([], tmp_path, archive([("readme.txt", b"x")])):
        with pytest.raises(ValueError, match="there are no pictures in"), opened(nothing):
            pass
    with pytest.raises(FileNotFoundError, match="no pictures at"), opened(tmp_path / "none"):
        pass
