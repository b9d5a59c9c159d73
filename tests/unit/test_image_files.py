"""Formats, modes, labels and what a picture may cost."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aonet_core import pictures
from aonet_core.data import image_budget, image_files
from aonet_core.data.image_files import FORMATS, SUFFIXES, image_size, read_image, read_labels
from aonet_core.engine import wire
from aonet_core.errors import ImageError
from aonet_core.pictures import check_size, to_rgb

SIZE = (24, 48)
ORIENTATION = 0x0112


def scene(size=SIZE) -> Image.Image:
    """Smooth, and another picture upside down, mirrored or turned."""
    y, x = np.mgrid[: size[1], : size[0]]
    bands = [255 * y / size[1], 255 * x / size[0], 255 * (x + y) / sum(size)]
    return Image.fromarray(np.stack(bands, -1).astype(np.uint8))


def encode(image, file_format, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def apart(image, other) -> float:
    """The mean difference of two pictures, in [0, 255]."""
    return np.abs(np.asarray(image, dtype=float) - np.asarray(other, dtype=float)).mean()


def many_scans(image: Image.Image, scans: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    data = encode(image, "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xc4") : -2]
    return data[:-2] + last * (scans - data.count(b"\xff\xda")) + b"\xff\xd9"


def tiff(*tags, body=b"") -> bytes:
    """A TIFF of some tags: number and values; larger lists come behind them, then the body."""
    entries, lists, behind = b"", b"", 14 + 12 * len(tags)
    for number, *values in sorted(tags):
        packed = struct.pack(f"<{len(values)}I", *values)
        if len(values) > 1:
            packed, lists = struct.pack("<I", behind + len(lists)), lists + packed
        entries += struct.pack("<HHI", number, 4, len(values)) + packed
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0" + lists + body


def png_chunks(chunks: int) -> bytes:
    """A PNG with many chunks that mean nothing before its pixels."""
    data, kind = encode(scene(), "PNG"), b"aaAa"
    chunk = b"\0\0\0\0" + kind + struct.pack(">I", zlib.crc32(kind))
    return data[:33] + chunk * chunks + data[33:]


def jpeg_start(start: bytes) -> bytes:
    """A JPEG with something behind its first two bytes."""
    data = encode(scene(), "JPEG")
    return data[:2] + start + data[2:]


def refused(data, words):
    with pytest.raises(ImageError) as caught:
        read_image(data, "photo.jpg")
    message = str(caught.value)
    assert message.startswith("photo.jpg ") and message.endswith(".") and words in message
    assert "\n" not in message and len(message) < 200


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_files_of_every_suffix_are_read(suffix, tmp_path):
    assert suffix == suffix.lower() and suffix.startswith(".")
    kind = next(kind for kind, suffixes in FORMATS.items() if suffix in suffixes)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode(scene(), kind))
    assert apart(read_image(path), scene()) < (12 if kind == "GIF" else 6)
    assert image_size(path) == SIZE


def test_no_suffix_is_both_read_and_refused():
    assert not SUFFIXES & image_files.REFUSED_SUFFIXES


def test_lab_and_the_first_of_an_mpo():
    from PIL import ImageCms

    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(scene(), srgb, lab, outputMode="LAB")
    assert apart(read_image(encode(image, "TIFF")), scene()) < 3
    notes = []
    data = encode(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)])
    assert apart(read_image(data, "a", notes), scene()) < 6
    assert notes == ["a has 2 frames; the first is shown."]


def test_a_film_of_several_pictures_gives_the_first():
    others, notes = [scene().rotate(180)] * 3, []
    data = encode(scene(), "GIF", save_all=True, append_images=others)
    assert apart(read_image(data, "a", notes), scene()) < 12
    assert notes == ["a has several frames; the first is shown."]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "HSV", "RGBX", "I;16", "I;16B"])
def test_every_mode_becomes_rgb(mode):
    image = Image.new("RGB", SIZE, (255, 255, 255))
    image = Image.new(mode, SIZE, 65535) if "16" in mode else image.convert(mode)
    made = to_rgb(image)
    assert made.mode == "RGB" and made.size == SIZE and np.asarray(made).min() >= 254


def test_a_picture_that_is_ready_is_not_copied():
    image = scene()
    assert to_rgb(image) is image


def test_strips_join_without_a_seam(monkeypatch):
    deep = Image.fromarray(np.asarray(scene((60, 90)).convert("L")).astype(np.uint16) * 257)
    clear = scene((60, 90))
    clear.putalpha(deep.point(lambda value: value).convert("L"))
    whole = [to_rgb(image) for image in (deep, clear, scene((60, 90)).convert("CMYK"))]
    monkeypatch.setattr(pictures, "STRIP", 7 * 60)
    strips = [to_rgb(image) for image in (deep, clear, scene((60, 90)).convert("CMYK"))]
    assert strips == whole


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_pictures_are_read_smaller_and_it_is_told(kind, monkeypatch):
    monkeypatch.setattr(image_files, "LARGEST_KEPT", 40 * 80)
    large, notes = scene((160, 300)), []
    small = read_image(encode(large, kind, quality=95), "a", notes)
    assert small.size == (40, 75) and apart(small, large.reduce(4)) < 2
    assert notes == ["a has 160 x 300 pixels; it was read at 40 x 75."]
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    turned = large.transpose(Image.Transpose.ROTATE_90)
    turned = read_image(encode(turned, kind, quality=95, exif=exif))
    assert turned.size == small.size and apart(turned, small) < 2


@pytest.mark.parametrize(
    "size, fits",
    [((8192, 205), True), ((8, 320), True), ((8, 321), False), ((329, 8), False),
     ((1, 12_000_000), False), ((8193, 4000), False), ((8000, 5001), False), ((0, 5), False)],
)  # fmt: skip
def test_sides_area_and_shape_are_limited(size, fits):
    if fits:
        assert check_size(*size) is None
        return
    with pytest.raises(ImageError, match=f"got {size[0]} x {size[1]}"):
        check_size(*size)


def test_a_thin_line_is_refused_wherever_pixels_enter():
    line = Image.new("L", (1, 9000))
    refused(encode(line, "PNG"), "too small")
    refused(encode(Image.new("L", (8, 400)), "PNG"), "unusual shape")
    for enter in (to_rgb, wire.pack):
        with pytest.raises(ImageError, match="1 x 9000"):
            enter(line)
    body = wire.pack(Image.new("L", (30, 300))).replace(b"[300,30]", b"[9000,1]")
    with pytest.raises(ImageError, match="1 x 9000"):
        wire.unpack(body)


def test_scans_are_counted_before_they_are_decoded():
    refused(many_scans(scene(), 501), "at most 500 scans")
    assert apart(read_image(many_scans(scene(), 100)), scene()) < 6


def test_fewer_scans_of_more_pixels(monkeypatch):
    monkeypatch.setattr(image_budget, "SCANNED_PIXELS", 20 * SIZE[0] * SIZE[1])
    refused(many_scans(scene(), 21), "at most 20 scans")
    read_image(many_scans(scene(), 20))
    # What follows the picture, a film for instance, is none of its scans.
    read_image(encode(scene(), "JPEG") + b"\xff\xda" * 1000)
    comment = b"\xff\xda" * 1000
    read_image(encode(scene(), "JPEG", comment=comment))


PARTS = {
    "chunks": png_chunks(2000),
    "markers": jpeg_start(b"\xff\xe5\0\2" * 2000),
    "fill bytes": jpeg_start(b"\xff" * 4000),
}


@pytest.mark.parametrize("data", PARTS.values(), ids=PARTS)
def test_headers_of_many_parts_are_refused(data, monkeypatch):
    monkeypatch.setattr(image_budget, "MOST_READS", 1000)
    refused(data, "in at most 1000 steps")
    monkeypatch.setattr(image_budget, "MOST_READS", 20_000)
    assert read_image(data, "a").size == SIZE


def test_frames_are_counted_and_not_walked(monkeypatch):
    image = scene()
    data = encode(image, "TIFF", save_all=True, append_images=[image.rotate(180)] * 30)
    monkeypatch.setattr(image_budget, "MOST_READS", 60)
    notes = []
    assert read_image(data, "a", notes) == image
    assert notes == ["a has 31 frames; the first is shown."]
    # A chain that leads back to its start, and one that leads out of the file.
    loop = tiff((256, 8), (257, 8), (258, 8), (262, 1), (273, 8), (278, 8))
    assert image_budget.tiff_frames(loop[:-4] + struct.pack("<I", 8)) == 1
    assert image_budget.tiff_frames(loop[:-4] + struct.pack("<I", 1 << 31)) == 2


def test_strips_and_tiles_of_a_tiff_are_limited():
    size = (256, 2000), (257, 2000), (258, 8), (262, 1)
    many = [8] * (image_budget.MOST_STRIPS + 1)
    refused(tiff(*size, (322, 16), (323, 16), (324, *many)), "65536 strips or tiles, got 65537")
    refused(tiff(*size, (259, 8), (322, 40_000), (323, 40_000), (324, 8)), "160 MB, got 1600 MB")


def test_files_are_limited(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    scene().save(path)
    monkeypatch.setattr(image_files, "LARGEST_FILE", path.stat().st_size - 1)
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError, match="too large: expected a file of at most"):
            read_image(source)


def test_opened_files_that_are_damaged_are_told_as_others(tmp_path):
    data = encode(scene((200, 200)), "JPEG")
    for use in (to_rgb, wire.pack):
        with pytest.raises(ImageError, match="is damaged: expected a whole JPEG file"):
            use(Image.open(io.BytesIO(data[: len(data) // 2])))


def test_labels_are_numbers_not_colours():
    labels = np.arange(240, dtype=np.uint8).reshape(12, 20)
    indexed = Image.fromarray(labels)
    coloured = indexed.convert("P")
    coloured.putpalette(list(range(255, -1, -1)) * 3)
    for image in (indexed, coloured):
        np.testing.assert_array_equal(read_labels(encode(image, "PNG"), size=(20, 12)), labels)


@pytest.mark.parametrize(
    "data, words",
    [
        (encode(scene(), "PNG"), "m.png holds no labels: expected one channel of 8 bits, got RGB."),
        (encode(scene().convert("L"), "PNG"), "expected 20 x 12 pixels, got 24 x 48."),
        (encode(scene().convert("L"), "JPEG"), "expected PNG, got something else."),
        (encode(scene().convert("L").resize((20, 12)), "PNG")[:60], "m.png is damaged"),
    ],
)
def test_what_is_no_label_image_is_refused(data, words):
    with pytest.raises(ImageError) as caught:
        read_labels(data, "m.png", size=(20, 12))
    assert words in str(caught.value)


def whole_files() -> list[bytes]:
    deep = Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257)

    def film(file_format: str) -> bytes:
        return encode(scene(), file_format, save_all=True, append_images=[scene().rotate(180)])

    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return [
        encode(scene(), "JPEG", exif=exif),
        encode(scene(), "JPEG", progressive=True),
        film("MPO"),
        encode(scene(), "PNG", exif=exif),
        encode(deep, "PNG"),
        film("WEBP"),
        encode(scene(), "BMP"),
        encode(scene(), "TIFF", compression="tiff_lzw"),
        film("TIFF"),
        encode(deep, "TIFF"),
        film("GIF"),
        encode(scene(), "AVIF", speed=10),
    ]


WHOLE = whole_files()


@pytest.mark.filterwarnings("ignore")
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=4),
    st.floats(0.1, 3),
)
def test_damage_gives_a_picture_or_one_sentence(whole, changes, kept):
    data = bytearray(whole[: int(kept * len(whole))])
    for where, what in changes:
        at = int(where * len(data))
        data[at : at + len(what)] = what
    for read in (read_image, read_labels):
        try:
            read(bytes(data), "a")
        except ImageError as error:
            assert str(error).startswith("a ") and "\n" not in str(error)
