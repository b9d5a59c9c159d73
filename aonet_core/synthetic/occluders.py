"""Things that stand between a camera and a person.

Every maker draws a mesh at the origin, its foot on z = 0; the caller turns and places it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aonet_core.synthetic.body import rotation, vertex_normals
from aonet_core.synthetic.mesh import Material, Mesh, Paint, merge
from aonet_core.synthetic.paint import Fabric, noise
from aonet_core.synthetic.things import move, rounded_box


def slab(
    size: tuple[float, float, float],
    centre: tuple[float, float, float],
    paint: Paint,
    gloss: float = 0.0,
) -> Mesh:
    """A box with sharp edges; canonical coordinates are metres from its centre."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    local = np.concatenate([corners[list(side)] for side in sides]) * (np.array(size) / 2)
    quads = np.arange(24).reshape(6, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    return _mesh(local + np.array(centre), faces, Material(paint, gloss=gloss), local)


def _mesh(vertices, faces, material: Material, canonical=None, coverage=None) -> Mesh:
    """A mesh of one material that is no person."""
    vertices = np.asarray(vertices, dtype=np.float32)
    canonical = vertices if canonical is None else np.asarray(canonical, dtype=np.float32)
    return Mesh(
        vertices=vertices,
        normals=vertex_normals(vertices, faces),
        faces=faces.astype(np.int32),
        canonical=canonical,
        coverage=np.ones(len(vertices), np.float32) if coverage is None else coverage,
        part=np.zeros(len(faces), dtype=np.uint8),
        material=np.zeros(len(faces), dtype=np.uint8),
        materials=[material],
    )


def _colour(rng: np.random.Generator, low: float = 0.03, high: float = 0.5):
    return tuple(float(c) for c in rng.uniform(low, high) * rng.uniform(0.6, 1.4, 3))


# Side view of a car: along its length and height, from the front bumper over the roof and back.
_PROFILE = np.array([
    (-2.1, 0.30), (-2.13, 0.55), (-2.02, 0.72), (-1.55, 0.86), (-1.0, 0.93), (-0.45, 1.33),
    (-0.1, 1.43), (0.7, 1.45), (1.2, 1.36), (1.7, 0.99), (2.02, 0.93), (2.1, 0.6), (2.08, 0.3),
])  # fmt: skip


class _CarPaint:
    """Body colour with windows, lamps and a dark sill, by canonical coordinates."""

    def __init__(self, colour) -> None:
        self.colour = np.array(colour)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        length, _, height = points.T
        albedo = self.colour + np.zeros_like(points)
        window = (height > 0.96) & (height < 1.34) & (np.abs(length - 0.33) < 1.28)
        window &= ~(np.abs(length - 0.3) < 0.045)
        albedo[window] = (0.025, 0.032, 0.04)
        albedo[height < 0.36] = (0.02, 0.02, 0.02)
        seam = (np.abs(np.abs(length - 0.3) - 0.85) < 0.012) & (height < 0.96)
        albedo[seam] *= 0.3
        albedo[(length < -1.9) & (np.abs(height - 0.66) < 0.07)] = (0.8, 0.8, 0.75)
        albedo[(length > 1.95) & (np.abs(height - 0.72) < 0.08)] = (0.45, 0.01, 0.01)
        return albedo * (1 + 0.05 * noise(points, 0.3, 3))[:, None]


def parked_car(rng: np.random.Generator) -> Mesh:
    """A car parked along x: a lofted profile whose cabin tapers, with wheels."""
    sections = np.array([-1.0, -0.93, -0.6, 0.0, 0.6, 0.93, 1.0])
    taper = 1 - 0.24 * np.clip((_PROFILE[:, 1] - 0.9) / 0.5, 0, 1)
    rounding = np.array([0.93, 0.985, 1.0, 1.0, 1.0, 0.985, 0.93])
    rows = []
    for section, size in zip(sections, rounding, strict=True):
        width = 0.86 * section * taper
        rows.append(
            np.stack([_PROFILE[:, 0] * size, width, 0.3 + (_PROFILE[:, 1] - 0.3) * size], axis=1)
        )
    count = len(_PROFILE)
    vertices = np.concatenate(rows)
    row, column = np.meshgrid(np.arange(len(rows) - 1), np.arange(count - 1), indexing="ij")
    here = (row * count + column).ravel()
    faces = [np.stack([here, here + 1, here + count], 1)]
    faces.append(np.stack([here + 1, here + count + 1, here + count], 1))
    for start in (0, (len(rows) - 1) * count):
        fan = np.arange(1, count - 1) + start
        faces.append(np.stack([np.full(count - 2, start), fan, fan + 1], 1))
    paint = _CarPaint(_colour(rng, 0.02, 0.6))
    shell = _mesh(vertices, np.concatenate(faces), Material(paint, gloss=0.7))
    tyre = Fabric("plain", ((0.015, 0.015, 0.016),))
    hub = Fabric("plain", ((0.35, 0.35, 0.36),))
    wheels = []
    for x in (-1.32, 1.3):
        for y in (-0.8, 0.8):
            wheels.append(rounded_box((0.64, 0.2, 0.64), (x, y, 0.32), tyre, 0, 0.95))
            wheels.append(rounded_box((0.36, 0.24, 0.36), (x, y, 0.32), hub, 0, 0.95))
    return merge([shell, *wheels])


def parcel_boxes(rng: np.random.Generator) -> Mesh:
    """A stack of crates and parcels."""
    boxes, height = [], 0.0
    for _ in range(rng.integers(2, 5)):
        size = rng.uniform(0.45, 0.95), rng.uniform(0.4, 0.7), rng.uniform(0.28, 0.6)
        pattern = str(rng.choice(["plain", "stripes", "checks", "blotches"]))
        colours = tuple(_colour(rng, 0.08, 0.5) for _ in range(3))
        paint = Fabric(pattern, colours, 0.16, seed=int(rng.integers(999)))
        boxes.append(slab(size, (rng.normal(0, 0.06), 0, height + size[2] / 2), paint))
        height += size[2]
    return merge(boxes)


def pole_with_sign(rng: np.random.Generator) -> Mesh:
    """A thick pole, sometimes a pillar, with a sign at some height."""
    radius = rng.uniform(0.1, 0.32)
    metal = Fabric("plain", (_colour(rng, 0.08, 0.4),), seed=int(rng.integers(999)))
    sign = Fabric("two_tone", (_colour(rng), _colour(rng, 0.3, 0.8)), seed=5)
    height = rng.uniform(1.0, 2.1)
    width = rng.uniform(0.35, 0.9)
    return merge([
        rounded_box((2 * radius, 2 * radius, 3.4), (0, 0, 1.68), metal, 0, 0.25),
        slab((width, 0.04, rng.uniform(0.35, 0.8)), (0, -radius - 0.04, height), sign, 0.2),
    ])  # fmt: skip


def bush(rng: np.random.Generator) -> Mesh:
    """A bush of some hundred leaves, through which a little can be seen."""
    count = 520
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    reach = rng.uniform(0.55, 1.0, (count, 1))
    half = np.array([rng.uniform(0.45, 0.9), 0.4, rng.uniform(0.35, 0.65)])
    centre = direction * reach * half + np.array([0, 0, half[2] * 0.95])
    side = np.cross(direction, rng.normal(size=(count, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(direction, side) + 0.5 * direction
    size = rng.uniform(0.05, 0.11, (count, 1))
    corners = [centre - size * side, centre - 0.6 * size * other, centre + size * side]
    corners.append(centre + 0.6 * size * other)
    vertices = np.stack(corners, axis=1).reshape(-1, 3)
    quads = np.arange(4 * count).reshape(count, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    green = rng.uniform(0.6, 1.5) * np.array([0.05, 0.12, 0.028])
    paint = Fabric("blotches", (tuple(green), tuple(1.7 * green), tuple(0.5 * green)), 0.12)
    return _mesh(vertices, faces, Material(paint, gloss=0.1))


def fence(rng: np.random.Generator) -> Mesh:
    """A fence of pales on two rails."""
    height, step = rng.uniform(0.8, 2.1), rng.uniform(0.12, 0.17)
    wood = Fabric("plain", (_colour(rng, 0.05, 0.5),), seed=int(rng.integers(999)))
    pale = rng.uniform(0.05, 0.095)
    parts = [
        slab((pale, 0.025, height), (x, 0, height / 2), wood) for x in np.arange(-1.6, 1.6, step)
    ]
    parts += [slab((3.3, 0.03, 0.08), (0, 0.03, height * share), wood) for share in (0.25, 0.8)]
    return merge(parts)


def low_wall(rng: np.random.Generator) -> Mesh:
    """A wall of stones or a hoarding, with a coping."""
    height = rng.uniform(0.7, 1.15)
    stones = Fabric(
        str(rng.choice(["checks", "blotches", "stripes", "plain"])),
        tuple(_colour(rng, 0.12, 0.4) for _ in range(3)),
        float(rng.uniform(0.15, 0.3)),
        seed=int(rng.integers(999)),
    )
    coping = Fabric("plain", (_colour(rng, 0.15, 0.5),), seed=4)
    return merge([
        slab((3.6, 0.3, height), (0, 0, height / 2), stones),
        slab((3.7, 0.38, 0.08), (0, 0, height + 0.04), coping),
    ])  # fmt: skip


def umbrella(rng: np.random.Generator) -> Mesh:
    """An open umbrella in the foreground, with coloured panels."""
    ribs, rings, radius = 8, 6, rng.uniform(0.5, 0.7)
    turn = np.arange(ribs * 4) * 2 * np.pi / (ribs * 4)
    slope = np.linspace(0.02, 1, rings)
    scallop = 1 - 0.05 * np.abs(np.sin(turn * ribs / 2))
    ring = radius * slope[:, None] * scallop[None]
    height = 0.36 * (1 - slope[:, None] ** 2) + np.zeros_like(ring)
    vertices = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=2).reshape(-1, 3)
    around = ribs * 4
    row, column = np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij")
    here, right = row * around + column, row * around + (column + 1) % around
    quads = np.stack([here, here + around, right + around, right], axis=2).reshape(-1, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    colours = _colour(rng, 0.05, 0.6), _colour(rng, 0.05, 0.6)
    paint = Fabric(str(rng.choice(["plain", "pinstripes", "stripes"])), colours, 0.12)
    dome = _mesh(vertices, faces, Material(paint, gloss=0.15))
    lift = np.eye(3, 4)
    lift[2, 3] = 1.0
    lift[:, :3] = rotation((1, 0, 0), rng.uniform(0.1, 0.8))
    stick = Fabric("plain", ((0.03, 0.03, 0.03),))
    return merge([move(dome, lift), slab((0.025, 0.025, 1.3), (0, 0, 0.7), stick)])


def wall_corner(rng: np.random.Generator) -> Mesh:
    """The corner of a building or a pillar, taller than a person."""
    pattern = str(rng.choice(["stripes", "checks", "plain", "blotches"]))
    colours = tuple(_colour(rng, 0.1, 0.45) for _ in range(3))
    paint = Fabric(pattern, colours, float(rng.uniform(0.1, 0.5)), seed=int(rng.integers(999)))
    return slab((1.6, 0.5, 4.5), (0, 0, 2.25), paint)


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
