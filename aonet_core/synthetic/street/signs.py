"""Traffic signs and printed boards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.clothes.patterns import noise
from aonet_core.synthetic.mesh import Mesh, merge
from aonet_core.synthetic.street.finishes import one_of
from aonet_core.synthetic.street.solids import disc, slab
from aonet_core.synthetic.street.textures import Colour

WHITE, BLACK = (0.7, 0.7, 0.68), (0.02, 0.02, 0.02)
RED, BLUE, GREEN, YELLOW = (
    (0.4, 0.02, 0.025),
    (0.02, 0.06, 0.32),
    (0.02, 0.17, 0.08),
    (0.6, 0.42, 0.03),
)


@dataclass(frozen=True)
class RoundSign:
    """A round sign with a ring and a bar or an arrow.

    Attributes:
        radius: Metres.
        ground, ring, figure: Colours.
        arrow: Draws an arrow; a bar otherwise.
    """

    radius: float
    ground: Colour
    ring: Colour
    figure: Colour
    arrow: bool

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at (N, 3); x and z from the middle."""
        x, _, z = (points / self.radius).T
        albedo = np.array(self.ground) + np.zeros_like(points)
        if self.arrow:
            figure = (np.abs(x) < 0.12) & (np.abs(z) < 0.55)
            figure |= (np.abs(x) < 0.62 - z) & (z > 0.1) & (np.abs(x) < 0.4)
        else:
            figure = (np.abs(z) < 0.17) & (np.abs(x) < 0.65)
        albedo[figure] = self.figure
        albedo[np.hypot(x, z) > 0.82] = self.ring
        return albedo


@dataclass(frozen=True)
class Board:
    """A printed board: a small picture stretched over a slab's sides.

    Attributes:
        picture: (R, C, 3) albedo, rows from below.
        wide, tall: Of the board in metres.
    """

    picture: np.ndarray
    wide: float
    tall: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at (N, 3); x and z from the middle."""
        rows, columns = self.picture.shape[:2]
        u, v = points[:, 0] / self.wide + 0.5, points[:, 2] / self.tall + 0.5
        row = np.clip(v * rows, 0, rows - 1).astype(int)
        column = np.clip(u * columns, 0, columns - 1).astype(int)
        shade = 1 + 0.08 * noise(points, 0.25, 4)
        return np.clip(self.picture[row, column] * shade[:, None], 0, 1)


def board_picture(rng: np.random.Generator) -> np.ndarray:
    """A poster, a notice or a striped barrier board as a picture (96, 128, 3)."""
    y, x = np.mgrid[0:96, 0:128] / 96.0
    kind = str(rng.choice(["poster", "notice", "chevrons", "boards"], p=[0.4, 0.25, 0.15, 0.2]))
    colour = np.array([RED, BLUE, GREEN, YELLOW, WHITE, BLACK, (0.25, 0.24, 0.22)])[rng.integers(7)]
    colour = colour * rng.uniform(0.7, 1.2)
    ink = np.array(BLACK if colour.mean() > 0.25 else WHITE)
    if kind == "chevrons":
        return np.where(
            (np.mod(x + y, 0.3) < 0.15)[..., None], np.array(one_of(rng, (RED, BLACK))), WHITE
        )
    if kind == "boards":
        wood = np.array([0.24, 0.16, 0.09]) * rng.uniform(0.6, 1.6)
        tone = rng.normal(1, 0.14, 8)[(y * 8).astype(int)]
        return wood * (tone * np.where(np.mod(y * 8, 1) < 0.06, 0.3, 1))[..., None]
    picture = colour * (0.75 + 0.5 * y)[..., None] * np.ones(3)
    if kind == "poster":
        for _ in range(rng.integers(2, 5)):
            at, size = rng.uniform((0.1, 0.25), (1.2, 0.9)), rng.uniform(0.1, 0.35)
            inside = np.hypot((x - at[0]) * rng.uniform(0.6, 1.6), y - at[1]) < size
            picture[inside] = rng.uniform(0.03, 0.6) * rng.uniform(0.5, 1.4, 3)
    else:
        picture[(x < 0.05) | (x > 1.283) | (y < 0.05) | (y > 0.95)] = ink
    for row in np.arange(0.1, 0.5 if kind == "poster" else 0.85, rng.uniform(0.09, 0.16)):
        strokes = rng.random(128) < 0.62
        line = (np.abs(y - row) < 0.022) & (x > 0.12) & (x < rng.uniform(0.7, 1.2))
        picture[line & strokes[None]] = ink
    return picture


def sign(rng: np.random.Generator) -> Mesh:
    """A sign that faces -y, centred on the origin."""
    kind = str(rng.choice(["round", "board", "board", "street"]))
    if kind == "round":
        radius = float(rng.uniform(0.25, 0.36))
        ground, ring, figure = one_of(
            rng, ((WHITE, RED, BLACK), (RED, WHITE, WHITE), (BLUE, WHITE, WHITE))
        )
        return disc(
            radius,
            (0, 0, 0),
            RoundSign(radius, ground, ring, figure, bool(rng.random() < 0.5)),
            0.15,
        )
    wide, tall = float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.4, 0.85))
    if kind == "street":
        wide, tall = float(rng.uniform(0.7, 1.0)), 0.24
    board = slab((wide, 0.02, tall), (0, 0, 0), Board(board_picture(rng), wide, tall), 0.15)
    back = slab((wide + 0.03, 0.015, tall + 0.03), (0, 0.012, 0), lambda p: 0.25 + 0 * p, 0.1)
    return merge([board, back])
