"""Values read from JSON as the kinds that they must be of."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

DEEPEST = 32
"""Levels of JSON: what is deeper cannot be shown."""
Kind = type | list | Mapping[str, Any]


def read_json(text: str) -> Any:
    """Read JSON; numbers that JSON does not know are absent.

    Raises:
        ValueError: It is none, or deeper than `DEEPEST`.
    """
    try:
        value = json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is too deep") from error
    level = [value]
    for _ in range(DEEPEST):
        level = [each for parent in level for each in _inside(parent)]
    if level:
        raise ValueError(f"it is deeper than {DEEPEST} levels")
    return value


def check_kind(name: str, value: object, kind: Kind) -> None:
    """Refuse a value that is not of a kind.

    Args:
        name: What to call it.
        value: As `read_json` gives it.
        kind: A type; a list of the kind of its members; or what a record has by name, where a name
            that ends in "?" may be absent or null, and "*" is any other.

    Raises:
        ValueError: It says which part is not.
    """
    expected = kind if isinstance(kind, type) else list if isinstance(kind, list) else dict
    number = expected is float and isinstance(value, int)
    if not (isinstance(value, expected) or number) or isinstance(value, bool):
        raise ValueError(f"{name} must be a {expected.__name__}, got {str(value)[:40]!r}")
    if isinstance(kind, list) and isinstance(value, list):
        for place, each in enumerate(value):
            check_kind(f"{name}[{place}]", each, kind[0])
    elif isinstance(kind, Mapping) and isinstance(value, dict):
        for each, of in kind.items():
            key = each.removesuffix("?")
            if each == "*":
                for other, member in value.items():
                    check_kind(f"{name}.{other[:40]}", member, of)
            elif key == each or value.get(key) is not None:
                check_kind(f"{name}.{key}", value.get(key), of)


def _inside(value: object) -> list:
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None
