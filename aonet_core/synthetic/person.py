"""A dressed person in one pose, as a mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body.shape import bone_transforms, morph, skin, vertex_normals
from aonet_core.synthetic.body.walk import sample_pose
from aonet_core.synthetic.clothes.carried import Thing
from aonet_core.synthetic.clothes.luggage import carried_things
from aonet_core.synthetic.clothes.outfit import dress
from aonet_core.synthetic.clothes.wardrobe import Identity, sample_identity
from aonet_core.synthetic.mesh import Material, Mesh, merge

__all__ = ["Identity", "build_person", "sample_identity"]


@dataclass(frozen=True)
class Dressed:
    """A person in the rest pose, ready to be moved; M points.

    Attributes:
        rest, source, canonical, coverage: (M, 3), (M,), (M, 3), (M,) of all surfaces together.
        faces, part, material, materials: As in `Mesh`.
        joints: (J, 3) rest heads of the bones.
        carried: What is carried, rigid on a bone each.
    """

    rest: np.ndarray
    source: np.ndarray
    canonical: np.ndarray
    coverage: np.ndarray
    faces: np.ndarray
    part: np.ndarray
    material: np.ndarray
    materials: list[Material]
    joints: np.ndarray
    carried: tuple[Thing, ...]


def build_person(identity: Identity, gait_phase: float, rng: np.random.Generator) -> Mesh:
    """Dress and pose a person.

    Args:
        identity: Who it is.
        gait_phase: Moment of the gait cycle, in [0, 1).
        rng: Small differences of pose between images of one identity.

    Returns:
        A mesh at the origin that faces -y with its lowest point on z = 0.
    """
    dressed = _dressed(identity)
    pose = sample_pose(gait_phase, identity.stride, rng, dressed.joints, _busy_hand(identity))
    transforms = bone_transforms(dressed.joints, pose)
    vertices = skin(dressed.rest, dressed.source, transforms).astype(np.float32)
    body = Mesh(
        vertices=vertices,
        normals=vertex_normals(vertices, dressed.faces),
        faces=dressed.faces,
        canonical=dressed.canonical,
        coverage=dressed.coverage,
        part=dressed.part,
        material=dressed.material,
        materials=dressed.materials,
    )
    person = merge([body, *(thing.posed(transforms) for thing in dressed.carried)])
    person.vertices[:, 2] -= person.vertices[:, 2].min()
    return person


def _busy_hand(identity: Identity) -> str | None:
    return identity.bag.side if identity.bag and identity.bag.kind == "handbag" else None


@lru_cache(maxsize=32)
def _dressed(identity: Identity) -> Dressed:
    """All surfaces of a person at rest; kept, since a person is seen in several images."""
    rest, joints = morph(np.array(identity.coefficients, dtype=np.float32))
    scale = identity.stature / np.ptp(rest[:, 2])
    rest, joints = rest * scale, joints * scale
    surfaces = dress(identity, rest)
    faces, offset = [], 0
    for surface in surfaces:
        faces.append(surface.faces + offset)
        offset += len(surface.rest)
    counts = [len(surface.faces) for surface in surfaces]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(surface, name) for surface in surfaces])

    return Dressed(
        rest=joined("rest").astype(np.float32),
        source=joined("source"),
        canonical=joined("canonical").astype(np.float32),
        coverage=joined("coverage").astype(np.float32),
        faces=np.concatenate(faces).astype(np.int32),
        part=joined("part").astype(np.uint8),
        material=np.repeat(np.arange(len(surfaces)), counts).astype(np.uint8),
        materials=[surface.material for surface in surfaces],
        joints=joints,
        carried=tuple(carried_things(identity, rest, joints)),
    )
