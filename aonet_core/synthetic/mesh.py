"""What the parts of the generator hand to each other: meshes, materials, body-part labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BODY_PARTS = (
    "head",
    "upper_torso",
    "lower_torso",
    "left_arm",
    "right_arm",
    "upper_legs",
    "lower_legs",
    "feet",
)
"""Body parts in the order of their label ids, which start at 1; 0 is background."""

PART_ID = {name: index for index, name in enumerate((*BODY_PARTS, "hair", "accessory"), start=1)}
"""Label id of every part. Hair and accessories are told apart from body parts, so that a hidden
bag does not count as a hidden body."""

OCCLUDED_BIT = 16
"""Set in a label where an occluder lies in front of the pixel, over person or background."""

Paint = Callable[[np.ndarray], np.ndarray]
"""Maps canonical coordinates (N, 3) to linear-light albedo (N, 3) in [0, 1]."""


@dataclass(frozen=True)
class Material:
    """How a surface looks.

    Attributes:
        paint: Albedo at canonical coordinates; evaluated only for the pixels that are seen.
        gloss: Strength of the specular highlight, 0 for cloth, up to 1 for car paint.
        bump: Strength of the fold bump, 0 for smooth things.
    """

    paint: Paint
    gloss: float = 0.0
    bump: float = 0.0


@dataclass
class Mesh:
    """A triangle mesh in world coordinates: metres, z up, the ground at z = 0.

    A person stands at the origin and faces -y, with +x at its left hand; the scene turns it.

    Attributes:
        vertices: (V, 3) float32.
        normals: (V, 3) float32, unit length.
        faces: (F, 3) int32, counter-clockwise from outside.
        canonical: (V, 3) float32, the coordinates that paints see. For a body they are those of
            the neutral body in its rest pose, so that a pattern sticks to the cloth in every pose.
        coverage: (V,) float32. Interpolated inside a face; a fragment with a negative value is
            discarded, which cuts sleeves, hems and leaves smoothly.
        part: (F,) uint8 label id of `PART_ID`, 0 for what is no person.
        material: (F,) uint8 index into `materials`.
        materials: Materials used by the faces.
    """

    vertices: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    canonical: np.ndarray
    coverage: np.ndarray
    part: np.ndarray
    material: np.ndarray
    materials: list[Material]


def merge(meshes: list[Mesh]) -> Mesh:
    """Join meshes into one, keeping every mesh's own materials."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    material_offsets = np.cumsum([0] + [len(mesh.materials) for mesh in meshes])
    if material_offsets[-1] > 256:
        raise ValueError(f"a mesh holds at most 256 materials, got {material_offsets[-1]}")
    return Mesh(
        vertices=np.concatenate([mesh.vertices for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        faces=np.concatenate(
            [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)]
        ).astype(np.int32),
        canonical=np.concatenate([mesh.canonical for mesh in meshes]),
        coverage=np.concatenate([mesh.coverage for mesh in meshes]),
        part=np.concatenate([mesh.part for mesh in meshes]),
        material=np.concatenate(
            [mesh.material + offset for mesh, offset in zip(meshes, material_offsets, strict=False)]
        ).astype(np.uint8),
        materials=[material for mesh in meshes for material in mesh.materials],
    )
