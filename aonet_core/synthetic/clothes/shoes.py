"""Shoes, lofted about the canonical foot."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body.shape import body_data
from aonet_core.synthetic.body.shells import Shell, bind, grid_faces
from aonet_core.synthetic.clothes.garments import regions
from aonet_core.synthetic.mesh import PART_ID

SOLE = -0.84
STATIONS, AROUND = 20, 20


@lru_cache(maxsize=2)
def shoe(side: str) -> Shell:
    """The shoe of the foot on `side`, "L" or "R"."""
    sign = 1.0 if side == "L" else -1.0
    data = body_data()
    skin = np.zeros(len(data.canonical), dtype=bool)
    skin[np.unique(data.triangles["body"])] = True
    x, y, z = data.canonical.T
    foot = skin & (sign * x > 0) & (z < -0.70)
    low = data.canonical[foot & (regions().part == PART_ID["feet"]) & (z < -0.74)]
    heel, toe = low[low[:, 1] > 0.0].mean(0)[:2], low[low[:, 1] < -0.15].mean(0)[:2]
    ahead = (toe - heel) / np.linalg.norm(toe - heel)
    aside = np.array([-ahead[1], ahead[0]])
    along, across = (low[:, :2] - heel) @ ahead, (low[:, :2] - heel) @ aside

    start, stop = along.min() - 0.012, along.max() + 0.014
    share = np.linspace(0, 1, STATIONS)
    level = start + (stop - start) * (0.5 - 0.5 * np.cos(np.pi * share))
    rough = np.array(
        [(near.min(), near.max()) for near in (across[np.abs(along - at) < 0.03] for at in level)]
    )
    extent = np.stack([_smooth(rough[:, 0]), _smooth(rough[:, 1])], axis=1)
    middle = extent.mean(axis=1)
    ends = (1 - np.abs(2 * (level - start) / (stop - start) - 1) ** 5) ** 0.5
    width = (np.ptp(extent, axis=1) / 2 + 0.008) * np.maximum(ends, 0.02)
    # Low over the toes, rising over the instep to the collar at the ankle.
    reach = (level - start) / (stop - start)
    height = np.interp(
        reach,
        [0, 0.05, 0.2, 0.38, 0.55, 0.75, 0.93, 1],
        [0.05, 0.1, 0.105, 0.1, 0.08, 0.062, 0.05, 0.02],
    )
    turn = np.linspace(0, np.pi, AROUND)[None, :]
    sideways = width[:, None] * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.55
    sideways = sideways * (1 - 0.35 * np.sin(turn) * (height[:, None] > 0.07))
    up = height[:, None] * np.sin(turn) ** 0.75
    floor = heel + level[:, None] * ahead + middle[:, None] * aside
    points = np.empty((STATIONS, AROUND, 3))
    points[..., :2] = floor[:, None] + sideways[..., None] * aside
    points[..., 2] = SOLE + up + 0.012 * np.clip(reach[:, None] - 0.8, 0, 1) / 0.2 * (up < 0.02)
    return bind(points.reshape(-1, 3), grid_faces(STATIONS, AROUND, closed=True), foot)


def _smooth(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 2, mode="edge")
    return np.convolve(padded, np.ones(5) / 5, "valid")
