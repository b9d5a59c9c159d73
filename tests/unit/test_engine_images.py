"""Files become upright RGB pictures, or one sentence that says why not."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from aonet_core.engine import ImageError, read_image

SIZE = (12, 20)
COLOUR = (200, 60, 20)


def picture(mode="RGB", colour=COLOUR, size=SIZE):
    return Image.new("RGB", size, colour).convert(mode)


def encode(image, file_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def close_to(image, colour, tolerance=3):
    return np.abs(np.asarray(image, dtype=int) - colour).max() <= tolerance


def png_header(width, height):
    """A PNG that claims a size and has no pixels."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"])
def test_every_format_is_read(file_format):
    image, notes = read_image(encode(picture(), file_format), "a")
    assert image.mode == "RGB" and image.size == SIZE and notes == []
    # JPEG and WebP are lossy.
    assert close_to(image, COLOUR, 6)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_obeyed(file_format):
    lying = picture()
    lying.paste((0, 0, 255), (0, 0, 6, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: the left half becomes the upper one
    image, _ = read_image(encode(lying, file_format, exif=exif), "a")
    assert image.size == SIZE[::-1]
    upper, lower = (np.asarray(image, dtype=int)[row].mean(axis=0) for row in (1, -2))
    assert upper[2] > 200 > lower[2] and lower[0] > 150 > upper[0]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_mid_grey(mode):
    clear = picture(mode)
    clear.putalpha(Image.new("L", SIZE, 0))
    image, notes = read_image(encode(clear, "PNG"), "a.png")
    assert close_to(image, 128, 1)
    assert notes == ["a.png is partly transparent; it is shown over mid-grey."]


def test_half_transparency_is_mixed():
    half = picture("RGBA")
    half.putalpha(Image.new("L", SIZE, 128))
    image, _ = read_image(encode(half, "WEBP", lossless=True), "a")
    assert close_to(image, (np.array(COLOUR) + 128) / 2)


def test_opaque_alpha_is_no_news():
    image, notes = read_image(encode(picture("RGBA"), "PNG"), "a")
    assert close_to(image, COLOUR) and notes == []


def test_palette_with_and_without_transparency():
    indexed = picture().quantize(2)
    image, notes = read_image(encode(indexed, "PNG"), "a")
    assert close_to(image, COLOUR) and notes == []
    used = indexed.getpixel((0, 0))
    image, notes = read_image(encode(indexed, "PNG", transparency=used), "a")
    assert close_to(image, 128, 1) and len(notes) == 1


@pytest.mark.parametrize("mode, value", [("L", 90), ("1", 255)])
def test_grey_and_bilevel_become_equal_channels(mode, value):
    image, _ = read_image(encode(picture(mode, (value,) * 3), "PNG"), "a")
    assert close_to(image, value, 0)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(file_format):
    ramp = np.linspace(0, 65535, 12 * 20).astype(np.uint16).reshape(20, 12)
    image, notes = read_image(encode(Image.fromarray(ramp), file_format), "x")
    assert np.abs(np.asarray(image)[..., 0] - ramp / 257.0).max() <= 1
    assert notes == ["x has more than 8 bits a pixel; it was scaled to 8."]


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 1e6])
def test_floating_point_fills_the_smallest_range_that_holds_it(top):
    ramp = np.linspace(0, top, 12 * 20, dtype=np.float32).reshape(20, 12)
    ramp[0, 0] = np.nan
    image, _ = read_image(encode(Image.fromarray(ramp), "TIFF"), "x")
    pixels = np.asarray(image)[..., 0]
    assert pixels[0, 0] == 0 and pixels[-1, -1] == 255 and abs(int(pixels[10, 0]) - 128) <= 1


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_cmyk_is_converted(file_format):
    image, _ = read_image(encode(picture("CMYK"), file_format), "a")
    assert close_to(image, COLOUR, 8)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_first_frame_of_an_animation_is_shown(file_format):
    others = [picture(colour=(0, 0, 255)), picture(colour=(0, 255, 0))]
    data = encode(picture(), file_format, save_all=True, append_images=others)
    image, notes = read_image(data, "film")
    assert close_to(image, COLOUR, 6) and notes == ["film has 3 frames; the first is shown."]


BAD = {
    "nothing": (b"", "is empty"),
    "text": (b"this is no picture\n", "is not an image this application reads"),
    "foreign": (encode(picture(), "PPM"), "expected JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF"),
    "truncated": (encode(picture(size=(200, 200)), "JPEG")[:700], "is damaged"),
    "one pixel": (encode(picture(size=(1, 1)), "PNG"), "at least 8 x 8 pixels, got 1 x 1"),
    "huge": (png_header(30_000, 30_000), "is too large: expected at most 8192 pixels a side"),
    "long": (png_header(9_000, 100), "got 9000 x 100"),
    "large": (png_header(8_000, 8_000), "40 megapixels, got 8000 x 8000"),
    "header alone": (png_header(64, 64), "is damaged"),
}


@pytest.mark.parametrize("data, words", BAD.values(), ids=BAD)
def test_bad_input_gives_one_sentence(data, words):
    with pytest.raises(ImageError) as caught:
        read_image(data, "photo.jpg")
    message = str(caught.value)
    assert message.startswith("photo.jpg ") and message.endswith(".") and words in message
    assert "\n" not in message and len(message) < 200


@pytest.mark.filterwarnings("ignore")
def test_no_damage_escapes_as_another_error():
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (20, 12, 3), dtype=np.uint8))
    refused = 0
    for file_format in ("JPEG", "PNG", "WEBP", "BMP", "TIFF"):
        options = {} if file_format in ("JPEG", "BMP") else {"save_all": True}
        options |= {"append_images": [noise.rotate(180)]} if options else {}
        whole = np.frombuffer(encode(noise, file_format, **options), dtype=np.uint8)
        for _ in range(40):
            broken = whole[: rng.integers(1, len(whole) + 1)].copy()
            broken[rng.integers(0, len(broken), 3)] = rng.integers(0, 256, 3)
            try:
                assert read_image(broken.tobytes(), "a")[0].mode == "RGB"
            except ImageError:
                refused += 1
    assert refused > 50
