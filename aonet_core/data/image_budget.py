"""What a picture file may cost to decode, told from its structure before it is decoded.

Sizes alone do not tell: a small JPEG can hold thousands of scans of its whole area, a small TIFF
can point thousands of times at the same strip, and a header can have millions of parts.
"""

from __future__ import annotations

import io
import re
import struct

from PIL import TiffImagePlugin

from aonet_core.errors import ImageError

MOST_READS = 200_000
"""Times that a decoder may ask for the next part of a file: a header's parts are read one by one,
and a decoder's work outside compiled code goes with them."""
MOST_SCANS, SCANNED_PIXELS = 500, 800_000_000
"""Of a JPEG: scans, and pixels times scans, since every scan may go through all pixels. Encoders
write 10 scans, at most some 20."""
MOST_MARKERS = 20_000
"""Segments of a JPEG that are looked through for scans."""
MOST_STRIPS = 65_536
"""Strips or tiles of a TIFF."""
LARGEST_STRIP = 160_000_000
"""Bytes of a TIFF's strip or tile, which are unpacked at once."""
MOST_FRAMES = 10_000
"""Frames that are counted."""
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class Source(io.BytesIO):
    """A file's content that notices how often and how much is read of it."""

    def __init__(self, content: bytes, name: str) -> None:
        """Keep the content, and the name for a refusal."""
        super().__init__(content)
        self._name = name
        self._reads, self._left = 0, 2 * len(content) + (1 << 20)
        self.opened = False

    def read(self, size: int | None = -1) -> bytes:
        """Read as any file.

        Raises:
            ImageError: This was once too often, or what a header takes adds up to more than twice
                the file.
        """
        data = super().read(size)
        self._reads += 1
        self._left -= 0 if self.opened else len(data)
        if self._reads > MOST_READS or self._left < 0:
            raise ImageError(
                f"{self._name} would take too long to decode: expected a file that is read in at "
                f"most {MOST_READS} steps, got more."
            )
        return data


def check_scans(content: bytes, name: str, pixels: int) -> None:
    """Refuse a JPEG that goes through its pixels too often.

    Args:
        content: The file's.
        name: What to call it.
        pixels: How many it has.

    Raises:
        ImageError: There are too many scans.
    """
    most = min(MOST_SCANS, SCANNED_PIXELS // pixels)
    # Counting bytes is quick and never too low; only long files can have that many by chance.
    if content.count(b"\xff\xda") > most and _scans(content, most) > most:
        raise ImageError(
            f"{name} would take too long to decode: expected a JPEG of this size to have at most "
            f"{most} scans, got more."
        )


def _scans(content: bytes, most: int) -> int:
    """Count the scans of a JPEG's first picture, at most one more than allowed.

    What has too many parts to be looked through has too many scans.
    """
    at, scans, markers = 2, 0, 0
    while marker := _MARKER.search(content, at):
        at, markers = marker.end(), markers + 1
        code = content[at - 1]
        if code == 0xD9:
            break
        scans += code == 0xDA
        if scans > most or markers > MOST_MARKERS:
            return most + 1
        # Two markers have no length.
        at += 0 if code in (0x01, 0xD8) else int.from_bytes(content[at : at + 2])
    return scans


def check_tiff(content: bytes, name: str) -> None:
    """Refuse a TIFF of too many strips or tiles, or of too large ones; other files pass.

    Args:
        content: The file's.
        name: What to call it.

    Raises:
        ImageError: It is such a one, or its header is damaged.
    """
    if not content.startswith(_TIFF):
        return
    source = Source(content, name)
    try:
        header = source.read(16 if content[2] == 43 or content[3] == 43 else 8)
        tags = TiffImagePlugin.ImageFileDirectory_v2(header)
        source.seek(tags.next)
        tags.load(source)
        strips = max(_count(tags.get(273)), _count(tags.get(324)))
        largest = max(_strip_bytes(tags, 256, 278, 257), _strip_bytes(tags, 322, 323, 323))
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(f"{name} has a damaged header: {error}.") from None
    if strips > MOST_STRIPS:
        raise ImageError(
            f"{name} would take too long to decode: expected a TIFF of at most {MOST_STRIPS} "
            f"strips or tiles, got {strips}."
        )
    if largest > LARGEST_STRIP:
        raise ImageError(
            f"{name} would need too much memory: expected a TIFF whose strips or tiles have at "
            f"most {LARGEST_STRIP // 1_000_000} MB, got {largest / 1e6:.0f} MB."
        )


def _count(values: object) -> int:
    return len(values) if isinstance(values, tuple) else 0


def _strip_bytes(tags: TiffImagePlugin.ImageFileDirectory_v2, wide: int, high: int, most: int):
    """Bytes of one strip or tile, unpacked, by the numbers of the tags that tell its sides."""
    width, height = tags.get(wide, 0), min(tags.get(high, 1 << 32), tags.get(most, 0))
    bits = tags.get(258, (1,))
    bits = sum(bits) if len(bits) > 1 else bits[0] * tags.get(277, 1)
    return width * height * bits // 8


def tiff_frames(content: bytes) -> int:
    """Count a TIFF's frames, at most `MOST_FRAMES`, without looking into them."""
    order = "<" if content.startswith(b"II") else ">"
    large = 43 in content[2:4]
    number, entry, offset = ("Q", 20, "Q") if large else ("H", 12, "I")
    frames: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + offset, content, 8 if large else 4)
        while at and at not in frames and len(frames) < MOST_FRAMES:
            frames.add(at)
            (entries,) = struct.unpack_from(order + number, content, at)
            at += struct.calcsize(order + number) + entry * entries
            (at,) = struct.unpack_from(order + offset, content, at)
    except (struct.error, OverflowError):
        pass  # the chain leads out of the file: what came before counts
    return len(frames)
