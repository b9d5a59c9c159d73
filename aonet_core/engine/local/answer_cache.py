"""Answers that are kept on disk, by what they belong to: bodies as engines send them."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import TypeVar

from aonet_core.cache import cache_folder, write_whole
from aonet_core.engine.wire import WireError, pack, unpack
from aonet_core.trust import contents

VERSIONS = {"evaluations": 2, "atlases": 2, "projections": 2}
"""Of every kind; raised when what is kept, or how it is computed, changes."""
SUM = 32
"""Bytes of the digest that a file begins with."""
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


def answer_file(kind: str, *dependencies: object, folder: Path | None = None) -> Path:
    """Where an answer is kept.

    Args:
        kind: A key of `VERSIONS`.
        *dependencies: All that it depends on, as JSON would say it.
        folder: Of all kinds of answers; `cache_folder()` by default.
    """
    content = json.dumps([VERSIONS[kind], *dependencies]).encode()
    return (folder or cache_folder()) / kind / f"{hashlib.sha256(content).hexdigest()[:32]}.aonet"


def read_answer(file: Path, kind: type[Answer]) -> Answer | None:
    """Read an answer; None where none is kept, or what is kept is no longer whole."""
    try:
        content = contents(file)
        if hashlib.sha256(content[SUM:]).digest() != content[:SUM]:
            raise WireError("it is damaged")
        if isinstance(answer := unpack(content[SUM:]), kind):
            return answer
        raise WireError(f"it holds a {type(answer).__name__}")
    except FileNotFoundError:
        return None
    except (OSError, WireError) as error:
        _log.warning("what is kept in %s/%s is made anew: %s", file.parent.name, file.name, error)
        return None


def write_answer(file: Path, answer: object) -> None:
    """Keep an answer, whole or not at all; where that fails it is told in a warning."""
    body = pack(answer)
    write_whole(file, hashlib.sha256(body).digest() + body, file.parent.name)
