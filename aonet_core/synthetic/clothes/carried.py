"""Things that are carried: bags and their handles, each rigid on one bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body.shape import body_data, vertex_normals
from aonet_core.synthetic.body.shells import grid_faces
from aonet_core.synthetic.mesh import PART_ID, Material, Mesh, Paint


@dataclass(frozen=True)
class Thing:
    """A rigid thing on a bone.

    Attributes:
        mesh: In rest coordinates, or about the anchor where `hangs`.
        bone: Name of the bone that carries it.
        hangs: Keeps upright below the posed `anchor`, instead of turning with the bone.
        anchor: (3,) rest position that it hangs from.
    """

    mesh: Mesh
    bone: str
    hangs: bool = False
    anchor: np.ndarray | None = None

    def posed(self, transforms: np.ndarray) -> Mesh:
        """The thing where the bones' transforms (J, 3, 4) take it."""
        transform = transforms[body_data().bone_of[self.bone]].astype(np.float32)
        if self.hangs:
            at = transform[:, :3] @ self.anchor + transform[:, 3]
            transform = np.concatenate([np.eye(3), at[:, None]], axis=1)
        return move(self.mesh, transform)


def rounded_box(
    size: tuple[float, float, float],
    centre: tuple[float, float, float],
    paint: Paint,
    part: int = PART_ID["accessory"],
    roundness: float = 0.4,
    gloss: float = 0.0,
    resolution: int = 16,
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
    ring = _power(np.sin(polar), roundness)[:, None]
    local = np.stack(
        np.broadcast_arrays(
            ring * _power(np.cos(turn), roundness)[None],
            ring * _power(np.sin(turn), roundness)[None],
            _power(np.cos(polar), roundness)[:, None],
        ),
        axis=2,
    ).reshape(-1, 3) * (np.array(size) / 2)
    return solid(
        local, grid_faces(resolution, 2 * resolution, closed=True), centre, paint, gloss, part
    )


def handle(span: float, rise: float, centre: tuple[float, float, float], paint: Paint) -> Mesh:
    """Half a hoop in the y-z plane, as wide as `span` and as high as `rise`."""
    along = np.linspace(0, np.pi, 14)[:, None]
    turn = np.linspace(0, 2 * np.pi, 9)[None, :-1]
    radial = np.stack([0 * along, np.cos(along), np.sin(along)], axis=2)  # (14, 1, 3)
    path = radial * [1.0, span / 2, rise]
    sideways = np.array([1.0, 0.0, 0.0])
    local = path + 0.012 * (np.cos(turn)[..., None] * sideways + np.sin(turn)[..., None] * radial)
    return solid(local.reshape(-1, 3), grid_faces(14, 8, closed=True)[:, ::-1], centre, paint, 0.1)


def solid(
    local: np.ndarray,
    faces: np.ndarray,
    centre: tuple[float, float, float],
    paint: Paint,
    gloss: float = 0.0,
    part: int = PART_ID["accessory"],
) -> Mesh:
    """A mesh with one paint and one label from points about its centre."""
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


def _power(value: np.ndarray, exponent: float) -> np.ndarray:
    return np.sign(value) * np.abs(value) ** exponent
