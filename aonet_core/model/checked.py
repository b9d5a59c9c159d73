"""Values of configurations as the types they must have."""

from __future__ import annotations

import math
import typing


def checked(name: str, value: typing.Any, expected: type) -> object:
    """Return a field's value as the type it must have; YAML reads `1e-3` as text.

    Raises:
        ValueError: It is none of that type, or a number that is not finite.
    """
    allowed = typing.get_args(expected) or (expected,)
    if value is None and type(None) in allowed:
        return None
    kind = allowed[0]
    if kind is float and not isinstance(value, bool):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            pass
        else:
            if not math.isfinite(number):
                raise ValueError(f"{name} must be finite, got {value!r}")
            return number
    elif isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise ValueError(f"{name} must be of type {kind.__name__}, got {value!r}")
