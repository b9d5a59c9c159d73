"""Archives as people make them: names in any encoding, wrappers, damage; and as attackers do."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aonet_core.data.entry_names import entry_name
from aonet_core.data.sources import opened
from aonet_core.data.tree import is_picture
from tests.unit.test_sources import archive


def png(seed=0):
    file = io.BytesIO()
    Image.new("RGB", (8, 16), (seed % 256, seed // 256, 9)).save(file, "PNG")
    return file.getvalue()


def raw_archive(entries, flags=0):
    """A ZIP file of (name as bytes, content), stored; the library would not write such names."""
    body, directory = b"", b""
    for name, content in entries:
        facts = struct.pack("<HHHHLLLHH", flags, 0, 0, 33, zlib.crc32(content), len(content),
                            len(content), len(name), 0)  # fmt: skip
        directory += b"PK\1\2" + struct.pack("<HH", 20, 20) + facts
        directory += struct.pack("<HHHLL", 0, 0, 0, 0, len(body)) + name
        body += b"PK\3\4" + struct.pack("<H", 20) + facts + name + content
    end = struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def names(found):
    return [picture.name for picture in found.pictures]


@pytest.mark.parametrize(
    ("name", "written", "flags"),
    [
        ("写真表.png", "写真表.png".encode("cp932"), 0),  # the last sign ends in a backslash's byte
        ("写真表.png", "写真表.png".encode(), 0),  # as a Mac writes it
        ("写真表.png", "写真表.png".encode(), 0x800),
        ("café.png", "café.png".encode("cp437"), 0),
        ("caf\N{HALFWIDTH KATAKANA LETTER TE}\N{HALFWIDTH KATAKANA LETTER NI}.png",
         b"caf\xc3\xc6.png", 0x800),  # said to be UTF-8 and is not
    ],
)  # fmt: skip
def test_names_in_every_encoding(name, written, flags):
    content = raw_archive([(b"0001_c1.png", png(1)), (b"d/" + written, png(2))], flags)
    with opened(content) as found:
        assert names(found) == ["0001_c1.png", f"d/{name}"] and not found.refused
        assert found.pictures[1].read() == png(2)


def test_what_a_disk_or_a_wrapper_would_not_hold(tmp_path):
    entries = {
        "a/12:30.png": 1,
        "a/A.png": 2,
        "a/a.png": 3,
        "d/" * 2000 + "deep.png": 4,
        "x" * 5000 + ".png": 5,
        "a/con.png": 6,
        "back\\slash.png": 7,
        "tab\there.png": 8,
    }
    with opened(archive([(name, png(seed)) for name, seed in entries.items()])) as found:
        assert not found.refused and len(found.pictures) == len(entries)
        assert {picture.read() for picture in found.pictures} == set(map(png, entries.values()))
        assert "back/slash.png" in names(found)


WHOLE = {
    "query/0001_c1.png": 1,
    "bounding_box_test/0001_c2.png": 2,
    "bounding_box_test/0000_c2.png": 3,
    "bounding_box_train/0009_c1.png": 4,
    "twins/query/0001_c1.png": 5,
    "masks/query/0001_c1.png": 6,
    "masks/bounding_box_test/0001_c2.png": 7,
}


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("wrapper", ["", "mydata/", "a/b/c/"])
def test_set_that_is_zipped_whole_is_read_as_without_its_wrapper(wrapper, marked):
    entries = [(wrapper + name, png(seed)) for name, seed in WHOLE.items()]
    entries += [("__MACOSX/._query", b"x"), (f"{wrapper}DATACARD.md", b"x")]
    if marked:
        entries.append((f"{wrapper}synth.json", b"{}"))
    with opened(archive(entries)) as found:
        assert [(each.role, each.name) for each in found.pictures] == [
            ("gallery", "bounding_box_test/0000_c2.png"),
            ("gallery", "bounding_box_test/0001_c2.png"),
            ("query", "query/0001_c1.png"),
        ]
        assert not found.refused
        assert found.source.startswith("data set synthped" if marked else "data set market1501")


def test_damage_costs_the_damaged_picture_alone():
    content = archive([("a.png", png(1)), ("b.png", png(2) * 40)], zipfile.ZIP_LZMA)
    at = content.index(b"PK\3\4", 4)
    harmed = content[: at + 60] + bytes(20) + content[at + 80 :]
    with opened(harmed) as found:
        ((name, reason),) = found.refused
        assert name == "b.png" and "it is damaged in the archive" in reason
    odd = bytearray(archive([("a.png", png(1)), ("b.png", png(2))], zipfile.ZIP_STORED))
    for mark, place in ((b"PK\1\2", 10), (b"PK\3\4", 8)):
        odd[odd.rindex(mark) + place] = 77  # a way of packing that nobody knows
    with opened(bytes(odd)) as found:
        assert names(found) == ["a.png"] and [name for name, _ in found.refused] == ["b.png"]


def test_lists_of_an_archive_open_nothing_outside_it(tmp_path):
    """The answer is the same whether there is such a file, and tells no path of this machine."""
    secret = tmp_path / "0007_000_01_x.png"
    secret.write_bytes(png(77))
    answers = set()
    for said in (str(secret), f"{secret}.gone.png", "../" * 20 + str(secret)[1:], "/etc/passwd",
                 "/etc/nothere", "..\\..\\x.png"):  # fmt: skip
        content = archive(
            [("MSMT17_V1/test/0000/0000_000_01_a.png", png(1)),
             ("MSMT17_V1/list_query.txt", "0000/0000_000_01_a.png 0\n"),
             ("MSMT17_V1/list_gallery.txt", f"{said} 7\n")]
        )  # fmt: skip
        with pytest.raises(FileNotFoundError) as error, opened(content):
            pass
        answers.add(str(error.value).replace(said, "NAME"))
    assert answers == {
        "list_gallery.txt line 1 names NAME: there is no such picture in MSMT17_V1/test"
    }


def test_lists_are_read_as_people_write_them():
    lines = {
        "\ufeff0000/0000_000_01_a.png 0\r\n\r\n": 1,
        "0000\\0000_000_02_b c.png 4\r\n": 2,
        "  ./0001/0001_000_03_c.png\t12  \n \n": 3,
        "0001/0001_000_04_\N{GREEK SMALL LETTER ALPHA}.png 12": 4,
    }
    text = "".join(lines)
    pictures = [
        "0000/0000_000_01_a.png",
        "0000/0000_000_02_b c.png",
        "0001/0001_000_03_c.png",
        "0001/0001_000_04_\N{GREEK SMALL LETTER ALPHA}.png",
        "0002/0002_000_05_not_listed.png",
    ]
    for encoded in (text.encode(), text.lstrip("\ufeff").encode("utf-16")):
        entries = [(f"MSMT17_V1/test/{name}", png(at)) for at, name in enumerate(pictures)]
        entries += [("MSMT17_V1/list_gallery.txt", encoded), ("MSMT17_V1/list_query.txt", encoded)]
        with opened(archive(entries)) as found:
            gallery = [each for each in found.pictures if each.role == "gallery"]
            assert [(each.pid, each.camid) for each in gallery] == [
                (1, 1),
                (5, 2),
                (13, 3),
                (13, 4),
            ]


PART = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), max_size=12)
WORDS = st.lists(PART, min_size=1, max_size=4).map("/".join)


@given(st.lists(st.tuples(st.one_of(WORDS, st.binary(max_size=20)), st.integers(0, 65535)),
                max_size=6), st.sampled_from((0, 0x800)))  # fmt: skip
def test_any_names_are_read_or_refused_in_a_sentence(drawn, flags):
    """Every picture is read, named among those left out, or the archive is refused as a whole."""
    entries = [(b"good.png", png(1))]
    for name, seed in drawn:
        written = name if isinstance(name, bytes) else name.encode()
        entries.append((written + b".png", png(seed)))
    content = raw_archive(entries, flags)
    try:
        with opened(content) as found:
            told = {name for name, _ in found.refused}
            assert {each.read() for each in found.pictures} <= {content for _, content in entries}
            assert len(found.pictures) + len(told) <= len(entries)
            assert b"good.png" in [each.name.encode() for each in found.pictures]
            for each in found.pictures:
                assert is_picture(each.name) and ".." not in each.name.split("/")
    except ValueError as error:
        assert "the archive holds" in str(error) or "cannot be unpacked" in str(error)


def test_entry_names_are_what_the_library_read():
    entry = zipfile.ZipInfo("ordinary/0001.png")
    assert entry_name(entry) == "ordinary/0001.png"
