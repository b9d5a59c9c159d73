"""What callers far away send, checked against the types that methods and records declare."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import numpy as np
from PIL import Image
from pydantic import (
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    Strict,
    TypeAdapter,
    ValidationError,
)

from aonet_core.engine.http.rpc_methods import ADAPTATION, HINTED, PROGRESS, Method
from aonet_core.engine.wire import WireError, known_types
from aonet_core.results.adaptation import Adaptation

WHOLE = 2**63
"""Whole numbers must lie below, in size."""
LONGEST_SHOWN = 60
"""Characters of what came that are shown."""
WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    bytes: "bytes",
    dict: "a mapping",
    type(None): "nothing",
    Image.Image: "a picture",
    np.ndarray: "an array",
    Any: "anything",
}
MANY = {"a picture": "pictures", "a text": "texts", "a whole number": "whole numbers",
        "a number": "numbers"}  # fmt: skip


def call(method: Method, values: Mapping[str, object]) -> dict[str, Any]:
    """Check the arguments of a call; `progress` is none of them.

    Raises:
        WireError: One is missing, unknown or of another type.
    """
    return _checked(method.name, method.function, values)


def adaptation(value: object) -> Adaptation | None:
    """Check what a request brings besides its arguments.

    Raises:
        WireError: It is of another type.
    """
    if value is None or isinstance(value, Adaptation):
        return value
    raise WireError(f"{ADAPTATION} must be an Adaptation or nothing, got {shown(value)}")


def record(kind: type, fields: Mapping[str, object]) -> object:
    """Make a record of this project, its fields checked.

    Raises:
        WireError: A field is missing, unknown or of another type, or no method takes such records.
        ValueError: The record refuses a value.
    """
    if kind not in _taken():
        raise WireError(f"no method takes a {kind.__name__}")
    return kind(**_checked(kind.__name__, kind, fields))


def _checked(owner: str, function: Callable, values: Mapping[str, object]) -> dict[str, Any]:
    expected = _parameters(function)
    if unknown := values.keys() - expected.keys():
        raise WireError(
            f"{owner}: there is no argument {shown(min(unknown, key=str))}: "
            f"expected {', '.join(expected) or 'none'}"
        )
    checked = {}
    for name, (adapter, words, needed) in expected.items():
        if name in values:
            try:
                checked[name] = adapter.validate_python(values[name])
            except ValidationError as error:
                came = _came(values[name], error)
                raise WireError(f"{owner}: {name} must be {words}, got {came}") from None
        elif needed:
            raise WireError(f"{owner}: missing a required argument: {name} must be {words}")
    return checked


@cache
def _parameters(function: Callable) -> Mapping[str, tuple[TypeAdapter, str, bool]]:
    """By name: what checks an argument, its type in words, whether there must be one."""
    hints = typing.get_type_hints(function, None, HINTED, include_extras=True)
    checks = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in ("self", PROGRESS):
            checks[name] = (
                _adapter(hints[name]),
                _worded(hints[name]),
                parameter.default is parameter.empty,
            )
    return checks


@cache
def _adapter(hint: Any) -> TypeAdapter:
    return TypeAdapter(_checkable(hint), config=ConfigDict(strict=True))


@cache
def _taken() -> frozenset[type]:
    """All records that are an argument of a method, or part of one."""
    from aonet_core.engine.http.rpc_methods import methods

    records: set[type] = {Adaptation}
    unseen = [method.hints for method in methods().values()]
    for hints in unseen:
        inside: list[Any] = [hint for name, hint in hints.items() if name != "return"]
        for hint in inside:
            inside.extend(get_args(hint))
            if hint in known_types().values() and hint not in records:
                records.add(hint)
                unseen.append(typing.get_type_hints(hint, None, HINTED))
    return frozenset(records)


def _checkable(hint: Any) -> Any:
    """The same type for the validator: lists do for tuples, records are checked as they are made.

    Whole numbers have at most 64 bits, which is what all that works with them has.
    """
    origin, inner = get_origin(hint), [_checkable(each) for each in get_args(hint)]
    if hint is int:
        return Annotated[int, BeforeValidator(_within)]
    if hint in (float, bool, str, bytes, Any, None, type(None)):
        return hint
    if origin is Annotated:
        return _checkable(get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(inner)]  # noqa: UP007
    if origin is tuple and inner[-1] is not Ellipsis:
        return _many(types.GenericAlias(tuple, tuple(inner)))
    if origin is tuple:
        return _many(types.GenericAlias(tuple, (inner[0], ...)))
    if origin in (list, Sequence):
        return _many(types.GenericAlias(list, inner[0]))
    if origin is not None and issubclass(origin, Mapping):
        return types.GenericAlias(dict, tuple(inner))
    return hint if hint in (dict, Ellipsis) else Annotated[Any, PlainValidator(_instance_of(hint))]


def _many(hint: Any) -> Any:
    return Annotated[hint, Strict(False), BeforeValidator(_as_list)]


def _instance_of(kind: type) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise ValueError("of another type")
        return value

    return check


def _within(value: object) -> object:
    if isinstance(value, int) and not -WHOLE <= value < WHOLE:
        raise ValueError("too large")
    return value


def _as_list(value: object) -> object:
    """Arrays of one axis are lists too; sets and mappings have no order and are none."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return value.tolist()
    if not isinstance(value, list | tuple):
        raise ValueError("no list")
    return value


def _worded(hint: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in WORDS:
        return WORDS[hint]
    if origin is Annotated:
        return _worded(inner[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_worded, inner)))
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"({', '.join(map(_worded, inner))})"
    if origin in (list, tuple, Sequence):
        return f"a list of {MANY.get(word := _worded(inner[0]), word)}"
    if origin is not None:
        return f"a mapping of {MANY.get(word := _worded(inner[-1]), word)} by name"
    word = {"Path": "path"}.get(hint.__name__, hint.__name__)
    return f"an {word}" if word[0] in "AEIOU" else f"a {word}"


def _came(value: object, error: ValidationError) -> str:
    """What came; of a list the part that does not fit."""
    part = error.errors(include_url=False, include_context=False)[0]["input"]
    among = isinstance(value, list | tuple | dict) and part is not value
    return f"{shown(part)} in it" if among else shown(value)


def shown(value: object) -> str:
    """A value in a few characters."""
    if value is None:
        return "nothing"
    if isinstance(value, int) and abs(value) >= WHOLE:
        return "one of more than 64 bits"
    if isinstance(value, str | float | int):
        text = ascii(value[:LONGEST_SHOWN] if isinstance(value, str) else value)
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} of {value.dtype}"
    word = WORDS.get(type(value)) or ("a picture" if isinstance(value, Image.Image) else None)
    return word or f"a {type(value).__name__}"


def check_types() -> None:
    """Build all checks now, so that no request waits for them."""
    from aonet_core.engine.http.rpc_methods import methods

    for each in (*(method.function for method in methods().values()), *_taken()):
        _parameters(each)
