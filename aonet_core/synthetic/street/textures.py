"""Periodic textures of grounds, walls and other surfaces, drawn from a random generator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.colour import Colour
from aonet_core.synthetic.raster import sample_texture


@dataclass(frozen=True)
class Tile:
    """A square of surface that repeats.

    Attributes:
        side: Pixels.
        repeat: Metres.
    """

    side: int = 768
    repeat: float = 6.0

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates in metres (S, S), to the right and up (rows run upwards)."""
        axis = (np.arange(self.side) + 0.5) * self.repeat / self.side
        x, y = np.meshgrid(axis, axis)
        return x, y

    def speckle(
        self, rng: np.random.Generator, sizes: tuple[float, ...], stretch: float = 1.0
    ) -> np.ndarray:
        """Periodic noise (S, S) in about [-1, 1]: the mean over feature sizes in metres.

        Args:
            rng: Draws it.
            sizes: Height of the features in metres.
            stretch: How many times as wide as high they are.
        """
        total = np.zeros((self.side, self.side))
        for size in sizes:
            rows = max(1, min(self.side, round(self.repeat / size)))
            columns = max(1, min(self.side, round(self.repeat / size / stretch)))
            total += _enlarge(
                _enlarge(rng.uniform(-1, 1, (rows, columns)), self.side).T, self.side
            ).T
        return total / len(sizes)


STREET = Tile()


def _enlarge(values: np.ndarray, side: int) -> np.ndarray:
    """Interpolate periodic rows (R, C) smoothly to (side, C)."""
    place = (np.arange(side) + 0.5) * len(values) / side - 0.5
    low = np.floor(place).astype(int)
    share = (place - low)[:, None]
    share = share * share * (3 - 2 * share)
    first, second = values[low % len(values)], values[(low + 1) % len(values)]
    return first + share * (second - first)


def bonded(
    tile: Tile,
    rng: np.random.Generator,
    colour: Colour,
    size: tuple[float, float],
    gap: float = 0.012,
    offset: float = 0.5,
    contrast: float = 0.1,
    joint: float = 0.55,
) -> np.ndarray:
    """Bricks, slabs or planks in rows (S, S, 3).

    Args:
        tile: Where to draw.
        rng: Draws tones and speckle.
        colour: Mean albedo.
        size: Width and height of a stone, as near as fits the repeat.
        gap: Width of the joints.
        offset: By which share of a stone every second row is shifted.
        contrast: Standard deviation of tone from stone to stone.
        joint: Shade of the joints, against the stones.
    """
    x, y = tile.grid()
    columns = max(1, round(tile.repeat / size[0]))
    rows = max(2, 2 * round(tile.repeat / size[1] / 2))  # even, so that shifted rows repeat
    wide, tall = tile.repeat / columns, tile.repeat / rows
    row = np.floor(y / tall).astype(int)
    shifted = x / wide + offset * (row % 2)
    stone = np.floor(shifted).astype(int) % columns
    tone = rng.normal(0, contrast, (rows, columns))[row, stone]
    hue = rng.normal(0, 0.25 * contrast, (rows, columns, 3))[row, stone]
    shade = 1 + tone + 0.22 * tile.speckle(rng, (0.012, 0.03)) + 0.2 * tile.speckle(rng, (0.4, 1.2))
    aside = np.minimum(shifted % 1, 1 - shifted % 1) * wide
    above = np.minimum(y / tall % 1, 1 - y / tall % 1) * tall
    edge = np.minimum(aside, above)
    texture = np.array(colour) * (shade[..., None] + hue)
    mortar = np.mean(colour) * joint * (1 + 0.3 * tile.speckle(rng, (0.02,)))
    share = np.clip((edge - gap / 2) / 0.006 + 0.5, 0, 1)[..., None]
    return mortar[..., None] + share * (texture * (0.82 + 0.18 * share) - mortar[..., None])


def rendered(
    tile: Tile, rng: np.random.Generator, colour: Colour, stain: float = 0.25
) -> np.ndarray:
    """Plaster or concrete (S, S, 3) with stains that run down."""
    fine = 0.1 * tile.speckle(rng, (0.016, 0.05)) + 0.1 * tile.speckle(rng, (0.3, 1.5))
    runs = np.clip(tile.speckle(rng, (0.9, 0.35), stretch=0.12) - 0.1, 0, 1)
    return np.array(colour) * (1 + fine - stain * runs)[..., None]


def planks(tile: Tile, rng: np.random.Generator, colour: Colour) -> np.ndarray:
    """Upright boards (S, S, 3) with grain."""
    x, _ = tile.grid()
    wide = 0.14
    count = max(1, round(tile.repeat / wide))
    board = np.floor(x / tile.repeat * count).astype(int)
    tone = rng.normal(0, 0.13, count)[board]
    grain = tile.speckle(rng, (0.5, 0.22), stretch=0.02) + 0.5 * tile.speckle(rng, (0.9,), 0.05)
    within = x / tile.repeat * count % 1
    gap = np.minimum(within, 1 - within) * wide < 0.006
    shade = np.where(gap, 0.3, 1 + tone + 0.35 * grain)
    return np.array(colour) * shade[..., None]


def cobbles(tile: Tile, rng: np.random.Generator, colour: Colour, size: float = 0.3) -> np.ndarray:
    """Rough stones of random outline (S, S, 3): cells nearest to jittered points."""
    count = round(tile.repeat / size)
    x, y = tile.grid()
    u, v = x / tile.repeat * count, y / tile.repeat * count * 1.5
    rows = round(count * 1.5)
    v = v * rows / (count * 1.5)
    jitter = rng.uniform(-0.38, 0.38, (rows, count, 2))
    column, row = np.floor(u).astype(int), np.floor(v).astype(int)
    nearest = np.full(u.shape, 9.0)
    second = nearest.copy()
    which = np.zeros(u.shape, dtype=int)
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            r, c = row + dr, column + dc
            offset = jitter[r % rows, c % count]
            distance = np.hypot(u - c - 0.5 - offset[..., 0], v - r - 0.5 - offset[..., 1])
            nearer = distance < nearest
            second = np.where(nearer, nearest, np.minimum(second, distance))
            which = np.where(nearer, (r % rows) * count + c % count, which)
            nearest = np.minimum(nearest, distance)
    tone = rng.normal(0, 0.18, rows * count)[which] + 0.25 * tile.speckle(rng, (0.015, 0.06))
    share = np.clip((second - nearest) / 0.16, 0, 1)
    return np.array(colour) * ((1 + tone) * (0.4 + 0.6 * share))[..., None]


def leafy(tile: Tile, rng: np.random.Generator, colour: Colour) -> np.ndarray:
    """Leaves of a hedge (S, S, 3)."""
    clumps = tile.speckle(rng, (0.3, 0.12))
    leaves = tile.speckle(rng, (0.03, 0.05))
    shade = np.clip(0.85 + 1.1 * leaves + 0.9 * clumps, 0.08, 2.2)
    warm = 1 + 0.25 * tile.speckle(rng, (0.05, 0.4))[..., None] * np.array([1.0, 0.3, 0.0])
    return np.array(colour) * shade[..., None] * warm


SURFACE = Tile(side=384, repeat=2.4)
"""Textures of things; 6 mm a pixel."""


@lru_cache(maxsize=64)
def surface(kind: str, variant: int) -> np.ndarray:
    """Grey-toned texture (S, S, 3) float32 of mean about 1, to be tinted.

    Args:
        kind: "brick", "blocks", "stone", "concrete", "plaster", "planks", "paper" or "metal".
        variant: Chooses among draws of one kind.

    Raises:
        ValueError: No such kind.
    """
    rng = np.random.default_rng([91, variant, *kind.encode()])
    white = (1.0, 1.0, 1.0)
    if kind == "brick":
        texture = bonded(SURFACE, rng, white, (0.24, 0.075), contrast=0.16, joint=1.5)
    elif kind == "blocks":
        texture = bonded(SURFACE, rng, white, (0.4, 0.2), contrast=0.08, joint=0.6)
    elif kind == "stone":
        texture = cobbles(SURFACE, rng, white, 0.3)
    elif kind == "planks":
        texture = planks(SURFACE, rng, white)
    elif kind == "paper":
        flutes = 1 + 0.06 * np.sin(SURFACE.grid()[1] * 2 * np.pi / 0.04)
        texture = rendered(SURFACE, rng, white, 0.15) * flutes[..., None]
    elif kind in ("concrete", "plaster", "metal"):
        texture = rendered(
            SURFACE, rng, white, {"concrete": 0.4, "plaster": 0.25, "metal": 0.15}[kind]
        )
    else:
        raise ValueError(f"kind must be a surface of this module, got {kind!r}")
    return np.clip(texture, 0, 2).astype(np.float32)


@dataclass(frozen=True)
class Textured:
    """A tinted surface as the paint of a solid.

    Attributes:
        kind, variant: As in `surface`.
        tint: Mean albedo.
        shift: Metres by which the texture is moved, so that no two things look alike.
    """

    kind: str
    tint: Colour
    variant: int = 0
    shift: float = 0.0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at canonical points (N, 3)."""
        x = (points[:, 0] + self.shift + 0.37 * points[:, 1]) / SURFACE.repeat
        z = (points[:, 2] + self.shift) / SURFACE.repeat
        shade = sample_texture(surface(self.kind, self.variant), x, z)
        return np.clip(shade * np.array(self.tint), 0, 1)
