"""Things that stand between a camera and a person.

Every maker draws a mesh at the origin, its foot on z = 0, its front to -y; the caller turns and
places it. What hides a head stands on legs, on a pole or on a stem: nothing floats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body.shape import rotation
from aonet_core.synthetic.body.shells import grid_faces
from aonet_core.synthetic.clothes.carried import move
from aonet_core.synthetic.colour import colour_of
from aonet_core.synthetic.mesh import Material, Mesh, merge
from aonet_core.synthetic.street.car import parked_car
from aonet_core.synthetic.street.finishes import BRIGHT, METALS, WOODS, masonry, one_of, tinted
from aonet_core.synthetic.street.greenery import bush
from aonet_core.synthetic.street.parcels import parcel_boxes
from aonet_core.synthetic.street.signs import Board, board_picture, sign
from aonet_core.synthetic.street.solids import cylinder, placed, slab, solid
from aonet_core.synthetic.street.textures import Colour, Textured


def pole_with_sign(rng: np.random.Generator) -> Mesh:
    """A lamp post or a pillar, with one or two signs at some height."""
    if rng.random() < 0.5:
        radius, paint = float(rng.uniform(0.05, 0.13)), tinted(rng, "metal", METALS)
    else:
        radius, paint = float(rng.uniform(0.16, 0.34)), masonry(rng)
    parts = [cylinder(radius, 3.8, (0, 0, 1.9), paint, 0.15)]
    parts.append(cylinder(1.35 * radius, 0.3, (0, 0, 0.15), paint, 0.1))
    height = float(rng.uniform(1.0, 2.0))
    for _ in range(rng.integers(1, 3)):
        parts.append(placed(sign(rng), 0, -radius - 0.03, 0.0, height))
        height += float(rng.uniform(0.5, 0.75))
    return merge(parts)


def fence(rng: np.random.Generator) -> Mesh:
    """Pales, boards, railings or a crowd barrier."""
    kind = str(rng.choice(["pales", "boards", "railing", "barrier"]))
    if kind == "barrier":
        metal = tinted(rng, "metal", (METALS[0], METALS[4], BRIGHT[2]))
        height = 1.1
        bars = [
            cylinder(0.011, 0.8, (x, 0, 0.62), metal, 0.3, sides=6)
            for x in np.arange(-1.5, 1.55, 0.115)
        ]
        rails = [slab((3.1, 0.04, 0.04), (0, 0, z), metal, 0.3) for z in (0.22, height)]
        feet = [slab((0.05, 0.6, 0.03), (x, 0, 0.015), metal) for x in (-1.2, 1.2)]
        posts = [
            slab((0.045, 0.045, height), (x, 0, height / 2), metal, 0.3) for x in (-1.55, 0, 1.55)
        ]
        return merge([*bars, *rails, *feet, *posts])
    height = float(rng.uniform(0.9, 2.4))
    if kind == "railing":
        metal = tinted(rng, "metal", METALS[:4])
        step = float(rng.uniform(0.09, 0.13))
        bars = [
            slab((0.024, 0.024, height), (x, 0, height / 2), metal, 0.2)
            for x in np.arange(-1.6, 1.6, step)
        ]
        rails = [
            slab((3.3, 0.045, 0.05), (0, 0, z), metal, 0.2)
            for z in (0.15, 0.55 * height, height - 0.1)
        ]
        return merge([*bars, *rails])
    wood = tinted(rng, "planks", WOODS)
    pale = float(rng.uniform(0.06, 0.1))
    step = pale * (float(rng.uniform(1.5, 2.0)) if kind == "pales" else 1.12)
    parts = []
    for x in np.arange(-1.6, 1.6, step):
        tall = height + rng.normal(0, 0.008)
        board = Textured("planks", wood.tint, wood.variant, wood.shift + float(x) * 3.7)
        parts.append(slab((pale, 0.022, tall), (x, 0, tall / 2), board))
    rails = [slab((3.3, 0.04, 0.09), (0, 0.03, height * share), wood) for share in (0.2, 0.8)]
    return merge([*parts, *rails])


def low_wall(rng: np.random.Generator) -> Mesh:
    """A wall with a coping, or a hoarding on two posts."""
    if rng.random() < 0.7:
        return _hoarding(rng)
    height = float(rng.uniform(0.6, 1.25))
    coping = tinted(rng, "concrete", ((0.36, 0.35, 0.33), (0.25, 0.24, 0.23), (0.3, 0.14, 0.09)))
    return merge([
        slab((3.6, 0.3, height), (0, 0, height / 2), masonry(rng)),
        slab((3.7, 0.4, 0.08), (0, 0, height + 0.04), coping),
    ])  # fmt: skip


def _hoarding(rng: np.random.Generator) -> Mesh:
    low, tall = float(rng.uniform(0.85, 1.5)), float(rng.uniform(0.7, 1.2))
    wide = float(rng.uniform(0.7, 2.4))
    board = Board(board_picture(rng), wide, tall)
    metal = tinted(rng, "metal", METALS)
    frame = [slab((wide + 0.08, 0.05, 0.06), (0, 0, low + z), metal, 0.2) for z in (0, tall)]
    posts = [
        slab((0.07, 0.06, low + tall + 0.03), (x, 0.02, (low + tall) / 2), metal, 0.2)
        for x in (-wide / 2, wide / 2)
    ]
    return merge([slab((wide, 0.03, tall), (0, 0, low + tall / 2), board, 0.1), *frame, *posts])


@dataclass(frozen=True)
class CanopyPaint:
    """An umbrella's panels with a rim; x is the angle, y the radius in [0, 1]."""

    colours: tuple[Colour, Colour]
    panels: bool
    rim: bool

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Albedo (N, 3) at (angle, radius, height)."""
        angle, radius, _ = points.T
        albedo = np.array(self.colours[0]) + np.zeros_like(points)
        panel = angle / (2 * np.pi) * 8
        if self.panels:
            albedo[np.mod(np.floor(panel), 2) == 1] = self.colours[1]
        if self.rim:
            albedo[radius > 0.86] = self.colours[1]
        fold = 0.82 + 0.36 * np.abs(np.mod(panel, 1) - 0.5)
        rib = np.where(np.abs(np.mod(panel + 0.5, 1) - 0.5) * radius < 0.012, 0.6, 1.0)
        return np.clip(albedo * (fold * rib)[:, None], 0, 1)


def umbrella(rng: np.random.Generator) -> Mesh:
    """An open umbrella on a stick, upright or leaning, or a parasol."""
    ribs, rings, radius = 8, 7, float(rng.uniform(0.5, 0.85))
    turn = np.linspace(0, 2 * np.pi, ribs * 4 + 1)
    slope = np.linspace(0.01, 1, rings)[:, None]
    ring = radius * slope * (1 - 0.07 * slope**2 * np.abs(np.sin(turn * ribs / 2)))
    height = 0.55 * radius * (1 - slope**1.8) + np.zeros_like(ring)
    grid = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=2)
    canonical = np.stack(np.broadcast_arrays(turn[None], slope, 0.0), axis=2)
    paint = CanopyPaint(
        (one_of(rng, BRIGHT), one_of(rng, BRIGHT)),
        bool(rng.random() < 0.4),
        bool(rng.random() < 0.3),
    )
    faces = grid_faces(rings, ribs * 4 + 1, closed=False)
    dome = solid(grid.reshape(-1, 3), faces, Material(paint, gloss=0.12), canonical.reshape(-1, 3))
    stands = float(rng.uniform(1.2, 2.0))
    lift = np.eye(3, 4)
    lift[:, :3] = rotation((1, 0, 0), float(rng.uniform(0.0, 0.75)))
    lift[2, 3] = stands
    stick = tinted(rng, "metal", (METALS[1], METALS[4], WOODS[0]))
    top = stands + 0.25 * radius
    return merge([
        move(dome, lift),
        cylinder(0.016, top, (0, 0, top / 2), stick, 0.2, sides=8),
        cylinder(0.2, 0.06, (0, 0, 0.03), stick),
    ])  # fmt: skip


def wall_corner(rng: np.random.Generator) -> Mesh:
    """The corner of a house or a pillar, taller than a person."""
    paint = masonry(rng)
    wide = float(rng.choice([0.45, 1.6, 1.6]))
    parts = [slab((wide, 0.5, 5.0), (0, 0, 2.5), paint)]
    plinth = Textured("concrete", colour_of(0.6 * c for c in paint.tint))
    parts.append(slab((wide + 0.05, 0.55, float(rng.uniform(0.3, 0.6))), (0, 0, 0.2), plinth))
    if wide > 1 and rng.random() < 0.5:
        pipe = tinted(rng, "metal", METALS)
        parts.append(cylinder(0.05, 5.0, (rng.uniform(-0.6, 0.6), -0.3, 2.5), pipe, 0.2))
    if wide > 1 and rng.random() < 0.5:
        board = Board(board_picture(rng), 0.6, 0.85)
        at = (rng.choice([-0.35, 0.35]), -0.26, rng.uniform(1.2, 1.6))
        parts.append(slab((0.6, 0.03, 0.85), at, board))
    return merge(parts)


MAKERS: dict[str, Callable[[np.random.Generator], Mesh]] = {
    "car": parked_car,
    "boxes": parcel_boxes,
    "pole": pole_with_sign,
    "bush": bush,
    "fence": fence,
    "low_wall": low_wall,
    "umbrella": umbrella,
    "wall_corner": wall_corner,
}
"""Occluders by name; "person" is the ninth, made by the renderer."""
OCCLUDERS = (*MAKERS, "person")
