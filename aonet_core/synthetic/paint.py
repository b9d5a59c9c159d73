"""Colours of skin, hair and cloth as functions of canonical coordinates.

Canonical coordinates belong to the neutral body: hips near z = 0, waist 0.12, shoulders 0.52, chin
0.62, crown 0.85, knees -0.37, ankles -0.75 (metres); front is -y, left is +x.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aonet_core.synthetic.raster import value_noise

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Fabric:
    """A cloth: a pattern in up to three linear-light colours.

    Attributes:
        pattern: A key of `PATTERNS`.
        colours: Ground, figure and accent.
        scale: Size of the pattern's repeat in metres.
        sleeves: Colour of the sleeves where they contrast.
        marks: Names in `MARKS` drawn on top: "zip", "logo", "strap", "side_stripe", "fade".
        seed: Shifts the weave and blotches, so that no two cloths are quite alike.
    """

    pattern: str
    colours: tuple[Colour, ...]
    scale: float = 0.06
    sleeves: Colour | None = None
    marks: tuple[str, ...] = field(default=())
    seed: int = 0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) in [0, 1] at canonical points (N, 3)."""
        colours = [np.array(colour) for colour in self.colours]
        figure = PATTERNS[self.pattern](points, self.scale, self.seed)  # (N,) in [0, len - 1]
        albedo = colours[0] + np.zeros_like(points)
        for level, colour in enumerate(colours[1:], start=1):
            share = np.clip(figure - (level - 1), 0, 1)[:, None]
            albedo = albedo + share * (colour - albedo)
        if self.sleeves is not None:
            sleeve = np.clip((np.abs(points[:, 0]) - 0.185) / 0.004, 0, 1)[:, None]
            sleeve = sleeve * (points[:, 2:] > 0.15)
            albedo = albedo + sleeve * (np.array(self.sleeves) - albedo)
        for mark in self.marks:
            share, colour = MARKS[mark](points, colours)
            albedo = albedo + share[:, None] * (colour - albedo)
        weave = 0.07 * noise(points, 0.006, self.seed) + 0.12 * noise(points, 0.09, self.seed + 1)
        return np.clip(albedo * (1 + weave[:, None]), 0, 1)


@dataclass(frozen=True)
class SkinPaint:
    """Skin of one tone, with the face that a camera sees from ten metres."""

    tone: Colour
    lips: Colour
    brow: Colour
    seed: int = 0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at canonical points (N, 3)."""
        albedo = np.array(self.tone) * (1 + 0.14 * noise(points, 0.05, self.seed)[:, None])
        front = points[:, 1] < -0.07
        across, height = np.abs(points[:, 0]), points[:, 2]
        blush = spot(across - 0.05, height - 0.688, 0.022) * front
        albedo = albedo * (1 - blush[:, None] * np.array([0.0, 0.18, 0.16]))
        for share, colour in (
            (spot((across - 0.033) / 1.7, height - 0.729, 0.0075), (0.03, 0.025, 0.02)),
            (spot((across - 0.035) / 2.6, height - 0.751, 0.0055), self.brow),
            (spot(across / 2.4, height - 0.655, 0.0075), self.lips),
            (spot(across / 1.6, height - 0.684, 0.006), tuple(0.55 * c for c in self.tone)),
        ):
            share = (share * front)[:, None] * 0.85
            albedo = albedo + share * (np.array(colour) - albedo)
        return np.clip(albedo, 0, 1)


@dataclass(frozen=True)
class HairPaint:
    """Hair of one colour with strands and a paler crown."""

    colour: Colour
    seed: int = 0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at canonical points (N, 3)."""
        strands = noise(points * np.array([1.0, 1.0, 0.12]), 0.004, self.seed)
        shade = 1 + 0.35 * strands + 0.25 * noise(points, 0.03, self.seed + 1)
        return np.clip(np.array(self.colour) * shade[:, None], 0, 1)


def noise(points: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Smooth value noise in [-1, 1] with features of `size` metres; (N, 3) -> (N,)."""
    return value_noise(np.ascontiguousarray(points, dtype=np.float32), float(size), int(seed))


def spot(x: np.ndarray, z: np.ndarray, radius: float) -> np.ndarray:
    """A soft round spot of that radius about the origin, in [0, 1]."""
    return np.clip(1.5 - np.hypot(x, z) / radius, 0, 1)


def _band(value: np.ndarray, period: float, duty: float = 0.5) -> np.ndarray:
    """Soft square wave in [0, 1]."""
    phase = np.mod(value / period, 1.0)
    return np.clip((duty / 2 - np.abs(phase - 0.5)) * period / 0.004 + 0.5, 0, 1)


def _angle(points: np.ndarray) -> np.ndarray:
    """Arc length about the vertical axis, as if cloth were wrapped about a 0.15 m cylinder."""
    return 0.15 * np.arctan2(points[:, 0], -points[:, 1])


PATTERNS = {
    "plain": lambda p, scale, seed: np.zeros(len(p)),
    "stripes": lambda p, scale, seed: _band(p[:, 2], scale),
    "pinstripes": lambda p, scale, seed: _band(_angle(p), scale, 0.15),
    "checks": lambda p, scale, seed: _band(p[:, 2], scale) + _band(_angle(p), scale),
    "two_tone": lambda p, scale, seed: np.clip((p[:, 2] - 0.33) / 0.004, 0, 1),
    "band": lambda p, scale, seed: np.clip((scale - np.abs(p[:, 2] - 0.3)) / 0.004, 0, 1),
    "dots": lambda p, scale, seed: _band(p[:, 2], scale, 0.45) * _band(_angle(p), scale, 0.45),
    "blotches": lambda p, scale, seed: np.clip(
        6 * noise(p, scale, seed) + 3 * noise(p, scale / 3, seed + 5), 0, 2
    ),
}
"""Maps (points, scale, seed) to a figure: 0 is the first colour, 1 the second, 2 the third."""


def _zip_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    share = (np.abs(points[:, 0]) < 0.008) & (points[:, 1] < 0) & (points[:, 2] < 0.58)
    return share.astype(float), 0.35 * colours[0] + 0.02


def _logo_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    x, z = points[:, 0], points[:, 2] - 0.40
    inside = (np.abs(x) < 0.085) & (np.abs(z) < 0.05) & (points[:, 1] < 0)
    letters = (np.mod(x / 0.034, 1.0) < 0.62) & (np.mod(z / 0.034 + 0.2, 1.0) < 0.72)
    return (inside & letters).astype(float), colours[-1] if len(colours) > 1 else 1 - colours[0]


def _strap_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    """The strap of a shoulder bag, from the right shoulder to the left hip, front and back."""
    line = points[:, 2] - 0.29 + 1.25 * points[:, 0]
    inside = (np.abs(line) < 0.03) & (np.abs(points[:, 0]) < 0.18)
    return inside.astype(float), np.array([0.035, 0.03, 0.028])


def _rucksack_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    """The two shoulder straps of a rucksack, on the front."""
    across = np.abs(np.abs(points[:, 0]) - 0.105 - 0.05 * (0.5 - points[:, 2]))
    inside = (across < 0.02) & (points[:, 2] > 0.27) & (points[:, 2] < 0.60)
    return inside.astype(float), np.array([0.03, 0.03, 0.035])


def _side_stripe_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    inside = (np.abs(points[:, 1] + 0.02 - 0.03 * (points[:, 2] < -0.4)) < 0.022) & (
        np.abs(points[:, 0]) > 0.15 - 0.1 * (points[:, 2] + 0.1)
    )
    return inside.astype(float), colours[-1] if len(colours) > 1 else np.array([0.85, 0.85, 0.85])


def _fade_mark(points: np.ndarray, colours: list) -> tuple[np.ndarray, np.ndarray]:
    """Worn jeans: paler on the front of the thighs."""
    thigh = np.exp(-(((points[:, 2] + 0.22) / 0.16) ** 2)) * (points[:, 1] < -0.02)
    return 0.5 * thigh, np.minimum(1.0, 2.2 * colours[0] + 0.06)


MARKS = {
    "zip": _zip_mark,
    "logo": _logo_mark,
    "strap": _strap_mark,
    "rucksack": _rucksack_mark,
    "side_stripe": _side_stripe_mark,
    "fade": _fade_mark,
}
