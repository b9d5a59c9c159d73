"""A parked car: a lofted body with glass, lamps, wheels and a dark underside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body.shells import grid_faces
from aonet_core.synthetic.clothes.carried import rounded_box
from aonet_core.synthetic.clothes.patterns import noise
from aonet_core.synthetic.mesh import Material, Mesh, merge
from aonet_core.synthetic.street.solids import cylinder, slab, solid

COLOURS = (
    (0.72, 0.72, 0.7), (0.38, 0.39, 0.4), (0.13, 0.135, 0.14), (0.014, 0.014, 0.016),
    (0.015, 0.025, 0.075), (0.3, 0.015, 0.015), (0.03, 0.1, 0.28), (0.3, 0.26, 0.19),
    (0.02, 0.06, 0.04), (0.42, 0.1, 0.02),
)  # fmt: skip
COLOUR_ODDS = (0.22, 0.18, 0.15, 0.15, 0.08, 0.08, 0.06, 0.03, 0.03, 0.02)
BELT = 0.93
"""Height at which the windows begin."""
GLASS = np.array((0.018, 0.022, 0.026))
BLACK = np.array((0.012, 0.012, 0.013))


@dataclass(frozen=True)
class Model:
    """The side view of a kind of car, front at negative x; metres.

    Attributes:
        roof: Knots (x, height) of the outline from the front over the roof to the back.
        windscreen, rear: Where the two slanting panes begin and end along x.
        pillars: x of the pillars between side windows.
        axles: x of the wheels.
        half_width: Of the body at the belt.
    """

    roof: tuple[tuple[float, float], ...]
    windscreen: tuple[float, float]
    rear: tuple[float, float]
    pillars: tuple[float, ...]
    axles: tuple[float, float] = (-1.28, 1.27)
    half_width: float = 0.88

    def height(self, x: np.ndarray) -> np.ndarray:
        """Height of the outline at x, its knots rounded off."""
        knots = np.array(self.roof)
        spread = np.array([-0.12, -0.06, 0.0, 0.06, 0.12])
        return np.mean([np.interp(x + step, knots[:, 0], knots[:, 1]) for step in spread], axis=0)

    @property
    def ends(self) -> tuple[float, float]:
        """Places of both bumpers along x."""
        return self.roof[0][0], self.roof[-1][0]


MODELS = {
    "hatchback": Model(
        ((-1.98, 0.6), (-1.9, 0.76), (-1.0, 0.97), (-0.2, 1.42), (0.2, 1.47), (1.2, 1.44),
         (1.55, 1.35), (1.88, 0.95), (1.96, 0.6)),
        (-0.98, -0.22), (1.5, 1.86), (0.42, 1.2),
    ),
    "saloon": Model(
        ((-2.2, 0.6), (-2.12, 0.74), (-1.05, 0.95), (-0.3, 1.38), (0.1, 1.43), (0.8, 1.42),
         (1.5, 1.02), (2.1, 0.98), (2.24, 0.6)),
        (-1.02, -0.3), (0.85, 1.5), (0.35,),
        axles=(-1.4, 1.38),
    ),
    "estate": Model(
        ((-2.15, 0.62), (-2.08, 0.8), (-1.1, 1.02), (-0.35, 1.52), (0.1, 1.6), (1.6, 1.58),
         (1.9, 1.5), (2.12, 0.98), (2.2, 0.6)),
        (-1.08, -0.36), (1.85, 2.1), (0.3, 1.15),
        axles=(-1.38, 1.36), half_width=0.92,
    ),
    "van": Model(
        ((-2.3, 0.7), (-2.25, 0.95), (-1.75, 1.12), (-1.0, 1.8), (-0.6, 1.95), (2.2, 1.95),
         (2.4, 1.9), (2.42, 0.7)),
        (-1.72, -1.05), (2.39, 2.5), (-0.1, 0.0, 0.4, 0.9, 1.4, 1.9, 2.3),
        axles=(-1.5, 1.45), half_width=0.98,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class BodyPaint:
    """Everything that is painted on the body, by position on the car."""

    model: Model
    colour: tuple[float, float, float]
    plate: int

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at points (N, 3) of the car's own space."""
        x, y, z = points.T
        aside = np.abs(y)
        model, (front, back) = self.model, self.model.ends
        below_roof = model.height(x) - z
        albedo = np.array(self.colour) * (1 + 0.06 * noise(points, 0.5, 3)[:, None])
        albedo[_seams(model, x, z, aside)] *= 0.25

        side = (z > BELT + 0.035) & (below_roof > 0.085) & (aside > 0.45)
        side &= (x > model.windscreen[0] + 0.1) & (x < model.rear[1] - 0.12)
        pillar = np.min([np.abs(x - at) for at in model.pillars], axis=0) < 0.035
        albedo[side] = GLASS
        albedo[side & pillar] = BLACK
        for low, high in (model.windscreen, model.rear):
            pane = (x > low) & (x < high) & (below_roof < 0.06) & (z > BELT - 0.02)
            albedo[pane] = BLACK
            albedo[pane & (aside < 0.6) & (x > low + 0.05) & (x < high - 0.04)] = GLASS

        dark = z < 0.33  # sills and the lower bumpers
        dark |= (x < front + 0.12) & (aside < 0.42) & (np.abs(z - 0.56) < 0.09)
        dark |= np.min([np.hypot(x - at, z - 0.31) for at in model.axles], axis=0) < 0.375
        albedo[dark] = BLACK
        lamp = (x < front + 0.32) & (aside > 0.5) & (np.abs(z - 0.68) < 0.075)
        albedo[lamp] = (0.62, 0.63, 0.6)
        albedo[(x > back - 0.2) & (aside > 0.58) & (np.abs(z - 0.78) < 0.11)] = (0.4, 0.012, 0.012)
        handle = (np.abs(z - 0.84) < 0.018) & (aside > 0.7)
        handle &= np.min([np.abs(x - at + 0.12) for at in model.pillars[:2]], axis=0) < 0.08
        albedo[handle] *= 0.4
        return np.clip(self._plates(albedo, x, y, z), 0, 1)

    def _plates(self, albedo, x, y, z) -> np.ndarray:
        front, back = self.model.ends
        plate = (
            ((x < front + 0.15) | (x > back - 0.12)) & (np.abs(y) < 0.26) & (np.abs(z - 0.5) < 0.06)
        )
        albedo[plate] = (0.7, 0.7, 0.68)
        strokes = np.random.default_rng(self.plate).random(32) < 0.55
        letters = plate & (np.abs(z - 0.5) < 0.035) & (np.abs(y) < 0.22)
        letters &= strokes[np.clip((y + 0.26) / 0.52 * 32, 0, 31).astype(int)]
        albedo[letters] = BLACK
        return albedo


def _seams(model: Model, x: np.ndarray, z: np.ndarray, aside: np.ndarray) -> np.ndarray:
    """Gaps of doors and bonnet."""
    doors = np.min([np.abs(x - at) for at in (*model.pillars[:2], model.windscreen[0])], axis=0)
    seam = (doors < 0.008) & (z < BELT) & (z > 0.36) & (aside > 0.6)
    bonnet = (x < model.windscreen[0]) & (z > 0.7)
    return seam | bonnet & (np.abs(aside - 0.68) < 0.01) | (z < BELT) & (np.abs(z - 0.4) < 0.006)


@dataclass(frozen=True)
class WheelPaint:
    """A tyre and a spoked rim, seen on a cylinder's end."""

    rim: float
    spokes: int

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3); x and z from the hub where y is 1 or 2, the tread where it is 0."""
        albedo = 0.014 * (1 + 0.2 * noise(points, 0.05, 1)[:, None]) * np.ones(3)
        radius, angle = np.hypot(points[:, 0], points[:, 2]), np.arctan2(points[:, 2], points[:, 0])
        metal = (radius < 0.21) & (np.cos(self.spokes * angle) > -0.25)
        metal |= (np.abs(radius - 0.2) < 0.02) | (radius < 0.06)
        albedo[metal & (points[:, 1] > 0.5)] = self.rim
        return albedo


def parked_car(rng: np.random.Generator) -> Mesh:
    """A car parked along x, drawn from a few models and colours."""
    model = list(MODELS.values())[rng.choice(len(MODELS), p=[0.4, 0.25, 0.22, 0.13])]
    colour = np.array(COLOURS[rng.choice(len(COLOURS), p=COLOUR_ODDS)]) * rng.uniform(0.85, 1.15)
    paint = BodyPaint(model, tuple(colour), int(rng.integers(1 << 16)))
    wheel = WheelPaint(float(rng.uniform(0.2, 0.5)), int(rng.integers(5, 9)))
    parts = [_body(model, paint)]
    for x in model.axles:
        for side in (-1, 1):
            parts.append(
                cylinder(
                    0.31, 0.2, (x, side * (model.half_width - 0.1), 0.31), wheel, axis="y", sides=28
                )
            )
    mirror = model.windscreen[0] + 0.28
    for side in (-1, 1):
        at = (mirror, side * (model.half_width + 0.06), BELT + 0.09)
        parts.append(
            rounded_box((0.12, 0.2, 0.14), at, lambda p: tuple(colour) + 0 * p, 0, 0.5, 0.5, 8)
        )
    front, back = model.ends
    shade = (back - front - 0.5, 2 * model.half_width - 0.25, 0.02)
    parts.append(slab(shade, ((front + back) / 2, 0, 0.02), lambda p: 0.01 + 0 * p))
    return merge(parts)


def _body(model: Model, paint: BodyPaint) -> Mesh:
    """Loft a rounded cross-section along the car."""
    front, back = model.ends
    x = np.linspace(front, back, 84)
    reach = np.clip((2 * (x - front) / (back - front) - 1), -1, 1)  # -1 front, 1 back
    half_width = model.half_width * (1 - 0.24 * np.abs(reach) ** 7)
    bottom = 0.2 + 0.14 * np.abs(reach) ** 10
    across, up = _section(46)  # (C,) in [-1, 1] and [0, 1]
    height = bottom[:, None] + (model.height(x) - bottom)[:, None] * up[None]
    tumble = 1 - 0.27 * np.clip((height - BELT) / 0.53, 0, 1.2)
    bulge = 1 - 0.06 * ((height - 0.62) / 0.42) ** 2 * (height < BELT)
    y = half_width[:, None] * across[None] * tumble * bulge
    grid = np.stack([np.broadcast_to(x[:, None], y.shape), y, height], axis=2)
    ends = [
        grid[:1] * [1, 0.0, 1] * [1, 1, 0.75] + [0, 0, 0.12],
        grid[-1:] * [1, 0, 0.75] + [0, 0, 0.12],
    ]
    grid = np.concatenate([ends[0], grid, ends[1]])
    faces = grid_faces(len(grid), grid.shape[1], closed=False)
    return solid(grid.reshape(-1, 3), faces, Material(paint, gloss=1.0))


def _section(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a superellipse's upper half, evenly along its length, from +1 to -1."""
    angle = np.linspace(0, np.pi, 2001)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.3
    z = np.sin(angle) ** 0.3
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    even = np.linspace(0, length[-1], count)
    return np.interp(even, length, x), np.interp(even, length, z)
