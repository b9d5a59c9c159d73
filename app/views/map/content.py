"""What the map's widget is given: coordinates and columns as packed arrays, no names."""

from __future__ import annotations

import base64
import colorsys
import hashlib

import numpy as np
from plotly.colors import sample_colorscale, unlabel_rgb

from aonet_core.engine import Placed, Projection
from app.services import Photo
from app.theme import landmark_colour

STEPS = 65535
"""Coordinates travel as whole numbers from 0 to this, on one scale for all axes."""
TITLES = {
    "landmark": "landmark",
    "identity": "identity",
    "camera": "camera",
    "awareness": "awareness β",
    "visibility": "true visibility",
    "precision": "AP of the query",
    "role": "query or gallery",
}


def content(projection: Projection, names: list[str], caption: str) -> dict:
    """All that depends on the map alone.

    Args:
        projection: The map.
        names: Of the landmarks.
        caption: One line below a saved picture.
    """
    low, span = frame(projection)
    steps = np.round((projection.coordinates - low) / span * STEPS).astype("<u2")
    middle = (projection.coordinates.max(axis=0) - low) / span / 2
    per = len(projection.star_landmark)
    return {
        "id": subject(projection),
        "map": identifier(projection),
        "count": len(projection),
        "per": per,
        "dimensions": projection.spec.dimensions,
        "coordinates": _packed(steps),
        "middle": middle.tolist(),
        "scale": _packed(_scale()),
        "columns": _columns(projection, names),
        "stars": _stars(projection, names, low, span),
        "legend": _legend(projection),
        "caption": caption,
    }


def identifier(projection: Projection) -> str:
    """What tells one map from another."""
    digest = hashlib.sha256(projection.coordinates.tobytes())
    digest.update(np.nan_to_num(projection.average_precision, nan=-1).tobytes())
    return digest.hexdigest()[:16]


def subject(projection: Projection) -> str:
    """What tells maps of other points: a selection holds for all maps of the same ones."""
    digest = hashlib.sha256("\n".join(map(str, projection.names)).encode())
    for part in (projection.image, projection.landmark):
        digest.update(np.ascontiguousarray(part, dtype=np.int64).tobytes())
    return digest.hexdigest()[:16]


def frame(projection: Projection) -> tuple[np.ndarray, float]:
    """Lowest coordinates (D,) and the largest extent of any axis."""
    low = projection.coordinates.min(axis=0)
    span = float((projection.coordinates.max(axis=0) - low).max())
    return low, span or 1.0


def placed(projection: Projection, places: Placed | None, photos: list[Photo]) -> list[dict]:
    """New pictures: the whole one first, then the one with parts hidden."""
    if places is None:
        return []
    low, span = frame(projection)
    colours = [landmark_colour(max(0, int(k))) for k in places.landmark]
    return [
        {"at": ((each - low) / span).tolist(), "colours": colours, "label": photo.title}
        for each, photo in zip(places.coordinates, photos, strict=True)
    ]


def chosen(bits: str, count: int) -> np.ndarray:
    """The selection that the widget tells, (N,) bool."""
    if not bits:
        return np.zeros(count, bool)
    packed = np.frombuffer(base64.b64decode(bits), np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").astype(bool)


def bits(mask: np.ndarray) -> str:
    """A selection (N,) bool as the widget takes it."""
    return _packed(np.packbits(mask, bitorder="little")) if mask.any() else ""


def _columns(projection: Projection, names: list[str]) -> list[dict]:
    """What points can be coloured by; only what is known of some."""
    columns = []
    count = len(names)
    if projection.spec.kind == "landmarks":
        colours = [landmark_colour(k) for k in range(count)]
        columns.append(_kinds("landmark", "point", projection.landmark, names, colours))
    for name, values, prefix in (
        ("identity", projection.pids, ""),
        ("camera", projection.camids, "camera "),
    ):
        distinct, codes = np.unique(values[values > 0], return_inverse=True)
        if len(distinct):
            column = np.full(len(values), STEPS)
            column[values > 0] = codes
            labels = [f"{prefix}{value:04d}" if not prefix else f"{prefix}{value}"
                      for value in distinct.tolist()]  # fmt: skip
            columns.append(_kinds(name, "picture", column, labels, hues(len(distinct))))
    columns.append(_range("awareness", "point", projection.of_points("awareness")))
    if np.isfinite(projection.visibility).any():
        columns.append(_range("visibility", "point", projection.of_points("visibility")))
    if np.isfinite(projection.average_precision).any():
        columns.append(_range("precision", "picture", projection.average_precision))
    if projection.is_query.any() and not projection.is_query.all():
        labels, colours = ["gallery", "query"], ["#8a8f98", "#d55e00"]
        columns.append(_kinds("role", "picture", projection.is_query, labels, colours))
    return columns


def hues(count: int) -> list[str]:
    """Colours for many kinds: hues far apart for neighbours, three lightnesses."""
    colours = []
    for kind in range(count):
        hue = (0.13 + kind * 0.381966) % 1
        red, green, blue = colorsys.hls_to_rgb(hue, (0.42, 0.55, 0.66)[kind % 3], 0.62)
        colours.append("#{:02x}{:02x}{:02x}".format(*(int(255 * v) for v in (red, green, blue))))
    return colours


def _kinds(name: str, each: str, values: np.ndarray, labels: list[str], colours: list) -> dict:
    return {
        "name": name,
        "title": TITLES[name],
        "kind": "category",
        "each": each,
        "values": _packed(np.asarray(values).astype("<u2")),
        "labels": labels,
        "colours": colours,
        "unknown": bool((np.asarray(values) >= len(labels)).any()),
    }


def _range(name: str, each: str, values: np.ndarray) -> dict:
    finite = np.isfinite(values)
    steps = np.full(len(values), 255, np.uint8)
    steps[finite] = np.round(np.clip(values[finite], 0, 1) * 254)
    return {
        "name": name,
        "title": TITLES[name],
        "kind": "scale",
        "each": each,
        "values": _packed(steps),
        "labels": ["0", "1"],
        "unknown": not finite.all(),
    }


def _stars(projection: Projection, names: list[str], low: np.ndarray, span: float) -> list[dict]:
    return [
        {
            "at": ((place - low) / span).tolist(),
            "colour": landmark_colour(int(k)) if k >= 0 else "#c9a400",
            "label": names[k] if k >= 0 else "all landmarks",
        }
        for place, k in zip(projection.stars, projection.star_landmark, strict=True)
    ]


def _legend(projection: Projection) -> list[str]:
    return {
        "memory": ["★ memory row (Eq. 1)"],
        "mean": ["★ mean embedding, weighted by β"],
    }.get(projection.star_kind, [])


def _scale() -> np.ndarray:
    """255 colours from dark to light, (255, 3)."""
    colours = sample_colorscale("Viridis", np.linspace(0, 1, 255).tolist())
    return np.array([unlabel_rgb(colour) for colour in colours]).round().astype(np.uint8)


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
