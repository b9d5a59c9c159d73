"""An edit as JSON, and as a short text for links."""

from __future__ import annotations

import base64
import json
import zlib
from itertools import accumulate

from aonet_core.occlusion.edit import Edit
from aonet_core.occlusion.fills import Fill
from aonet_core.occlusion.shapes import (
    GRID,
    Circle,
    Crop,
    EditError,
    Polygon,
    Rectangle,
    Shape,
    Stamp,
    Stroke,
)

VERSION = 1
LONGEST_TOKEN = 8000
"""Characters of a link's text: addresses of 8 KB pass through common servers."""
LONGEST_JSON = 200_000

_NUMBERS = {
    "r": (Rectangle, ("x", "y", "width", "height")),
    "c": (Circle, ("x", "y", "radius")),
}
"""Shapes that are a few numbers."""


def edit_to_json(edit: Edit) -> str:
    """Write an edit as compact JSON: lengths in steps of the grid, points as differences."""
    content = {"v": VERSION, "s": [_write(shape) for shape in edit.shapes], "n": edit.seed}
    content["f"] = [edit.fill.kind, edit.fill.source] if edit.fill.source else [edit.fill.kind]
    if edit.crop:
        content["c"] = [_steps(getattr(edit.crop, name)) for name in ("x", "y", "width", "height")]
    return json.dumps(content, separators=(",", ":"))


def edit_from_json(text: str) -> Edit:
    """Read an edit.

    Raises:
        EditError: The text is no edit, of another version, or too long.
    """
    if len(text) > LONGEST_JSON:
        raise EditError(f"An edit can have at most {LONGEST_JSON} characters, got {len(text)}.")
    try:
        content = json.loads(text)
        version = content["v"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise EditError("This is no edit: expected what the occlusion lab wrote.") from None
    if version != VERSION:
        raise EditError(f"This edit is of version {version!r}, expected {VERSION}.")
    try:
        crop = content.get("c")
        return Edit(
            shapes=tuple(_read(entry) for entry in content["s"]),
            fill=Fill(*content["f"]),
            seed=content["n"],
            crop=Crop(*map(_length, crop)) if crop is not None else None,
        )
    except EditError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        raise EditError(
            "This edit is damaged: a shape, its filling or its crop is not whole."
        ) from None


def edit_to_token(edit: Edit) -> str:
    """Write an edit as text for a link: base64url of deflated JSON.

    Raises:
        EditError: It is too long for a link.

    Examples:
        >>> from aonet_core.occlusion import Rectangle
        >>> edit = Edit((Rectangle(0.1, 0.2, 0.5, 0.6),))
        >>> edit_from_token(edit_to_token(edit)) == edit
        True
    """
    packed = zlib.compress(edit_to_json(edit).encode(), 9)
    token = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(token) > LONGEST_TOKEN:
        raise EditError(
            f"This edit is too long for a link: expected at most {LONGEST_TOKEN} characters, got "
            f"{len(token)}; use fewer or simpler shapes, or save it as a file."
        )
    return token


def edit_from_token(token: str) -> Edit:
    """Read an edit from a link's text.

    Raises:
        EditError: As in `edit_from_json`.
    """
    if len(token) > LONGEST_TOKEN:
        raise EditError(
            f"The link's edit is too long: expected at most {LONGEST_TOKEN} characters, got "
            f"{len(token)}."
        )
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        # A small text may unpack to gigabytes; no more is unpacked than an edit can have.
        text = unpacker.decompress(packed, LONGEST_JSON + 1)
        if not unpacker.eof and len(text) <= LONGEST_JSON:
            raise ValueError("the text ends too early")
        return edit_from_json(text.decode())
    except EditError:
        raise
    except (ValueError, zlib.error):
        raise EditError("The link's edit is damaged: copy the whole link again.") from None


def _steps(length: float) -> int:
    return round(length * GRID)


def _length(steps: int) -> float:
    if type(steps) is not int:
        raise ValueError(f"lengths must be whole steps, got {steps!r}")
    return steps / GRID


def _write(shape: Shape) -> list:
    for tag, (kind, names) in _NUMBERS.items():
        if isinstance(shape, kind):
            return [tag, *(_steps(getattr(shape, name)) for name in names)]
    if isinstance(shape, Stamp):
        box = (_steps(getattr(shape, name)) for name in ("x", "y", "width", "height"))
        return ["s", shape.source, *box, int(shape.flipped)]
    if isinstance(shape, Stroke):
        return ["b", _steps(shape.width), *_differences(shape.points)]
    if isinstance(shape, Polygon):
        return ["p", *_differences(shape.points)]
    raise TypeError(f"unknown shape {shape!r}")


def _read(entry: list) -> Shape:
    tag, *values = entry
    if tag in _NUMBERS:
        kind, names = _NUMBERS[tag]
        return kind(**dict(zip(names, map(_length, values), strict=True)))
    if tag == "s":
        source, x, y, width, height, flipped = values
        x, y, width, height = map(_length, (x, y, width, height))
        return Stamp(source, x, y, width, height, bool(flipped))
    if tag == "b":
        return Stroke(tuple(_points(values[1:])), _length(values[0]))
    if tag == "p":
        return Polygon(tuple(_points(values)))
    raise ValueError(f"unknown shape {tag!r}")


def _differences(points: tuple[tuple[float, float], ...]) -> list[int]:
    flat = [_steps(value) for point in points for value in point]
    return [value - before for value, before in zip(flat, [0, 0, *flat], strict=False)]


def _points(values: list[int]) -> list[tuple[float, float]]:
    if len(values) % 2:
        raise ValueError("points must be pairs")
    x, y = (map(_length, accumulate(values[axis::2])) for axis in (0, 1))
    return list(zip(x, y, strict=True))
