"""Archives that were damaged on the way, or made to hurt: unpacked, or refused in a sentence."""

import io
import tempfile
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aonet_core.data.archives import Limits, unpack
from tests.engine_requests import png
from tests.hostile import NAMES

LIMITS = Limits(files=50, total=1 << 20, free=1 << 16)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
CONTENTS = st.one_of(
    st.integers(0, 3).map(png), st.binary(max_size=50), st.just(bytes(1 << 17)), st.just(b"")
)


@st.composite
def archives(draw):
    """A ZIP archive, of which some bytes may then be others, gone or doubled."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", draw(st.sampled_from(METHODS))) as written:
        for number in range(draw(st.integers(0, 4))):
            name = draw(st.sampled_from([name for name in NAMES if name.isprintable()]))
            try:
                written.writestr(f"{number}{name}.png", draw(CONTENTS))
            except (UnicodeEncodeError, ValueError):
                written.writestr(f"{number}.png", b"")
    content = bytearray(file.getvalue())
    for _ in range(draw(st.integers(0, 6))):
        # The directory stands at the end, and says most of what can be wrong.
        start = draw(
            st.integers(0, len(content)) | st.integers(max(0, len(content) - 90), len(content))
        )
        count = draw(st.integers(1, 8))
        content[start : start + draw(st.sampled_from([0, count]))] = draw(
            st.binary(max_size=count) | st.sampled_from([b"\xff" * count, bytes(count)])
        )
    return bytes(content[: draw(st.just(len(content)) | st.integers(0, len(content)))])


@given(archives())
def test_any_archive_is_unpacked_or_refused_in_a_sentence(content):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            found = unpack(io.BytesIO(content), folder, LIMITS)
        except ValueError as error:
            assert "archive" in str(error) and "\n" not in str(error)
        else:
            kept = [Path(path) for path in found.files.values() if path]
            assert sorted(kept) == sorted(folder.iterdir())
            assert not set(found.files) & {missing for missing, _ in found.left_out}
        assert sum(path.stat().st_size for path in folder.iterdir()) <= LIMITS.total
