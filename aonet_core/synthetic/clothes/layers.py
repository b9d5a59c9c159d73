"""Surfaces that a person is made of, in the rest pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body.shape import body_data
from aonet_core.synthetic.body.shells import Shell
from aonet_core.synthetic.clothes.garments import regions
from aonet_core.synthetic.mesh import PART_ID, Material


@dataclass(frozen=True)
class Surface:
    """A part of a person with one material; M points.

    Attributes:
        rest: (M, 3) rest positions.
        source: (M,) the body vertices whose bones move the points.
        canonical: (M, 3) what paints see.
        coverage: (M,) signed.
        faces: (F, 3).
        part: (F,) label ids.
        material: How it looks.
    """

    rest: np.ndarray
    source: np.ndarray
    canonical: np.ndarray
    coverage: np.ndarray
    faces: np.ndarray
    part: np.ndarray
    material: Material


def on_body(
    layer: str,
    rest: np.ndarray,
    coverage: np.ndarray,
    material: Material,
    part: int | None = None,
) -> Surface:
    """A surface of the body data, without the faces that are cut away whole."""
    data = body_data()
    faces = data.triangles[layer]
    faces = faces[(coverage[faces] >= 0).any(axis=1)]
    source, local = np.unique(faces, return_inverse=True)
    if part is not None:
        parts = np.full(len(faces), part)
    elif layer == "skirt":
        parts = _parts_by_height(data.canonical[faces, 2].mean(axis=1))
    else:
        parts = np.sort(regions().part[faces], axis=1)[:, 1]  # the middle one: two of three agree
        if layer == "tights":  # cloth that falls over the foot still counts as leg
            parts = np.where(parts == PART_ID["feet"], PART_ID["lower_legs"], parts)
    return Surface(
        rest=rest[source],
        source=source,
        canonical=data.canonical[source],
        coverage=coverage[source],
        faces=local.reshape(-1, 3),
        part=parts,
        material=material,
    )


def _parts_by_height(height: np.ndarray) -> np.ndarray:
    """Label ids of a skirt's faces: the body part at that height."""
    return np.select(
        [height > -0.06, height > -0.38],
        [PART_ID["lower_torso"], PART_ID["upper_legs"]],
        PART_ID["lower_legs"],
    )


def from_shell(shell: Shell, rest: np.ndarray, material: Material, part: int) -> Surface:
    """A bound shell on the rest body (V, 3), without the faces that are cut away whole."""
    faces = shell.faces[(shell.coverage[shell.faces] >= 0).any(axis=1)]
    used, local = np.unique(faces, return_inverse=True)
    return Surface(
        rest=shell.rest(rest)[used],
        source=shell.near[used, 0],
        canonical=shell.points[used],
        coverage=shell.coverage[used],
        faces=local.reshape(-1, 3),
        part=np.full(len(faces), part),
        material=material,
    )
