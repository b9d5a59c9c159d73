"""Arguments and answers of an engine as one compact body: known types alone, never pickle.

A body is a safetensors file. Its tensor "tree" is JSON text; arrays, bytes and pixels are tensors
of their own, to which the tree points by number. What JSON has no word for stands in it as an
object whose key `TAG` says what it is. The values of this project's own types are made by their
constructors, which check them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aonet_core.errors import ImageError
from aonet_core.pictures import check_size, convert_upright

CONTENT_TYPE = "application/x-aonet"
STREAM_TYPE = "application/x-aonet-frames"
TAG = "~"
TREE = "tree"
DEEPEST = 40
"""Levels of a tree; ours have less than ten."""
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python raises where a tree is not what it claims to be."""
MOST_TEXT = 64 << 20
"""Bytes of an array of texts, which are all as long as the longest."""
RAW_MODES = ("L", "LA", "RGB", "RGBA")
"""Kinds of pixels that travel as they are. Whatever comes of a file is made upright and 8 bits deep
before: RGB, or RGBA where it has transparency."""


class WireError(ValueError):
    """A body that cannot be read; the message is fit to be shown."""


class Bounds(NamedTuple):
    """How large a body may be inside, known before anything is made of it.

    Attributes:
        header, tree, values: Bytes of the list of tensors and of the tree; values in the tree.
    """

    header: int = 100 << 20
    tree: int = 1 << 30
    values: int = 1 << 30


ANSWER = Bounds()
REQUEST = Bounds(16 << 20, 16 << 20, 1_000_000)
"""Of what callers send; more would keep the engine from others."""
Make = Callable[[type, dict[str, object]], object]


@cache
def known_types() -> Mapping[str, type]:
    """All types that a body can hold, by name: the engine's public data classes and tuples."""
    from aonet_core import engine

    exported = (getattr(engine, name) for name in engine.__all__)
    return {each.__name__: each for each in exported if isinstance(each, type) and _is_record(each)}


def pack(value: object) -> bytes:
    """Write a value as a body.

    Raises:
        TypeError: It holds something that has no place in a body.
        ImageError: It holds a picture that is too large, a thin line or damaged.
    """
    packer = _Packer()
    tree = json.dumps(packer.tree(value), allow_nan=False, separators=(",", ":")).encode()
    return save({TREE: np.frombuffer(tree, np.uint8), **packer.tensors})


def unpack(body: bytes, make: Make | None = None, bounds: Bounds = ANSWER) -> Any:
    """Read the value of a body.

    Args:
        body: As `pack` writes it.
        make: Makes a record of type and fields; the type's constructor by default.
        bounds: Of what it holds.

    Raises:
        WireError: The body is cut short, foreign, too large inside, or holds no value of a type.
        ImageError: It holds a picture that is too large or a thin line.
    """
    try:
        header = min(int.from_bytes(body[:8], "little"), len(body))  # longer: cut short
        _check_bound("list of tensors", header, bounds.header)
        tensors = load(bytes(body))
        tree = tensors.pop(TREE).tobytes()
        _check_bound("tree", len(tree), bounds.tree)
        # Every value but the first comes after one of these.
        count = sum(map(tree.count, (b",", b"[", b"{")))
        _check_bound("number of values", count, bounds.values)
        unpacker = _Unpacker(tensors, make or (lambda kind, values: kind(**values)))
        return unpacker.value(json.loads(tree))
    except (WireError, ImageError):
        raise
    except SafetensorError as error:
        raise WireError(f"the body is cut short or is none of an engine: {error}") from None
    except UNREADABLE as error:
        reason = error if isinstance(error, ValueError) else "no value of ours"
        raise WireError(f"the body holds what cannot be read: {reason}") from error


def _check_bound(what: str, got: int, most: int) -> None:
    if got > most:
        raise WireError(f"the body's {what} is too large: expected at most {most}, got {got}")


def _is_record(kind: type) -> bool:
    return is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields"))


def _fields_of(value: Any) -> dict[str, object]:
    names = getattr(value, "_fields", None) or [f.name for f in fields(value)]
    return {name: getattr(value, name) for name in names}


class _Packer:
    """Collects tensors while it writes a tree."""

    def __init__(self) -> None:
        self.tensors: dict[str, np.ndarray] = {}

    def tree(self, value: object) -> object:
        """Say in JSON what a value is."""
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, np.generic):
            return self.tree(value.item())
        if isinstance(value, int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {TAG: "float", "of": repr(value)}
        if known_types().get(type(value).__name__) is type(value):
            return {TAG: type(value).__name__, "of": self._named(_fields_of(value))}
        for kinds, write in self._writers():
            if isinstance(value, kinds):
                return write(value)
        raise TypeError(f"a {type(value).__name__} has no place in a body")

    def _writers(self) -> tuple[tuple[type | tuple, Callable], ...]:
        return (
            (list, lambda value: [self.tree(each) for each in value]),
            (tuple, lambda value: {TAG: "tuple", "of": [self.tree(each) for each in value]}),
            (Mapping, self._mapping),
            (np.ndarray, self._array),
            ((bytes, bytearray, memoryview), self._bytes),
            (Image.Image, self._picture),
            (Path, lambda value: {TAG: "path", "of": str(value)}),
        )

    def _named(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self.tree(value) for name, value in values.items()}

    def _mapping(self, value: Mapping) -> dict[str, object]:
        if TAG not in value and all(isinstance(key, str) for key in value):
            return self._named(value)
        return {TAG: "dict", "of": [[self.tree(k), self.tree(v)] for k, v in value.items()]}

    def _array(self, value: np.ndarray) -> dict[str, object]:
        if value.dtype.kind == "U":
            return {TAG: "texts", "of": value.ravel().tolist(), "shape": list(value.shape)}
        if value.dtype.kind not in "biuf":
            raise TypeError(f"an array of {value.dtype} has no place in a body")
        return {TAG: "array", "of": self._tensor(value)}

    def _bytes(self, value: bytes) -> dict[str, object]:
        return {TAG: "bytes", "of": self._tensor(np.frombuffer(value, np.uint8))}

    def _picture(self, image: Image.Image) -> dict[str, object]:
        check_size(*image.size)
        plain = type(image) is Image.Image and not image.info
        if not plain or image.mode not in RAW_MODES:
            image = convert_upright(image, keep_alpha=True)
        return {TAG: "picture", "of": self._tensor(np.asarray(image)), "mode": image.mode}

    def _tensor(self, array: np.ndarray) -> str:
        name = str(len(self.tensors))
        self.tensors[name] = np.ascontiguousarray(array).reshape(array.shape)
        return name


class _Unpacker:
    """Makes values of a tree and its tensors, each of which is used once."""

    def __init__(self, tensors: dict[str, np.ndarray], make: Make) -> None:
        self._tensors, self._make = tensors, make

    def value(self, tree: object, depth: int = 0) -> Any:
        """The value that a tree says."""
        if depth > DEEPEST:
            raise WireError(f"the body is nested deeper than {DEEPEST} levels")
        if isinstance(tree, list):
            return [self.value(each, depth + 1) for each in tree]
        if not isinstance(tree, dict):
            return tree
        if TAG not in tree:
            return {name: self.value(each, depth + 1) for name, each in tree.items()}
        kind, content = tree[TAG], tree["of"]
        if read := self._readers().get(kind):
            return read(tree)
        if kind in ("tuple", "dict"):
            items = self.value(content, depth + 1)
            return tuple(items) if kind == "tuple" else {key: value for key, value in items}
        if kind not in known_types():
            raise WireError(f"the body holds a {kind!r}, which no engine knows")
        values = {name: self.value(each, depth + 1) for name, each in content.items()}
        return self._make(known_types()[kind], values)

    def _readers(self) -> dict[str, Callable[[dict], object]]:
        return {
            "float": lambda tree: float(tree["of"]),
            "path": lambda tree: Path(tree["of"]),
            "texts": self._texts,
            "array": lambda tree: self._tensors.pop(tree["of"]),
            "bytes": lambda tree: self._tensors.pop(tree["of"]).tobytes(),
            "picture": self._picture,
        }

    def _texts(self, tree: dict) -> np.ndarray:
        texts = tree["of"]
        if not all(isinstance(each, str) for each in texts):
            raise WireError("an array of texts holds something else")
        _check_bound("array of texts", 4 * len(texts) * max(map(len, texts), default=0), MOST_TEXT)
        return np.array(texts, dtype=str).reshape(tree["shape"])

    def _picture(self, tree: dict) -> Image.Image:
        pixels, mode = self._tensors.pop(tree["of"]), tree["mode"]
        bands = len(mode)
        fits = pixels.dtype == np.uint8 and pixels.shape[2:] == ((bands,) if bands > 1 else ())
        if mode not in RAW_MODES or not fits or not pixels.size:
            raise WireError(
                f"a picture must be uint8 in one of {', '.join(RAW_MODES)}, got {pixels.dtype} "
                f"{pixels.shape} in {mode!r}"
            )
        check_size(pixels.shape[1], pixels.shape[0])
        return Image.fromarray(pixels)
