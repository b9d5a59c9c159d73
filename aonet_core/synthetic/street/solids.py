"""Simple solids that street things are built of."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.body.shape import rotation, vertex_normals
from aonet_core.synthetic.body.shells import grid_faces
from aonet_core.synthetic.clothes.carried import move
from aonet_core.synthetic.mesh import Material, Mesh, Paint

Triple = tuple[float, float, float]


def solid(
    vertices: np.ndarray,
    faces: np.ndarray,
    material: Material,
    canonical: np.ndarray | None = None,
    normals: np.ndarray | None = None,
) -> Mesh:
    """A mesh of one material that is no part of a person.

    Args:
        vertices: (V, 3) positions.
        faces: (F, 3).
        material: Its look.
        canonical: (V, 3) what the paint sees; the positions by default.
        normals: (V, 3); from the faces by default.
    """
    vertices = np.asarray(vertices, dtype=np.float32)
    if normals is None:
        normals = vertex_normals(vertices, faces)
    return Mesh(
        vertices=vertices,
        normals=np.asarray(normals, dtype=np.float32),
        faces=np.asarray(faces, dtype=np.int32),
        canonical=vertices if canonical is None else np.asarray(canonical, dtype=np.float32),
        coverage=np.ones(len(vertices), dtype=np.float32),
        part=np.zeros(len(faces), dtype=np.uint8),
        material=np.zeros(len(faces), dtype=np.uint8),
        materials=[material],
    )


def slab(size: Triple, centre: Triple, paint: Paint, gloss: float = 0.0) -> Mesh:
    """A box with sharp edges.

    A paint sees every side as a picture: x runs to the right, z up, both in metres from the side's
    middle; y tells the sides apart.
    """
    half = np.array(size) / 2
    # Two axes that span each side, and the axis it faces.
    sides = [(1, 2, 0, -1), (1, 2, 0, 1), (0, 2, 1, -1), (0, 2, 1, 1), (0, 1, 2, -1), (0, 1, 2, 1)]
    vertices, canonical = [], []
    for number, (across, up, facing, sign) in enumerate(sides):
        for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corner = np.zeros(3)
            corner[across], corner[up], corner[facing] = (
                u * half[across],
                v * half[up],
                half[facing],
            )
            corner[facing] *= sign
            vertices.append(corner + centre)
            canonical.append((u * half[across], float(number), v * half[up]))
    quads = np.arange(24).reshape(6, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return solid(np.array(vertices), faces, Material(paint, gloss=gloss), np.array(canonical))


def cylinder(
    radius: float,
    length: float,
    centre: Triple,
    paint: Paint,
    gloss: float = 0.0,
    axis: str = "z",
    sides: int = 20,
) -> Mesh:
    """A closed cylinder about the z or the y axis.

    Round its side a paint sees the way around as x and the height as z, both in metres; on its
    ends, x and z from the middle, and y tells them apart: 1 and 2.
    """
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius
    vertices, canonical, faces = [], [], []
    for height in (-length / 2, length / 2):
        vertices.append(np.c_[circle, np.full(sides + 1, height)])
        canonical.append(np.c_[turn * radius, np.zeros(sides + 1), np.full(sides + 1, height)])
    faces.append(grid_faces(2, sides + 1, closed=False))
    for number, height in enumerate((-length / 2, length / 2), start=1):
        start = sum(len(block) for block in vertices)
        vertices.append(np.r_[np.c_[circle, np.full(sides + 1, height)], [[0, 0, height]]])
        canonical.append(np.c_[vertices[-1][:, 0], np.full(sides + 2, number), vertices[-1][:, 1]])
        around = np.arange(sides) + start
        faces.append(np.stack([around, around + 1, np.full(sides, start + sides + 1)], axis=1))
    mesh = solid(
        np.concatenate(vertices),
        np.concatenate(faces),
        Material(paint, gloss=gloss),
        np.concatenate(canonical),
    )
    transform = np.eye(3, 4)
    if axis == "y":
        transform[:, :3] = rotation((1, 0, 0), np.pi / 2)
    transform[:, 3] = centre
    return move(mesh, transform)


def disc(radius: float, centre: Triple, paint: Paint, gloss: float = 0.0) -> Mesh:
    """A thin round plate that faces -y; its paint sees x and z from the middle."""
    return cylinder(radius, 0.02, centre, paint, gloss, axis="y", sides=28)


def placed(mesh: Mesh, x: float, y: float, yaw: float, z: float = 0.0) -> Mesh:
    """A mesh turned about z and put somewhere."""
    transform = np.eye(3, 4)
    transform[:, :3] = rotation((0, 0, 1), yaw)
    transform[:, 3] = x, y, z
    return move(mesh, transform)
