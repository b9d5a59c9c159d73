"""Hair and headwear, grown on the canonical head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body.shape import body_data
from aonet_core.synthetic.body.shells import Shell, bind, grid_faces, sheet
from aonet_core.synthetic.clothes.garments import regions
from aonet_core.synthetic.clothes.paint import noise
from aonet_core.synthetic.mesh import PART_ID

CENTRE = np.array([0.0, -0.058, 0.745])
RINGS, SECTORS = 22, 44


@dataclass(frozen=True)
class HairStyle:
    """How hair is cut.

    Attributes:
        top, side, back: Volume in metres over the skull.
        tufts: Share of the volume that varies from tuft to tuft.
        tuft_size: Size of a tuft in metres.
        forehead: Height of the hair line over the forehead.
        nape: Height of the hair line at the nape.
        length: Height at which hanging hair ends, or None.
        knot: "bun", "ponytail", "topknot" or "".
    """

    top: float
    side: float
    back: float
    tufts: float = 0.35
    tuft_size: float = 0.03
    forehead: float = 0.803
    nape: float = 0.645
    length: float | None = None
    knot: str = ""


STYLES = {
    "crop": HairStyle(0.007, 0.004, 0.005, 0.3),
    "short": HairStyle(0.026, 0.009, 0.013, 0.45),
    "quiff": HairStyle(0.04, 0.008, 0.012, 0.4, forehead=0.81),
    "shaggy": HairStyle(0.034, 0.024, 0.028, 0.55, forehead=0.785, nape=0.625),
    "curly": HairStyle(0.045, 0.034, 0.036, 0.6, 0.022, forehead=0.8, nape=0.63),
    "afro": HairStyle(0.075, 0.065, 0.07, 0.2, 0.02, forehead=0.8, nape=0.63),
    "receding": HairStyle(0.004, 0.012, 0.012, 0.4, forehead=0.85),
    "bob": HairStyle(0.022, 0.02, 0.024, 0.25, forehead=0.795, length=0.6),
    "fringe": HairStyle(0.024, 0.02, 0.024, 0.25, forehead=0.762, length=0.57),
    "shoulder": HairStyle(0.02, 0.016, 0.022, 0.3, forehead=0.797, length=0.52),
    "long": HairStyle(0.02, 0.015, 0.022, 0.3, forehead=0.8, length=0.37),
    "bun": HairStyle(0.009, 0.006, 0.01, 0.2, knot="bun"),
    "topknot": HairStyle(0.009, 0.006, 0.008, 0.2, knot="topknot"),
    "ponytail": HairStyle(0.012, 0.007, 0.012, 0.2, knot="ponytail"),
}


@lru_cache(maxsize=1)
def _head() -> np.ndarray:
    """(V,) bool: skin of skull, face and neck that carries hair; ears left out."""
    data = body_data()
    x, y, z = data.canonical.T
    body = np.zeros(len(x), dtype=bool)
    body[np.unique(data.triangles["body"])] = True
    ear = (np.abs(x) > 0.07) & (z < 0.742) & (y < -0.01)
    inside = (y > -0.13) & (np.abs(x) < 0.045) & (z < 0.75) & (y < -0.03)
    return body & (regions().part == PART_ID["head"]) & (z > 0.6) & ~ear & ~inside


def _skull_radius(direction: np.ndarray) -> np.ndarray:
    """Distance (N,) from `CENTRE` to the skin in unit directions (N, 3)."""
    offset = body_data().canonical[_head()] - CENTRE
    radius = np.linalg.norm(offset, axis=1)
    close = direction @ (offset / radius[:, None]).T
    nearest = np.argsort(-close, axis=1, kind="stable")[:, :8]
    share = 1 / (1.002 - np.take_along_axis(close, nearest, 1))
    return (radius[nearest] * share).sum(1) / share.sum(1)


@lru_cache(maxsize=1)
def _dome() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions (N, 3), skull radius (N,) and faces of a cap about the whole head."""
    polar = np.linspace(0.02, np.deg2rad(140), RINGS)[:, None]
    turn = np.linspace(0, 2 * np.pi, SECTORS + 1)[None, :-1]
    direction = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn
        ),
        axis=2,
    ).reshape(-1, 3)
    return direction, _skull_radius(direction), grid_faces(RINGS, SECTORS, closed=True)


def hair_line(azimuth: np.ndarray, forehead: float, nape: float) -> np.ndarray:
    """Height of the lower edge of hair; azimuth 0 is the face, pi the back of the head."""
    turns = [0, 0.5, 0.85, 1.05, 1.22, 1.38, 1.55, 1.85, 2.3, np.pi]
    temple = min(forehead, 0.8)
    ear = max(0.742, nape)
    heights = [forehead, forehead - 0.004, temple - 0.02, 0.745, 0.705, 0.705, ear, 0.705,
               nape + 0.012, nape]  # fmt: skip
    return np.interp(azimuth, turns, heights)


@lru_cache(maxsize=64)
def scalp(style_name: str, seed: int, pressed: bool = False) -> Shell:
    """The hair on the head itself; `pressed` flat under a cap."""
    style = STYLES[style_name]
    direction, radius, faces = _dome()
    skin_points = CENTRE + radius[:, None] * direction
    azimuth = np.arctan2(np.abs(skin_points[:, 0]), -(skin_points[:, 1] - CENTRE[1]))
    inside = skin_points[:, 2] - hair_line(azimuth, style.forehead, style.nape)
    upward = np.clip(direction[:, 2] * 1.6, 0, 1)
    backward = np.clip(direction[:, 1] + 0.3, 0, 1)
    volume = style.side + (style.top - style.side) * upward
    volume += (1 - upward) * backward * (style.back - style.side)
    # A parting: hair lies flatter along one side of the crown.
    tuft = noise(skin_points * [1.0, 0.6, 0.8], style.tuft_size, seed)
    volume = 0.004 + volume * (1 + style.tufts * tuft)
    volume *= np.clip(0.25 + inside / 0.03, 0.25, 1)
    if pressed:
        volume = np.minimum(volume, 0.006)
    points = CENTRE + (radius + volume)[:, None] * direction
    ragged = 0.006 * noise(skin_points, 0.012, seed + 3)
    return bind(points, faces, _head(), inside + ragged)


@lru_cache(maxsize=64)
def curtain(style_name: str, seed: int, pressed: bool = False) -> Shell:
    """Hair that hangs from the head over neck and shoulders; `pressed` from under a hat."""
    style = STYLES[style_name]
    if style.length is None:
        raise ValueError(f"no hair hangs in the style {style_name}")
    rows, columns = 20, 40
    turn = np.linspace(-2.05, 2.05, columns)[None, :]  # about the back of the head
    down = np.linspace(0, 1, rows)[:, None]
    aside = np.clip((np.abs(turn) - 1.0) / 0.5, 0, 1)
    end = style.length + aside * np.maximum(0.585 - style.length, 0)
    end = end + 0.012 * np.sin(9 * turn + seed)
    height = 0.79 + (end - 0.79) * down
    wide = 0.079 + style.side + 0.01 * np.clip((0.7 - height) / 0.1, 0, 1)
    deep = 0.098 + style.back + 0.035 * np.clip((0.66 - height) / 0.25, 0, 1)
    narrow = np.sqrt(np.clip(1 - ((height - 0.74) / 0.115) ** 2, 0.05, 1))
    narrow = np.where(height > 0.74, narrow, 1.0)
    lock = 1 + 0.05 * noise_grid(turn, height, seed)
    x = wide * narrow * np.sin(turn) * lock
    y = CENTRE[1] + deep * narrow * np.cos(turn) * lock
    outer = np.stack(np.broadcast_arrays(x, y, height), axis=2)
    inward = np.stack(np.broadcast_arrays(-np.sin(turn), -np.cos(turn), 0 * height), axis=2)
    points, faces = sheet(outer, 0.022, inward)
    faces = faces[:, ::-1]  # columns run clockwise seen from above
    strand = noise(np.stack([points[:, 0], points[:, 1], 0 * points[:, 2]], 1), 0.012, seed)
    tip = (points[:, 2] - np.tile(np.broadcast_to(end, (rows, columns)).ravel(), 2)) - 0.012
    data = body_data()
    carriers = _head() | (
        (regions().part == PART_ID["upper_torso"]) & (data.canonical[:, 1] > -0.06)
    )
    coverage = tip + 0.014 * strand
    if pressed:
        coverage = np.minimum(coverage, 0.71 - points[:, 2])
    return bind(points, faces, carriers, coverage)


def noise_grid(turn: np.ndarray, height: np.ndarray, seed: int) -> np.ndarray:
    """Locks: noise over turn and, stretched, height."""
    grid = np.stack(np.broadcast_arrays(0.09 * turn, 0.15 * height, 0 * turn * height), axis=2)
    return noise(grid.reshape(-1, 3), 0.025, seed).reshape(grid.shape[:2])


@lru_cache(maxsize=8)
def hat(kind: str) -> Shell:
    """The crown of a cap or beanie."""
    direction, radius, faces = _dome()
    skin_points = CENTRE + radius[:, None] * direction
    azimuth = np.arctan2(np.abs(skin_points[:, 0]), -(skin_points[:, 1] - CENTRE[1]))
    if kind == "cap":
        edge = np.interp(azimuth, [0, 1.3, np.pi], [0.782, 0.757, 0.732])
        bulge = 0.014 + 0.012 * np.clip(direction[:, 2], 0, 1)
    else:
        edge = np.interp(azimuth, [0, 1.3, 2.2, np.pi], [0.775, 0.722, 0.7, 0.69])
        bulge = 0.017 + 0.026 * np.clip(direction[:, 2], 0, 1) ** 2
    points = CENTRE + (radius + bulge)[:, None] * direction
    return bind(points, faces, _head(), skin_points[:, 2] - edge)


@lru_cache(maxsize=1)
def brim() -> Shell:
    """The peak of a cap."""
    rows, columns = 7, 15
    reach = np.linspace(0, 1, rows)[:, None]
    turn = np.linspace(-1.05, 1.05, columns)[None, :]
    x = (0.086 + 0.004 * reach) * np.sin(turn)
    y = CENTRE[1] - 0.113 * np.cos(turn) - 0.075 * reach * np.cos(0.8 * turn)
    z = 0.788 - 0.022 * reach - 0.02 * np.sin(turn) ** 2
    outer = np.stack(np.broadcast_arrays(x, y, z), axis=2)
    points, faces = sheet(outer, 0.006, np.broadcast_to([0.0, 0.0, -1.0], outer.shape))
    return bind(points, faces, _head())


@lru_cache(maxsize=8)
def knot(kind: str) -> Shell:
    """A bun, a knot on top, or a ponytail."""
    rows, columns = 14, 14
    along = np.linspace(0, 1, rows)[:, None]
    turn = np.linspace(0, 2 * np.pi, columns + 1)[None, :-1]
    if kind == "ponytail":
        radius = 0.034 * np.sqrt(np.clip(np.minimum(along * 8, (1 - along) * 2.2), 0.01, 1))
        middle_y = 0.03 + 0.05 * np.sin(np.clip(along * 2.2, 0, np.pi / 2)) - 0.01 * along
        middle_z = 0.79 + 0.02 * np.sin(along * 3) - 0.27 * along**1.3
    else:
        size = 0.042 if kind == "bun" else 0.036
        centre = (0.06, 0.775) if kind == "bun" else (-0.035, 0.885)
        radius = size * np.sin(np.pi * np.clip(along, 0.01, 0.99))
        middle_y, middle_z = centre[0] + 0 * along, centre[1] + size * np.cos(np.pi * along)
    points = np.stack(
        np.broadcast_arrays(
            radius * np.cos(turn), middle_y + radius * np.sin(turn), middle_z + 0 * turn
        ),
        axis=2,
    ).reshape(-1, 3)
    return bind(points, grid_faces(rows, columns, closed=True), _head())
