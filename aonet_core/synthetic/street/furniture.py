"""What stands along the walls of the synthetic town."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.mesh import Mesh, merge
from aonet_core.synthetic.street.car import parked_car
from aonet_core.synthetic.street.greenery import foliage, shrub, tree
from aonet_core.synthetic.street.occluders import fence, parcel_boxes, pole_with_sign
from aonet_core.synthetic.street.solids import cylinder, placed, slab
from aonet_core.synthetic.street.textures import Textured

LONG = {parked_car: 4.6, fence: 3.4}
"""Metres that a thing takes along the wall, where more than one."""


def street_furniture(rng: np.random.Generator, wall_distance: float) -> Mesh:
    """Things along a wall, out of people's way.

    Args:
        rng: Draws them.
        wall_distance: y of the wall in metres.
    """
    makers = [shrub, tree, _planter, pole_with_sign, _bench, _bin, _bollard, parcel_boxes, fence]
    if wall_distance > 4.0:
        makers += [parked_car] * 4
    meshes, x = [], -9.5
    while x < 9.5:
        x += rng.uniform(0.7, 2.6)
        maker = makers[rng.integers(len(makers))]
        length = LONG.get(maker, 1.0)
        yaw = rng.normal(0, 0.05) + np.pi * (rng.random() < 0.5)
        depth = 1.5 if maker is parked_car else rng.uniform(0.45, 0.8)
        meshes.append(placed(maker(rng), x + length / 2, max(1.4, wall_distance - depth), yaw))
        x += length
    return merge(meshes)


def _wood(rng: np.random.Generator) -> Textured:
    return Textured("planks", tuple(rng.uniform(0.1, 0.28) * np.array([1.0, 0.62, 0.36])))


def _bench(rng: np.random.Generator) -> Mesh:
    wood, metal = _wood(rng), Textured("metal", (0.06, 0.065, 0.07))
    boards = [slab((1.6, 0.1, 0.035), (0, y, 0.45), wood) for y in (-0.18, -0.06, 0.06)]
    back = [slab((1.6, 0.035, 0.1), (0, 0.2, z), wood) for z in (0.62, 0.76)]
    legs = [slab((0.05, 0.42, 0.44), (x, 0, 0.22), metal) for x in (-0.7, 0.7)]
    stays = [slab((0.05, 0.04, 0.45), (x, 0.22, 0.6), metal) for x in (-0.7, 0.7)]
    return merge([*boards, *back, *legs, *stays])


def _bin(rng: np.random.Generator) -> Mesh:
    colour = ((0.03, 0.08, 0.045), (0.05, 0.055, 0.06), (0.2, 0.2, 0.2), (0.04, 0.07, 0.18))
    paint = Textured("metal", colour[rng.integers(4)], shift=float(rng.random()))
    dark = Textured("metal", (0.02, 0.02, 0.02))
    return merge([
        cylinder(0.26, 0.85, (0, 0, 0.43), paint, 0.15),
        cylinder(0.28, 0.07, (0, 0, 0.88), dark, 0.15),
    ])  # fmt: skip


def _bollard(rng: np.random.Generator) -> Mesh:
    paint = Textured("metal", ((0.05, 0.05, 0.055), (0.3, 0.3, 0.29))[rng.integers(2)])
    white = Textured("metal", (0.6, 0.6, 0.58))
    return merge([
        part
        for x in (-0.8, 0.0, 0.8)
        for part in (
            cylinder(0.06, 0.95, (x, 0, 0.47), paint, 0.2, sides=12),
            cylinder(0.063, 0.08, (x, 0, 0.8), white, 0.2, sides=12),
        )
    ])  # fmt: skip


def _planter(rng: np.random.Generator) -> Mesh:
    tub = Textured("concrete", (0.28, 0.27, 0.25), shift=float(rng.random()))
    green = tuple(rng.uniform(0.8, 1.3) * np.array([0.06, 0.11, 0.03]))
    bloom = ((0.55, 0.06, 0.1), (0.6, 0.45, 0.05), (0.5, 0.2, 0.45))[rng.integers(3)]
    plants = foliage(rng, np.array([0, 0, 0.65]), np.array([0.5, 0.3, 0.28]), 500, green, bloom)
    return merge([slab((1.0, 0.5, 0.5), (0, 0, 0.25), tub), plants])
