"""The naked body: its shape, its skeleton and linear blend skinning, in NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.files import shipped_path

BODY_FILE = shipped_path("assets/body.npz")
LAYERS = ("body", "eyes", "tights", "skirt")


@dataclass(frozen=True)
class BodyData:
    """What `export_body` wrote; V vertices, J bones, R shape components.

    Attributes:
        canonical: (V, 3) vertices of MakeHuman's base mesh at rest, in metres: z up with the hips
            near 0, facing -y, +x at its left hand. Garments and paints are defined on them.
        mean, shapes: (V, 3) and (R, V, 3): rest vertices are mean + coefficients . shapes.
        joint_mean, joint_shapes: (J, 3) and (R, J, 3), the same for the heads of the bones.
        coefficients: (N, R) of N sampled adults; `is_man` (N,) says of which sex.
        bone_index, bone_weight: (V, 4) the bones that move a vertex.
        parents: (J,) parent of every bone, -1 for the root; parents come first.
        bone_of: Index of a bone by its name.
        triangles: (F, 3) per layer: the skin and the helper surfaces that clothes are cut from.
    """

    canonical: np.ndarray
    mean: np.ndarray
    shapes: np.ndarray
    joint_mean: np.ndarray
    joint_shapes: np.ndarray
    coefficients: np.ndarray
    is_man: np.ndarray
    bone_index: np.ndarray
    bone_weight: np.ndarray
    parents: np.ndarray
    bone_of: dict[str, int]
    triangles: dict[str, np.ndarray]


@lru_cache(maxsize=1)
def body_data() -> BodyData:
    """Load the exported body once a process."""
    with np.load(BODY_FILE) as file:
        names = file["bones"].tolist()
        triangles = {}
        for layer in LAYERS:
            quads = file[f"quads_{layer}"].astype(np.int32)
            triangles[layer] = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        single = {
            key: file[key].astype(np.float32)
            for key in (
                "canonical", "mean", "shapes", "joint_mean", "joint_shapes", "coefficients",
                "bone_weight",
            )
        }  # fmt: skip
        return BodyData(
            **single,
            is_man=file["is_man"],
            bone_index=file["bone_index"].astype(np.int32),
            parents=file["parents"],
            bone_of={name: index for index, name in enumerate(names)},
            triangles=triangles,
        )


def morph(coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rest vertices (V, 3) and bone heads (J, 3) of the body with these R coefficients."""
    data = body_data()
    vertices = data.mean + np.tensordot(coefficients, data.shapes, 1)
    joints = data.joint_mean + np.tensordot(coefficients, data.joint_shapes, 1)
    return vertices.astype(np.float32), joints.astype(np.float32)


def rotation(axis: np.ndarray | tuple[float, float, float], angle: float) -> np.ndarray:
    """Rotation matrix (3, 3) by `angle` radians about `axis` (Rodrigues' formula)."""
    x, y, z = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def bone_transforms(joints: np.ndarray, pose: dict[str, np.ndarray]) -> np.ndarray:
    """Rigid transform (J, 3, 4) of every bone from rest to pose.

    Args:
        joints: (J, 3) rest heads.
        pose: World-aligned rotation (3, 3) of some bones about their heads, relative to the
            parent; bones left out keep still.
    """
    data = body_data()
    transforms = np.zeros((len(joints), 3, 4))
    turned = {data.bone_of[name]: matrix for name, matrix in pose.items()}
    for bone, parent in enumerate(data.parents):
        local = np.eye(3, 4)
        if bone in turned:
            local[:, :3] = turned[bone]
            local[:, 3] = joints[bone] - turned[bone] @ joints[bone]
        if parent < 0:
            transforms[bone] = local
        else:
            above = transforms[parent]
            transforms[bone, :, :3] = above[:, :3] @ local[:, :3]
            transforms[bone, :, 3] = above[:, :3] @ local[:, 3] + above[:, 3]
    return transforms


def skin(vertices: np.ndarray, source: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """Move rest vertices by the bones of the body vertices they belong to (linear blending).

    Args:
        vertices: (M, 3) in the rest pose.
        source: (M,) the body vertex whose weights each one uses.
        transforms: (J, 3, 4) of `bone_transforms`.
    """
    data = body_data()
    weights, bones = data.bone_weight[source], data.bone_index[source]  # (M, 4)
    blended = np.zeros((len(vertices), 3, 4), dtype=np.float32)
    table = transforms.astype(np.float32)
    for influence in range(weights.shape[1]):
        blended += weights[:, influence, None, None] * table[bones[:, influence]]
    return np.einsum("mij,mj->mi", blended[:, :, :3], vertices) + blended[:, :, 3]


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals (M, 3)."""
    corners = vertices[faces]  # (F, 3, 3)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.stack(
        [
            np.bincount(faces.ravel(), np.repeat(normal[:, axis], 3), minlength=len(vertices))
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return (total / np.maximum(length, 1e-12)).astype(np.float32)
