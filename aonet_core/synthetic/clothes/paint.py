"""Colours of skin, hair and cloth as functions of canonical coordinates.

Canonical coordinates belong to the neutral body: hips near z = 0, waist 0.12, shoulders 0.52, chin
0.62, crown 0.85, knees -0.37, ankles -0.75 (metres); front is -y, left is +x.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aonet_core.synthetic.clothes.patterns import (
    MARKS,
    PATTERNS,
    noise,
    sleeve_share,
    spot,
    unrolled,
)
from aonet_core.synthetic.colour import Colour


@dataclass(frozen=True)
class Fabric:
    """A cloth: a pattern in up to three linear-light colours.

    Attributes:
        pattern: A key of `PATTERNS`.
        colours: Ground, figure and accent.
        scale: Size of the pattern's repeat in metres.
        sleeves: Colour of the sleeves where they contrast.
        marks: Names in `MARKS` drawn on top.
        inner: Colour of what an open front shows, for the mark "open".
        seed: Shifts the weave and blotches, so that no two cloths are quite alike.
        worn: Follows the sleeves of a body rather than plain space.
    """

    pattern: str
    colours: tuple[Colour, ...]
    scale: float = 0.06
    sleeves: Colour | None = None
    marks: tuple[str, ...] = field(default=())
    inner: Colour = (0.8, 0.79, 0.76)
    seed: int = 0
    worn: bool = False

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) in [0, 1] at canonical points (N, 3)."""
        colours = [np.array(colour) for colour in self.colours]
        laid = unrolled(points) if self.worn and len(self.colours) > 1 else points
        figure = PATTERNS[self.pattern](laid, self.scale, self.seed)  # (N,) in [0, len - 1]
        albedo = colours[0] + np.zeros_like(points)
        for level, colour in enumerate(colours[1:], start=1):
            share = np.clip(figure - (level - 1), 0, 1)[:, None]
            albedo = albedo + share * (colour - albedo)
        if self.sleeves is not None:
            sleeve = sleeve_share(points)[:, None]
            albedo = albedo + sleeve * (np.array(self.sleeves) - albedo)
        for mark in self.marks:
            share, colour = MARKS[mark](points, colours, self.inner)
            albedo = albedo + share[:, None] * (colour - albedo)
        weave = 0.07 * noise(points, 0.006, self.seed) + 0.12 * noise(points, 0.09, self.seed + 1)
        return np.clip(albedo * (1 + weave[:, None]), 0, 1)


@dataclass(frozen=True)
class SkinPaint:
    """Skin of one tone, with the face that a camera sees from ten metres."""

    tone: Colour
    lips: Colour
    brow: Colour
    beard: float = 0.0
    seed: int = 0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at canonical points (N, 3)."""
        albedo = np.array(self.tone) * (1 + 0.1 * noise(points, 0.05, self.seed)[:, None])
        front = points[:, 1] < -0.07
        across, height = np.abs(points[:, 0]), points[:, 2]
        blush = spot(across - 0.05, height - 0.688, 0.022) * front
        albedo = albedo * (1 - blush[:, None] * np.array([0.0, 0.18, 0.16]))
        for share, colour in (
            (
                spot((across - 0.031) / 1.8, height - 0.731, 0.0085),
                tuple(0.3 * c for c in self.tone),
            ),
            (spot((across - 0.034) / 3.0, height - 0.7475, 0.0052), self.brow),
            (spot(across / 2.6, height - 0.6615, 0.0085), self.lips),
            (spot(across / 1.9, height - 0.683, 0.005), tuple(0.55 * c for c in self.tone)),
        ):
            share = (share * front)[:, None] * 0.85
            albedo = albedo + share * (np.array(colour) - albedo)
        if self.beard:
            jaw = np.clip((0.672 - 0.35 * np.clip(across - 0.05, 0, 1) - height) / 0.012, 0, 1)
            jaw = np.where(across > 0.045, np.clip((0.692 - height) / 0.02, 0, 1), jaw)
            jaw = jaw * np.clip((height - 0.612) / 0.01, 0, 1) * (points[:, 1] < -0.065)
            moustache = spot(across / 3.0, height - 0.674, 0.006) * front
            mouth = 1 - spot(across / 2.4, height - 0.66, 0.006)
            share = self.beard * (np.maximum(jaw, moustache) * mouth)[:, None]
            albedo = albedo + share * (np.array(self.brow) - albedo)
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


def eye_paint(points: np.ndarray) -> np.ndarray:
    """Albedo of eyeballs: dark irises on white that lids shade."""
    across, height = np.abs(points[:, 0]) - 0.031, points[:, 2] - 0.7285
    iris = np.clip((0.0068 - np.hypot(across, height)) / 0.001, 0, 1)[:, None]
    return 0.42 + iris * (np.array([0.02, 0.015, 0.012]) - 0.42) + 0 * points


@dataclass(frozen=True)
class ShoePaint:
    """A shoe: upper, sole and, on trainers, a stripe.

    Attributes:
        upper, sole: Colours.
        stripe: Colour of a band over the instep, or None.
        shaft: Height at which a boot ends, or None for a low shoe.
    """

    upper: Colour
    sole: Colour
    stripe: Colour | None = None
    shaft: float | None = None

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at canonical points (N, 3)."""
        albedo = np.array(self.upper) + np.zeros_like(points)
        if self.stripe is not None:
            slant = points[:, 1] + 0.09 + 0.5 * (points[:, 2] + 0.79)
            stripe = np.clip((0.016 - np.abs(slant)) / 0.004, 0, 1)[:, None]
            albedo = albedo + stripe * (np.array(self.stripe) - albedo)
        sole = np.clip((-0.814 - points[:, 2]) / 0.003, 0, 1)[:, None]
        albedo = albedo + sole * (np.array(self.sole) - albedo)
        return np.clip(albedo * (1 + 0.12 * noise(points, 0.03, 5)[:, None]), 0, 1)
