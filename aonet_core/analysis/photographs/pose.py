"""On which part of the body a point lies, told by an external pose model; for measuring alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aonet_core.model.pose_reader import (
    ANKLES,
    EARS,
    ELBOWS,
    HEELS,
    HIPS,
    KNEES,
    NOSE,
    SHOULDERS,
    TOES,
    WRISTS,
)

NEAR = 0.4
"""Distance from a bone, in lengths of the torso, beyond which a point lies on nothing."""


def bones(joints: np.ndarray) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Segments of every region of the body: (33, 2) joints -> ends (2,) each."""
    middle = {name: joints[list(pair)].mean(axis=0) for name, pair in
              (("neck", SHOULDERS), ("hips", HIPS), ("ears", EARS))}  # fmt: skip
    waist = (middle["neck"] + middle["hips"]) / 2
    pairs = {
        "arms": (*zip(SHOULDERS, ELBOWS, strict=True), *zip(ELBOWS, WRISTS, strict=True)),
        "upper legs": tuple(zip(HIPS, KNEES, strict=True)),
        "lower legs": tuple(zip(KNEES, ANKLES, strict=True)),
        "feet": (*zip(HEELS, TOES, strict=True), *zip(ANKLES, HEELS, strict=True)),
    }
    segments = {
        "head": [(middle["ears"], joints[NOSE]), (middle["ears"], middle["neck"] * 0.3
                 + middle["ears"] * 0.7)],
        "upper torso": [(middle["neck"], waist), tuple(joints[list(SHOULDERS)])],
        "lower torso": [(waist, middle["hips"]), tuple(joints[list(HIPS)])],
    }  # fmt: skip
    return segments | {
        name: [(joints[a], joints[b]) for a, b in each] for name, each in pairs.items()
    }


def region_at(point: np.ndarray, joints: np.ndarray, aspect: float) -> str:
    """The region whose bone is nearest to a point; "" where all are far.

    Args:
        point: (2,) row and column in shares of height and width.
        joints: (33, 2) likewise.
        aspect: Width of the picture over its height.
    """
    upright = np.array([1.0, aspect])
    joints, point = joints * upright, point * upright
    torso = float(np.linalg.norm(joints[list(SHOULDERS)].mean(0) - joints[list(HIPS)].mean(0)))
    away = {
        name: min(_distance(point, *ends) for ends in each) for name, each in bones(joints).items()
    }
    nearest = min(away, key=lambda name: away[name])
    return nearest if away[nearest] <= NEAR * max(torso, 1e-6) else ""


def _distance(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    along = end - start
    share = np.clip(along @ (point - start) / max(along @ along, 1e-12), 0, 1)
    return float(np.linalg.norm(point - start - share * along))


def peak_parts(maps: np.ndarray, joints: np.ndarray, sizes: Sequence[tuple[int, int]]) -> list:
    """Share of pictures in which each landmark peaks on each region of the body.

    Args:
        maps: (N, K, H, W).
        joints: (N, 33, 2); pictures with NaN are left out.
        sizes: Width and height of every picture.

    Returns:
        One entry a landmark, shares by region, "" for none; empty where nobody was found.
    """
    height, width = maps.shape[2:]
    rows = np.flatnonzero(np.isfinite(joints).all(axis=(1, 2)))
    peaks = maps.reshape(*maps.shape[:2], -1).argmax(axis=2)
    shares: list[dict] = [{} for _ in range(maps.shape[1])]
    for row in rows.tolist():
        aspect = sizes[row][0] / sizes[row][1]
        for k, share in enumerate(shares):
            peak = divmod(int(peaks[row, k]), width)
            point = (np.array(peak) + 0.5) / (height, width)
            region = region_at(point, joints[row], aspect)
            share[region] = share.get(region, 0) + 1 / len(rows)
    return shares
