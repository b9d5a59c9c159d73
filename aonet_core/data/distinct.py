"""Pictures that are there twice.

The content decides, by its digest: one picture under two names is one picture, whatever the names
say; the same name in two folders is two pictures where the contents differ.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from aonet_core.data.left_out import LeftOut
from aonet_core.data.samples import Sample
from aonet_core.names import readable
from aonet_core.trust import contents

COPY = "the same picture is there under another name"


def distinct(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], LeftOut]:
    """Keep the first of pictures whose content is the same, and tell of the others.

    Args:
        samples: Of one split, in order. Files that are empty or cannot be opened stay: whoever
            decodes them tells what is wrong.
    """
    states = [_state(sample) for sample in samples]
    sizes = Counter(size for size, _ in states)
    unique, left_out = [], []
    first: dict[bytes, Sample] = {}
    for sample, (size, changed) in zip(samples, states, strict=True):
        digest = _digest(str(sample.path), size, changed) if size and sizes[size] > 1 else None
        original = first.setdefault(digest, sample) if digest else sample
        if original is sample:
            unique.append(sample)
        else:
            left_out.append((readable(sample.name), COPY))
    return tuple(unique), tuple(left_out)


def _state(sample: Sample) -> tuple[int, int]:
    try:
        state = os.stat(sample.path)
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns


@lru_cache(maxsize=1 << 17)
def _digest(path: str, size: int, changed: int) -> bytes | None:
    """Digest of a file, kept for as long as its size and time of change stay."""
    try:
        return hashlib.sha256(contents(path)).digest()
    except OSError:
        return None
