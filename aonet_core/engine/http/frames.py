"""A stream of an engine's bodies: how far long work is, and in the end what came of it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from aonet_core.engine.wire import WireError

PROGRESS, RESULT, FAULT, WAIT = b"p", b"r", b"f", b"w"
"""Kinds of frames: done and total; the answer; a refusal; nothing, to show that both are there."""
HEAD = struct.Struct(">cQ")
"""Kind and length of the body that follows."""


def frame(kind: bytes, body: bytes = b"") -> bytes:
    """Put a body into a frame."""
    return HEAD.pack(kind, len(body)) + body


def frames(chunks: Iterable[bytes], largest: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and body of every frame of a stream that arrives in pieces.

    Args:
        chunks: The stream.
        largest: Bytes of a body that are too many.

    Raises:
        WireError: The stream ends within a frame, or is none.
    """
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= HEAD.size:
            kind, length = HEAD.unpack_from(held)
            if kind not in (PROGRESS, RESULT, FAULT, WAIT) or length > largest:
                raise WireError("the stream is not that of an engine")
            if len(held) < HEAD.size + length:
                break
            yield kind, bytes(memoryview(held)[HEAD.size : HEAD.size + length])
            del held[: HEAD.size + length]
    if held:
        raise WireError(f"the stream ended within a frame, {len(held)} bytes into it")
