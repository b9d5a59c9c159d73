"""Where cloth covers the body: every cut as a signed coverage over the body's vertices.

Coverage is in metres, roughly the distance inside the garment's edge. It is interpolated across
triangles and negative fragments are discarded, so hems and necklines are smooth lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body import body_data
from aonet_core.synthetic.mesh import PART_ID

PART_PREFIXES = {
    "head": ("neck", "head", "eye", "jaw"),
    "upper_torso": ("spine01", "spine02", "clavicle", "shoulder", "breast"),
    "lower_torso": ("spine", "pelvis", "root"),
    "arm": ("upperarm", "lowerarm", "wrist", "finger", "metacarpal"),
    "upper_legs": ("upperleg",),
    "lower_legs": ("lowerleg",),
    "feet": ("foot", "toe"),
}


@dataclass(frozen=True)
class TopCut:
    """Shape of a top: heights in canonical metres.

    Attributes:
        hem: Height of the lower edge.
        sleeve: Share of the arm that is covered, 0 at the shoulder, 1 at the wrist.
        neck: Radius of the neck opening about the neck's axis.
        loose: Distance from the skin.
    """

    hem: float
    sleeve: float
    neck: float = 0.085
    loose: float = 0.012


@dataclass(frozen=True)
class BottomCut:
    """Shape of a bottom: the lower edge, the distance from the skin, and whether it is a skirt."""

    hem: float
    loose: float = 0.012
    skirt: bool = False


TOP_CUTS = {
    "tshirt": TopCut(hem=0.015, sleeve=0.36, loose=0.014),
    "vest": TopCut(hem=0.02, sleeve=0.97, loose=0.013),
    "longsleeve": TopCut(hem=0.02, sleeve=0.97, loose=0.012),
    "shirt": TopCut(hem=-0.01, sleeve=0.95, neck=0.072, loose=0.014),
    "hoodie": TopCut(hem=0.01, sleeve=1.0, neck=0.08, loose=0.026),
    "jacket": TopCut(hem=0.0, sleeve=1.0, neck=0.076, loose=0.028),
    "coat": TopCut(hem=-0.08, sleeve=1.0, neck=0.074, loose=0.032),
}
BOTTOM_CUTS = {
    "trousers": BottomCut(hem=-0.765, loose=0.014),
    "joggers": BottomCut(hem=-0.74, loose=0.02),
    "leggings": BottomCut(hem=-0.71, loose=0.006),
    "shorts": BottomCut(hem=-0.33, loose=0.026),
    "skirt": BottomCut(hem=-0.33, loose=0.012, skirt=True),
}
COAT_SKIRT_HEM = -0.34
WAIST = 0.12


@dataclass(frozen=True)
class Regions:
    """Where every vertex lies on the body; all (V,).

    Attributes:
        part: Label id of `mesh.PART_ID`.
        arm: Share of the skin weight that belongs to arm and hand, in [0, 1].
        along_arm: 0 at the shoulder, 1 at the wrist, in canonical space.
        neck: Distance from the axis of the neck, in metres.
    """

    part: np.ndarray
    arm: np.ndarray
    along_arm: np.ndarray
    neck: np.ndarray


@lru_cache(maxsize=1)
def regions() -> Regions:
    """Derive the regions from skin weights and the canonical body, once a process."""
    data = body_data()
    part_of_bone = np.zeros(len(data.parents), dtype=np.uint8)
    arm_bone = np.zeros(len(data.parents), dtype=np.float32)
    for name, bone in data.bone_of.items():
        region = next(key for key, names in PART_PREFIXES.items() if name.startswith(names))
        if region == "arm":
            arm_bone[bone] = 1.0
            region = "left_arm" if name.endswith(".L") else "right_arm"
        part_of_bone[bone] = PART_ID[region]
    strongest = np.take_along_axis(
        data.bone_index, data.bone_weight.argmax(axis=1)[:, None], axis=1
    )[:, 0]
    shoulder, wrist = np.array([0.168, -0.015, 0.525]), np.array([0.431, -0.176, 0.245])
    mirrored = data.canonical.copy()
    mirrored[:, 0] = np.abs(mirrored[:, 0])
    arm_axis = wrist - shoulder
    along = (mirrored - shoulder) @ arm_axis / (arm_axis @ arm_axis)
    slope = np.clip((data.canonical[:, 2] - 0.5) / 0.15, 0, 1)
    axis_y = -0.01 - 0.02 * slope
    neck = np.hypot(data.canonical[:, 0], data.canonical[:, 1] - axis_y)
    return Regions(
        part=part_of_bone[strongest],
        arm=(arm_bone[data.bone_index] * data.bone_weight).sum(axis=1),
        along_arm=along.astype(np.float32),
        neck=neck.astype(np.float32),
    )


def top_coverage(cut: TopCut) -> np.ndarray:
    """Coverage (V,) of a top."""
    data, where = body_data(), regions()
    height = data.canonical[:, 2]
    on_arm = where.arm > 0.5
    sleeve = (cut.sleeve - where.along_arm) * 0.41
    torso = height - cut.hem
    # The opening reaches lower in front than at the nape.
    lowest = np.where(data.canonical[:, 1] < -0.02, 0.50, 0.575)
    neckline = np.maximum(where.neck - cut.neck, lowest - height)
    coverage = np.minimum(np.where(on_arm, sleeve, torso), neckline)
    below_neck = 0.645 - height
    return np.minimum(coverage, below_neck).astype(np.float32)


def bottom_coverage(cut: BottomCut) -> np.ndarray:
    """Coverage (V,) of trousers or shorts, or of a skirt on its own surface."""
    data, where = body_data(), regions()
    height = data.canonical[:, 2]
    coverage = np.minimum(height - cut.hem, WAIST - height)
    return np.where(where.arm > 0.3, -0.1, coverage).astype(np.float32)


def shoe_coverage() -> np.ndarray:
    """Coverage (V,) of low shoes."""
    return (-0.752 - body_data().canonical[:, 2]).astype(np.float32)


def scalp_coverage(low: float, forehead: float = 0.795) -> np.ndarray:
    """Coverage (V,) of hair that ends at height `low` on the neck and above the forehead."""
    canonical = body_data().canonical
    across, depth, height = canonical.T
    # The hair line runs from the forehead down before the ears to the nape.
    toward_back = np.clip((depth + 0.125) / 0.16, 0, 1)
    line = forehead + (low - forehead) * toward_back**1.5
    # Temples recede a little where the head turns to its sides.
    line = line + 0.02 * np.clip(np.abs(across) / 0.07 - 0.5, 0, 1) * (1 - toward_back)
    on_head = np.where(height > 0.55, 1.0, -1.0)
    return np.minimum(height - line, on_head).astype(np.float32)
