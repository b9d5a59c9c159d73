"""Parcels and crates, on the ground or on a market stall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.clothes.patterns import noise
from aonet_core.synthetic.mesh import Mesh, merge
from aonet_core.synthetic.street.finishes import BRIGHT, WOODS, one_of, tinted
from aonet_core.synthetic.street.solids import placed, slab
from aonet_core.synthetic.street.textures import Colour, Textured


@dataclass(frozen=True)
class ParcelPaint:
    """Cardboard with tape and a label."""

    card: Textured
    size: tuple[float, float, float]
    label: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) of a side at (N, 3)."""
        albedo = self.card(points)
        x, _, z = points.T
        wide, tall = self.size[0] / 2, self.size[2] / 2
        edge = np.minimum(wide - np.abs(x), tall - np.abs(z))
        albedo *= (0.75 + 0.25 * np.clip(edge / 0.02, 0, 1))[:, None]
        tape = np.abs(x) < 0.028
        albedo[tape] = 0.6 * albedo[tape] + np.array([0.2, 0.15, 0.09])
        u, v = x - self.label * wide * 0.5, z - 0.25 * tall
        label = (np.abs(u) < 0.09) & (np.abs(v) < 0.06)
        albedo[label] = 0.65
        bars = label & (np.abs(v + 0.02) < 0.025) & (np.sin(u * 400) + np.sin(u * 263) > 0.3)
        albedo[bars] = 0.03
        return albedo


@dataclass(frozen=True)
class CratePaint:
    """A plastic crate with ribs and a row of holes."""

    colour: Colour
    size: tuple[float, float, float]

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) of a side at (N, 3)."""
        x, _, z = points.T
        tall = self.size[2] / 2
        shade = 1 + 0.1 * noise(points, 0.15, 2)
        shade[np.mod(x, 0.12) < 0.015] *= 1.35
        shade[np.mod(x, 0.12) > 0.108] *= 0.6
        hole = (
            (np.mod(x, 0.12) > 0.03)
            & (np.mod(x, 0.12) < 0.095)
            & (np.abs(np.abs(z) - 0.45 * tall) < 0.16 * tall)
        )
        shade[hole] *= 0.18
        shade[np.abs(z) > 0.88 * tall] *= 1.25
        return np.clip(np.array(self.colour) * shade[:, None], 0, 1)


def parcel_boxes(rng: np.random.Generator) -> Mesh:
    """A stack of parcels and crates, on the ground or on a market stall."""
    parts, height = [], 0.0
    if rng.random() < 0.7:
        height = float(rng.uniform(0.85, 1.4))
        wood = tinted(rng, "planks", WOODS)
        parts = [
            slab((0.04, 0.04, height), (x, y, height / 2), wood)
            for x in (-0.6, 0.6)
            for y in (-0.3, 0.3)
        ]
        parts.append(slab((1.35, 0.75, 0.05), (0, 0, height), wood))
    for _ in range(rng.integers(2, 4)):
        wide, deep, tall = (float(s) for s in rng.uniform((0.42, 0.38, 0.25), (0.85, 0.65, 0.5)))
        size = wide, deep, tall
        paint: ParcelPaint | CratePaint
        if rng.random() < 0.65:
            card = tinted(rng, "paper", ((0.33, 0.21, 0.11), (0.4, 0.28, 0.17), (0.55, 0.53, 0.5)))
            paint = ParcelPaint(card, size, float(rng.uniform(-1, 1)))
        else:
            paint = CratePaint(one_of(rng, BRIGHT), size)
        box = slab(size, (0, 0, size[2] / 2), paint, 0.05)
        parts.append(
            placed(box, rng.normal(0, 0.05), rng.normal(0, 0.03), rng.normal(0, 0.12), height)
        )
        height += size[2]
    return merge(parts)
