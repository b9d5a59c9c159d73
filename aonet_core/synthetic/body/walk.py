"""How a pedestrian walks: a gait cycle from key angles, and arms that do what arms do."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.body.shape import body_data, rotation

# Flexion in degrees at ten equidistant phases of one leg's cycle, from heel strike on; after the
# shape of the curves in gait textbooks. Forward is positive for the hip, bent for the knee, toes
# up for the ankle.
HIP = np.array([28, 24, 15, 5, -5, -11, -5, 12, 25, 29], dtype=float)
KNEE = np.array([4, 15, 14, 8, 6, 16, 40, 58, 36, 7], dtype=float)
ANKLE = np.array([0, -4, 3, 8, 10, 4, -14, -6, 2, 2], dtype=float)

X_AXIS, Y_AXIS, Z_AXIS = np.eye(3)
SIDES = (("L", 1.0, 0.0), ("R", -1.0, 0.5))
FORWARD = -Y_AXIS


def cycle(keys: np.ndarray, phase: float) -> float:
    """Angle in radians at a phase in cycles, interpolated periodically by a smooth Fourier sum."""
    spectrum = np.fft.rfft(keys) / len(keys)
    waves = np.exp(2j * np.pi * phase * np.arange(4))
    harmonics = np.array([1, 2, 2, 2]) * (spectrum[:4] * waves).real
    return float(np.deg2rad(harmonics.sum()))


def sample_pose(
    phase: float,
    stride: float,
    rng: np.random.Generator,
    joints: np.ndarray,
    carries: str | None = None,
) -> dict[str, np.ndarray]:
    """Rotations of the bones for one moment of a walk.

    Args:
        phase: Where in the gait cycle, in [0, 1).
        stride: Scale of leg and arm swing: 0 stands, 1 walks.
        rng: Draws small differences between moments: head, lean, elbows.
        joints: (J, 3) rest heads of the bones, which say where the limbs point.
        carries: "L" or "R", the hand that holds a bag and swings less.

    Returns:
        World-aligned rotation of each moved bone relative to its parent. A rotation about +x
        moves a leg back, since the body faces -y.
    """
    degrees = np.deg2rad
    pose = {
        "spine03": rotation(X_AXIS, degrees(rng.normal(2.0, 2.0))),
        "neck01": rotation(Z_AXIS, degrees(rng.normal(0, 13)))
        @ rotation(X_AXIS, degrees(rng.normal(-2, 5))),
        "spine01": rotation(Z_AXIS, 0.09 * stride * np.sin(2 * np.pi * phase)),
    }
    busy_arm = ("L", "R", "", "", "", "", "")[rng.integers(7)]
    for side, sign, offset in SIDES:
        leg = phase + offset
        thigh = _direction(joints, f"upperleg01.{side}", f"foot.{side}")
        splay = rotation(Y_AXIS, np.arctan2(thigh[0], -thigh[2]) - sign * degrees(2.5))
        pose[f"upperleg01.{side}"] = rotation(X_AXIS, -stride * cycle(HIP, leg)) @ splay
        pose[f"lowerleg01.{side}"] = rotation(X_AXIS, stride * cycle(KNEE, leg))
        pose[f"foot.{side}"] = rotation(X_AXIS, -stride * cycle(ANKLE, leg)) @ splay.T
        swing = stride * degrees(20) * np.sin(2 * np.pi * (leg + 0.5) + 1.2)
        bend = degrees(8 + rng.normal(0, 3) + 16 * stride * max(0.0, np.sin(swing * 3)))
        if carries == side:
            swing, bend = 0.3 * swing, degrees(4)
        elif busy_arm == side:
            swing, bend = degrees(rng.uniform(0, 18)), degrees(rng.uniform(55, 110))
        pose |= _arm(side, sign, joints, swing, bend, aside=degrees(rng.normal(9, 2)))
    return pose


def _arm(
    side: str, sign: float, joints: np.ndarray, swing: float, bend: float, aside: float
) -> dict[str, np.ndarray]:
    """An arm that hangs down `aside` of the trunk, with elbow and fingers bent."""
    upper = _direction(joints, f"upperarm01.{side}", f"lowerarm01.{side}")
    lower = _direction(joints, f"lowerarm01.{side}", f"wrist.{side}")
    hanging = np.array([sign * np.sin(aside), 0.04, -np.cos(aside)])
    lowered = _turn_onto(upper, hanging)
    # The elbow brings the forearm to hang forward and a little inward of the upper arm.
    forearm = np.cos(bend) * hanging + np.sin(bend) * (FORWARD - sign * 0.25 * X_AXIS)
    straighten = _turn_onto(lowered @ lower, forearm / np.linalg.norm(forearm))
    twist = rotation(forearm, -sign * np.deg2rad(35))  # palms turn to the thighs
    pose = {
        f"upperarm01.{side}": rotation(X_AXIS, -swing) @ lowered,
        f"lowerarm01.{side}": lowered.T @ twist @ straighten @ lowered,
    }
    knuckles = _direction(joints, f"finger2-1.{side}", f"finger5-1.{side}")
    for finger in range(2, 6):
        for joint, angle in ((1, 22), (2, 28), (3, 18)):
            pose[f"finger{finger}-{joint}.{side}"] = rotation(knuckles, sign * np.deg2rad(angle))
    return pose


def _direction(joints: np.ndarray, start: str, end: str) -> np.ndarray:
    bone_of = body_data().bone_of
    vector = joints[bone_of[end]] - joints[bone_of[start]]
    return vector / np.linalg.norm(vector)


def _turn_onto(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The smallest rotation (3, 3) that takes one unit vector onto another."""
    axis = np.cross(start, end)
    length = np.linalg.norm(axis)
    if length < 1e-9:
        return np.eye(3)
    return rotation(axis, np.arctan2(length, start @ end))
