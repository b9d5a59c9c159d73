"""Rigid things on a person: bags, cap brims, buns."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.body import vertex_normals
from aonet_core.synthetic.mesh import Material, Mesh, Paint


def rounded_box(
    size: tuple[float, float, float],
    centre: tuple[float, float, float],
    paint: Paint,
    part: int,
    roundness: float = 0.4,
    gloss: float = 0.0,
    resolution: int = 14,
) -> Mesh:
    """A superellipsoid: a box whose edges are rounded, an ellipsoid at roundness 1.

    Args:
        size: Full extent along x, y and z in metres.
        centre: Its middle.
        paint: Albedo in the thing's own coordinates (metres from its centre).
        part: Label id.
        roundness: Exponent of the superellipsoid, 0.1 (box) to 1 (ellipsoid).
        gloss: Strength of the highlight.
        resolution: Number of rings.
    """
    polar = np.linspace(0, np.pi, resolution)
    turn = np.linspace(0, 2 * np.pi, 2 * resolution + 1)[:-1]

    def power(value: np.ndarray) -> np.ndarray:
        return np.sign(value) * np.abs(value) ** roundness

    ring = power(np.sin(polar))[:, None]
    local = np.stack(
        [
            ring * power(np.cos(turn))[None],
            ring * power(np.sin(turn))[None],
            np.broadcast_to(power(np.cos(polar))[:, None], (resolution, 2 * resolution)),
        ],
        axis=2,
    ).reshape(-1, 3) * (np.array(size) / 2)
    faces = _grid_faces(resolution, 2 * resolution)
    vertices = (local + np.array(centre)).astype(np.float32)
    return Mesh(
        vertices=vertices,
        normals=vertex_normals(vertices, faces),
        faces=faces,
        canonical=local.astype(np.float32),
        coverage=np.ones(len(vertices), dtype=np.float32),
        part=np.full(len(faces), part, dtype=np.uint8),
        material=np.zeros(len(faces), dtype=np.uint8),
        materials=[Material(paint, gloss=gloss)],
    )


def move(mesh: Mesh, transform: np.ndarray) -> Mesh:
    """The mesh moved by a rigid transform (3, 4); canonical coordinates stay."""
    turn = transform[:, :3].astype(np.float32)
    return Mesh(
        vertices=(mesh.vertices @ turn.T + transform[:, 3]).astype(np.float32),
        normals=mesh.normals @ turn.T,
        faces=mesh.faces,
        canonical=mesh.canonical,
        coverage=mesh.coverage,
        part=mesh.part,
        material=mesh.material,
        materials=mesh.materials,
    )


def _grid_faces(rings: int, around: int) -> np.ndarray:
    """Triangles (F, 3) between rings of vertices, closed around, seen from outside."""
    row, column = np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij")
    here = row * around + column
    right = row * around + (column + 1) % around
    quads = np.stack([here, here + around, right + around, right], axis=2).reshape(-1, 4)
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
