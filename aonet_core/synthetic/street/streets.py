"""Grounds and house fronts of the synthetic town, drawn once per camera."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.colour import colour_of
from aonet_core.synthetic.street.facades import add_openings
from aonet_core.synthetic.street.textures import (
    STREET,
    Colour,
    bonded,
    cobbles,
    leafy,
    planks,
    rendered,
)

GROUNDS = ("paving", "asphalt", "brick", "grass", "cobbles", "asphalt", "paving", "concrete")
WALLS = ("plaster", "brick", "hedge", "concrete", "shop", "brick", "planks", "plaster")
PLASTER: tuple[Colour, ...] = (
    (0.58, 0.52, 0.41), (0.43, 0.32, 0.18), (0.36, 0.36, 0.35), (0.64, 0.63, 0.59),
    (0.37, 0.2, 0.13), (0.34, 0.38, 0.41), (0.5, 0.42, 0.3), (0.33, 0.37, 0.29),
)  # fmt: skip
PAVING: tuple[Colour, ...] = ((0.34, 0.33, 0.31), (0.38, 0.33, 0.26), (0.27, 0.27, 0.28))


def ground_texture(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a ground (S, S, 3) float32 of linear albedo.

    Args:
        kind: One of `GROUNDS`.
        rng: Draws it.

    Raises:
        ValueError: No such kind.
    """
    tone = rng.uniform(0.75, 1.25)
    if kind == "paving":
        colour = colour_of(tone * c for c in PAVING[rng.integers(len(PAVING))])
        wide = float(rng.choice([0.3, 0.5, 0.75]))
        texture = bonded(STREET, rng, colour, (wide, min(wide, 0.5)), contrast=0.07)
    elif kind == "brick":
        texture = bonded(STREET, rng, (0.22 * tone, 0.115 * tone, 0.08 * tone), (0.2, 0.1), 0.01)
    elif kind == "cobbles":
        texture = cobbles(STREET, rng, (0.2 * tone, 0.195 * tone, 0.185 * tone), 0.13)
    elif kind == "concrete":
        colour = (0.3 * tone, 0.295 * tone, 0.28 * tone)
        texture = bonded(STREET, rng, colour, (3.0, 2.0), 0.02, 0.0, 0.04)
    elif kind == "asphalt":
        texture = _asphalt(rng, (0.085 * tone, 0.087 * tone, 0.09 * tone))
    elif kind == "grass":
        texture = _grass(rng, (0.085 * tone, 0.12 * tone, 0.035 * tone))
    else:
        raise ValueError(f"kind must be one of {', '.join(sorted(set(GROUNDS)))}, got {kind!r}")
    return _finished(_worn(rng, texture) if kind != "grass" else texture)


def wall_texture(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a wall (S, S, 3) float32 of linear albedo; rows are heights above ground.

    Args:
        kind: One of `WALLS`.
        rng: Draws it.

    Raises:
        ValueError: No such kind.
    """
    tone = rng.uniform(0.75, 1.3)
    if kind == "brick":
        colour = ((0.25, 0.105, 0.07), (0.3, 0.2, 0.12), (0.17, 0.09, 0.07))[rng.integers(3)]
        colour = colour_of(tone * c for c in colour)
        texture = bonded(STREET, rng, colour, (0.24, 0.075), contrast=0.14, joint=1.6)
        texture = add_openings(rng, texture)
    elif kind in ("plaster", "shop"):
        texture = rendered(STREET, rng, PLASTER[rng.integers(len(PLASTER))])
        texture = add_openings(rng, texture, shop=kind == "shop")
    elif kind == "concrete":
        grey = (0.3 * tone, 0.3 * tone, 0.29 * tone)
        texture = bonded(STREET, rng, grey, (1.5, 1.0), 0.016, 0.0, 0.05, 0.5)
        texture *= rendered(STREET, rng, (1.0, 1.0, 1.0), 0.5)
    elif kind == "planks":
        texture = planks(STREET, rng, ((0.16, 0.1, 0.06), (0.3, 0.26, 0.2))[rng.integers(2)])
    elif kind == "hedge":
        texture = leafy(STREET, rng, (0.045 * tone, 0.085 * tone, 0.025 * tone))
    else:
        raise ValueError(f"kind must be one of {', '.join(sorted(set(WALLS)))}, got {kind!r}")
    return _finished(texture)


def _finished(texture: np.ndarray) -> np.ndarray:
    return np.clip(texture, 0.002, 0.95).astype(np.float32)


def _worn(rng: np.random.Generator, texture: np.ndarray) -> np.ndarray:
    """Add stains, spots of gum and a manhole or a drain to a hard ground."""
    x, y = STREET.grid()
    texture = texture * (1 - 0.3 * np.clip(STREET.speckle(rng, (0.7, 0.25)), 0, 1))[..., None]
    pixel = STREET.repeat / STREET.side
    for _ in range(26):  # small, so that only a window of the texture is looked at
        row, column = rng.integers(8, STREET.side - 8, 2)
        window = slice(row - 8, row + 8), slice(column - 8, column + 8)
        spot = np.hypot(x[window] - x[0, column], y[window] - y[row, 0])
        texture[window][spot < rng.uniform(1.5, 4.5) * pixel] *= rng.choice([0.6, 1.35])
    at = rng.uniform(1, STREET.repeat - 1, 2)
    away = np.hypot(x - at[0], y - at[1])
    if rng.random() < 0.6:
        ribs = 1 + 0.4 * np.sign(np.sin(x * 60) * np.sin(y * 60))
        cover = away < 0.32
        texture[cover] = (0.055 * ribs[..., None] * np.ones(3))[cover]
        texture[np.abs(away - 0.34) < 0.02] *= 0.4
    return texture


def _asphalt(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    x, y = STREET.grid()
    shade = 1 + 0.45 * STREET.speckle(rng, (0.01,)) + 0.3 * STREET.speckle(rng, (0.4, 1.5))
    texture = np.array(colour) * shade[..., None]
    texture[STREET.speckle(rng, (1.6,)) > 0.5] *= 0.72  # a patch of newer asphalt
    cracks = np.abs(STREET.speckle(rng, (0.9, 0.3, 0.12))) < 0.006
    texture[cracks] *= 0.5
    worn = STREET.speckle(rng, (0.04, 0.2)) > -0.42
    marking = str(rng.choice(["edge", "zebra", "bay", "none"], p=[0.35, 0.25, 0.3, 0.1]))
    at = rng.uniform(1.0, 5.0)
    if marking == "edge":
        paint = np.abs(y - at) < 0.06
    elif marking == "zebra":
        paint = (np.mod(x, 1.0) < 0.5) & (np.mod(y - at, STREET.repeat) < 3.0)
    elif marking == "bay":
        slanted = np.mod(x + 0.5 * y, 3.0) < 0.1  # 0.5 * 6 m is a whole number of bays
        paint = (slanted & (y > 2.6)) | (np.abs(y - 2.6) < 0.05)
    else:
        paint = np.zeros(x.shape, dtype=bool)
    texture[paint & worn] = np.array([0.5, 0.5, 0.47]) * rng.uniform(0.75, 1.1)
    return texture


def _grass(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    blades = STREET.speckle(rng, (0.05, 0.03), stretch=0.3)
    shade = 1 + 0.8 * blades + 0.35 * STREET.speckle(rng, (0.3, 1.0))
    texture = np.array(colour) * shade[..., None]
    bare = np.clip(3 * (STREET.speckle(rng, (0.9, 0.25, 0.08)) - 0.22), 0, 0.85)[..., None]
    texture += bare * (np.array([0.17, 0.125, 0.075]) * (1 + 0.4 * blades[..., None]) - texture)
    dry = STREET.speckle(rng, (0.02,)) > 0.93
    texture[dry] = (0.4, 0.36, 0.1)
    return texture
