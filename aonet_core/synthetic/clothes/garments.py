"""Where cloth covers the body: every cut as a signed coverage over the body's vertices.

Coverage is in metres, roughly the distance inside the garment's edge. It is interpolated across
triangles and negative fragments are discarded, so hems and necklines are smooth lines. Heights are
those of the canonical body: ankle -0.71, knee -0.38, crotch -0.07, hip 0.03, waist 0.18, shoulder
0.53, nape 0.60, chin 0.62, eyes 0.73, crown 0.85.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body.shape import body_data
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
SHOULDER = np.array([0.153, -0.012, 0.532])
ELBOW = np.array([0.299, -0.02, 0.365])
WRIST = np.array([0.426, -0.176, 0.243])
WAIST = 0.17


@dataclass(frozen=True)
class TopCut:
    """Shape of a top.

    Attributes:
        hem: Height of the lower edge; below the crotch the skirt surface continues it.
        sleeve: Metres from the shoulder joint along the arm that are covered; the wrist is at
            0.46. Negative for straps that leave the shoulder bare.
        neck: Radius of the neck opening.
        vee: Depth of a V below the neck opening in front, 0 for a round neck.
        loose: Distance from the skin.
        fall: How fast cloth may close in below the chest, in metres a metre: 0 hangs straight.
        collar: Height up to which the neck is covered.
    """

    hem: float
    sleeve: float = 0.45
    neck: float = 0.078
    vee: float = 0.0
    loose: float = 0.01
    fall: float = 0.25
    collar: float = 0.60


@dataclass(frozen=True)
class BottomCut:
    """Shape of a bottom.

    Attributes:
        hem: Height of the lower edge.
        loose: Distance from the skin.
        fall: As in `TopCut`, about each leg; negative widens downwards.
        skirt: One surface about both legs.
        flare: How much a skirt widens towards its hem.
    """

    hem: float
    loose: float = 0.008
    fall: float = 0.2
    skirt: bool = False
    flare: float = 0.0


TOP_CUTS = {
    "tshirt": TopCut(hem=-0.03, sleeve=0.15, neck=0.085, loose=0.012, fall=0.12),
    "fitted": TopCut(hem=0.0, sleeve=0.12, neck=0.095, vee=0.05, loose=0.006, fall=0.6),
    "tank": TopCut(hem=-0.01, sleeve=-0.03, neck=0.1, vee=0.03, loose=0.007, fall=0.4),
    "polo": TopCut(hem=-0.03, sleeve=0.17, neck=0.07, vee=0.05, loose=0.011, fall=0.15),
    "longsleeve": TopCut(hem=-0.02, sleeve=0.45, neck=0.08, loose=0.009, fall=0.22),
    "shirt": TopCut(hem=-0.06, sleeve=0.45, neck=0.064, vee=0.045, loose=0.012, fall=0.12),
    "rolled": TopCut(hem=-0.05, sleeve=0.26, neck=0.064, vee=0.05, loose=0.012, fall=0.12),
    "turtleneck": TopCut(hem=-0.01, sleeve=0.45, neck=0.0, loose=0.009, fall=0.35, collar=0.645),
    "hoodie": TopCut(hem=-0.02, sleeve=0.47, neck=0.07, loose=0.02, fall=0.06),
    "jacket": TopCut(hem=-0.03, sleeve=0.47, neck=0.066, loose=0.019, fall=0.06, collar=0.62),
    "puffer": TopCut(hem=-0.03, sleeve=0.47, neck=0.05, loose=0.036, fall=0.02, collar=0.635),
    "blazer": TopCut(hem=-0.1, sleeve=0.46, neck=0.068, loose=0.017, fall=0.1),
    "coat": TopCut(hem=-0.32, sleeve=0.47, neck=0.066, loose=0.022, fall=0.03, collar=0.62),
    "parka": TopCut(hem=-0.18, sleeve=0.47, neck=0.06, loose=0.03, fall=0.02, collar=0.63),
}
BOTTOM_CUTS = {
    "trousers": BottomCut(hem=-0.765, loose=0.008, fall=0.03),
    "slim": BottomCut(hem=-0.74, loose=0.006, fall=0.3),
    "wide": BottomCut(hem=-0.77, loose=0.012, fall=-0.04),
    "joggers": BottomCut(hem=-0.73, loose=0.014, fall=0.1),
    "leggings": BottomCut(hem=-0.7, loose=0.003, fall=2.0),
    "cropped": BottomCut(hem=-0.62, loose=0.008, fall=0.06),
    "shorts": BottomCut(hem=-0.31, loose=0.014, fall=-0.06),
    "skirt": BottomCut(hem=-0.32, loose=0.008, fall=0.1, skirt=True, flare=0.1),
    "midi": BottomCut(hem=-0.5, loose=0.008, fall=0.05, skirt=True, flare=0.12),
    "mini": BottomCut(hem=-0.19, loose=0.006, fall=0.3, skirt=True, flare=0.05),
}
CROTCH = -0.05


@dataclass(frozen=True)
class Regions:
    """Where every vertex lies on the body; all (V,).

    Attributes:
        part: Label id of `mesh.PART_ID`.
        arm: Share of the skin weight that belongs to arm and hand, in [0, 1].
        along_arm: Metres from the shoulder joint along the arm.
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
    part = part_of_bone[strongest]
    x, y, z = data.canonical.T
    torso = np.isin(part, (PART_ID["upper_torso"], PART_ID["lower_torso"]))
    part[torso & (z < WAIST + 0.03)] = PART_ID["lower_torso"]
    part[torso & (z >= WAIST + 0.03)] = PART_ID["upper_torso"]
    axis_y = np.interp(z, [0.5, 0.56, 0.65], [-0.03, -0.03, -0.045])
    return Regions(
        part=part,
        arm=(arm_bone[data.bone_index] * data.bone_weight).sum(axis=1),
        along_arm=along_arm(data.canonical).astype(np.float32),
        neck=np.hypot(x, (y - axis_y) * 0.9).astype(np.float32),
    )


def along_arm(points: np.ndarray) -> np.ndarray:
    """Metres (N,) from the shoulder joint along either arm, for canonical points (N, 3)."""
    mirrored = np.abs(points * [1.0, 0, 0]) + points * [0, 1.0, 1.0]
    upper, lower = ELBOW - SHOULDER, WRIST - ELBOW
    upper_length, lower_length = np.linalg.norm(upper), np.linalg.norm(lower)
    above = (mirrored - SHOULDER) @ upper / upper_length
    below = (mirrored - ELBOW) @ lower / lower_length
    return np.where(below > 0, upper_length + below, np.minimum(above, upper_length))


def top_coverage(cut: TopCut) -> np.ndarray:
    """Coverage (V,) of a top on the body; its tail on the skirt surface is `tail_coverage`."""
    where = regions()
    x, y, z = body_data().canonical.T
    sleeve = cut.sleeve - where.along_arm
    torso = z - max(cut.hem, CROTCH)
    coverage = np.where(where.arm > 0.5, sleeve, torso)
    if cut.neck > 0:
        # The opening dips in front and stays at the nape behind.
        nape = max(0.572, cut.collar - 0.015)
        dip = np.interp(y, [-0.12, 0.02], [0.515 - 1.2 * (cut.neck - 0.064), nape])
        around = where.neck - cut.neck - 0.05 * np.clip((y + 0.015) / 0.03, 0, 1)
        coverage = np.minimum(coverage, np.maximum(around, dip - z))
    if cut.vee > 0:
        tip = 0.545 - cut.vee - 0.3 * cut.neck
        vee = 0.8 * (np.abs(x) - 0.9 * (z - tip))
        coverage = np.where(y < -0.03, np.minimum(coverage, np.where(z > 0.3, vee, 1.0)), coverage)
    return np.minimum(coverage, cut.collar - z).astype(np.float32)


def tail_coverage(hem: float, top: float) -> np.ndarray:
    """Coverage (V,) of the skirt surface between two heights."""
    height = body_data().canonical[:, 2]
    return np.minimum(height - hem, top - height).astype(np.float32)


def bottom_coverage(cut: BottomCut) -> np.ndarray:
    """Coverage (V,) of trousers or shorts on the body."""
    height = body_data().canonical[:, 2]
    coverage = np.minimum(height - cut.hem, WAIST - height)
    return np.where(regions().arm > 0.3, -0.1, coverage).astype(np.float32)
