"""Bushes, hedges and trees made of single leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.mesh import Material, Mesh, merge
from aonet_core.synthetic.street.solids import cylinder, solid
from aonet_core.synthetic.street.textures import Colour, Textured


@dataclass(frozen=True)
class LeafPaint:
    """Green that varies from leaf to leaf and is darker inside; y is how far out a leaf grows."""

    colour: Colour
    bloom: Colour | None = None

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at (lot, reach, hue) of each leaf (N, 3)."""
        lot, reach, hue = points.T
        shade = (0.25 + 0.85 * np.clip(reach, 0, 1.1) ** 2) * (0.7 + 0.6 * lot)
        albedo = (
            np.array(self.colour) * shade[:, None] * (1 + 0.35 * hue[:, None] * [1.0, 0.25, -0.2])
        )
        if self.bloom is not None:
            albedo[(lot > 0.88) & (reach > 0.75)] = self.bloom
        return np.clip(albedo, 0, 1)


def foliage(
    rng: np.random.Generator,
    centre: np.ndarray,
    half: np.ndarray,
    leaves: int,
    colour: Colour,
    bloom: Colour | None = None,
) -> Mesh:
    """Leaves in clusters about an ellipsoid.

    Args:
        rng: Draws them.
        centre: (3,) its middle.
        half: (3,) its half axes in metres.
        leaves: How many.
        colour: Of the leaves.
        bloom: Of some of them, or None.
    """
    clusters = _directions(rng, 34) * rng.uniform(0.35, 0.86, (34, 1))
    local = clusters[rng.integers(34, size=leaves)] + rng.normal(0, 0.15, (leaves, 3))
    reach = np.linalg.norm(local, axis=1)
    outward = local / reach[:, None]
    facing = outward + 0.9 * _directions(rng, leaves)
    side = np.cross(facing, rng.normal(size=(leaves, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    tip = np.cross(facing, side)
    tip /= np.linalg.norm(tip, axis=1, keepdims=True)
    length = rng.uniform(0.045, 0.095, (leaves, 1))
    middle = centre + local * half
    corners = [middle - length * tip, middle + 0.55 * length * side]
    corners += [middle + length * tip, middle - 0.55 * length * side]
    vertices = np.stack(corners, axis=1).reshape(-1, 3)
    quads = np.arange(4 * leaves).reshape(leaves, 4)
    # Lit half as a leaf, half as a part of a round bush.
    normals = np.repeat(facing / np.linalg.norm(facing, axis=1, keepdims=True), 4, axis=0)
    canonical = np.stack([rng.random(leaves), reach, rng.uniform(-1, 1, leaves)], axis=1)
    return solid(
        vertices,
        np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]),
        Material(LeafPaint(colour, bloom), gloss=0.12),
        canonical=np.repeat(canonical, 4, axis=0),
        normals=normals,
    )


def _directions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Unit vectors (count, 3)."""
    directions = rng.normal(size=(count, 3))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def _green(rng: np.random.Generator) -> Colour:
    greens = ((0.05, 0.105, 0.022), (0.075, 0.12, 0.028), (0.03, 0.075, 0.03), (0.1, 0.1, 0.03))
    return tuple(rng.uniform(0.8, 1.35) * np.array(greens[rng.integers(len(greens))]))


def shrub(rng: np.random.Generator) -> Mesh:
    """A bush on the ground."""
    half = np.array([rng.uniform(0.4, 0.85), 0.4, rng.uniform(0.35, 0.75)])
    colour = ((0.6, 0.1, 0.2), (0.65, 0.6, 0.5), (0.6, 0.4, 0.05))[rng.integers(3)]
    bloom = colour if rng.random() < 0.2 else None
    return foliage(rng, np.array([0, 0, 0.9 * half[2]]), half, 1500, _green(rng), bloom)


def tree(rng: np.random.Generator) -> Mesh:
    """A small tree: a stem and a crown that begins at some height."""
    low = rng.uniform(0.7, 1.5)
    half = np.array([rng.uniform(0.5, 0.8), 0.55, rng.uniform(0.6, 0.9)])
    bark = Textured("planks", (0.09, 0.07, 0.05), shift=float(rng.random()))
    stem = cylinder(
        rng.uniform(0.03, 0.08), low + half[2], (0, 0, (low + half[2]) / 2), bark, sides=10
    )
    crown = foliage(rng, np.array([0, 0, low + half[2]]), half, 1900, _green(rng))
    return merge([stem, crown])


def bush(rng: np.random.Generator) -> Mesh:
    """A bush or a small tree."""
    return tree(rng) if rng.random() < 0.55 else shrub(rng)
