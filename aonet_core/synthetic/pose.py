"""How a pedestrian walks: a gait cycle from key angles, and arms that do what arms do."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.body import rotation

# Flexion in degrees at ten equidistant phases of one leg's cycle, from heel strike on; after the
# shape of the curves in gait textbooks. Forward is positive for the hip, bent for the knee, toes
# up for the ankle.
HIP = np.array([30, 26, 17, 7, -4, -11, -5, 12, 27, 32], dtype=float)
KNEE = np.array([5, 16, 14, 8, 6, 16, 42, 60, 38, 8], dtype=float)
ANKLE = np.array([0, -4, 3, 8, 10, 4, -14, -6, 2, 2], dtype=float)

X_AXIS, Y_AXIS, Z_AXIS = np.eye(3)
SIDES = (("L", 1.0, 0.0), ("R", -1.0, 0.5))


def cycle(keys: np.ndarray, phase: float) -> float:
    """Angle in radians at a phase in cycles, interpolated periodically by a smooth Fourier sum."""
    spectrum = np.fft.rfft(keys) / len(keys)
    waves = np.exp(2j * np.pi * phase * np.arange(4))
    harmonics = np.array([1, 2, 2, 2]) * (spectrum[:4] * waves).real
    return float(np.deg2rad(harmonics.sum()))


def sample_pose(
    phase: float, stride: float, rng: np.random.Generator, carries: str | None = None
) -> dict[str, np.ndarray]:
    """Rotations of the bones for one moment of a walk.

    Args:
        phase: Where in the gait cycle, in [0, 1).
        stride: Scale of leg and arm swing: 0 stands, 1 walks.
        rng: Draws small differences between moments: head, lean, elbows.
        carries: "L" or "R", the hand that holds a bag and swings less.

    Returns:
        World-aligned rotation of each moved bone relative to its parent. A rotation about +x
        moves a leg back, since the body faces -y.
    """
    pose = {
        "spine03": rotation(X_AXIS, np.deg2rad(rng.normal(3.0, 2.5))),
        "neck01": rotation(Z_AXIS, np.deg2rad(rng.normal(0, 14)))
        @ rotation(X_AXIS, np.deg2rad(rng.normal(2, 5))),
        "spine01": rotation(Z_AXIS, 0.09 * stride * np.sin(2 * np.pi * phase)),
    }
    busy_arm = rng.choice(["L", "R", "", ""])
    for side, sign, offset in SIDES:
        leg = phase + offset
        splay = rotation(Y_AXIS, sign * np.deg2rad(8.0))
        pose[f"upperleg01.{side}"] = rotation(X_AXIS, -stride * cycle(HIP, leg)) @ splay
        pose[f"lowerleg01.{side}"] = rotation(X_AXIS, stride * cycle(KNEE, leg))
        pose[f"foot.{side}"] = rotation(X_AXIS, -stride * cycle(ANKLE, leg)) @ splay.T
        swing = stride * np.deg2rad(24) * np.sin(2 * np.pi * (leg + 0.5) + 1.2)
        lowered = rotation(Y_AXIS, sign * np.deg2rad(rng.normal(42, 3)))
        bend = np.deg2rad(-6 + 16 * stride * max(0.0, np.sin(2 * np.pi * (leg + 0.5) + 0.8)))
        if carries == side:
            swing, bend = 0.3 * swing, np.deg2rad(6)
        elif busy_arm == side and rng.random() < 0.35:
            swing, bend = np.deg2rad(-rng.uniform(5, 25)), np.deg2rad(rng.uniform(50, 105))
        pose[f"upperarm01.{side}"] = rotation(X_AXIS, -swing) @ lowered
        pose[f"lowerarm01.{side}"] = rotation(X_AXIS, -bend)
    return pose
