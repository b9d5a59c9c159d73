"""Surfaces that are no part of the body's mesh, yet follow its shape: hair, shoes, brims.

They are modelled about the canonical body and bound to its nearest vertices, which carry them
through every morph and pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body.shape import body_data

NEIGHBOURS = 6


@dataclass(frozen=True)
class Shell:
    """A surface of M points bound to the body.

    Attributes:
        points: (M, 3) canonical positions.
        faces: (F, 3) counter-clockwise from outside.
        coverage: (M,) signed, negative is discarded.
        near: (M, k) the body vertices that carry each point.
        share: (M, k) their shares, which sum to 1.
    """

    points: np.ndarray
    faces: np.ndarray
    coverage: np.ndarray
    near: np.ndarray
    share: np.ndarray

    def rest(self, rest: np.ndarray) -> np.ndarray:
        """Rest positions (M, 3) on a morphed body (V, 3)."""
        canonical = body_data().canonical
        scale = np.ptp(rest[:, 2]) / np.ptp(canonical[:, 2])
        carried = rest[self.near] + scale * (self.points[:, None] - canonical[self.near])
        return (carried * self.share[..., None]).sum(axis=1)


def bind(
    points: np.ndarray, faces: np.ndarray, carriers: np.ndarray, coverage: np.ndarray | None = None
) -> Shell:
    """Tie points (M, 3) to the nearest of some body vertices.

    Args:
        points: Canonical positions.
        faces: (F, 3).
        carriers: (V,) bool, the vertices that may carry them.
        coverage: (M,), or None to show all.
    """
    from scipy.spatial import cKDTree

    candidates = np.flatnonzero(carriers)
    distance, nearest = cKDTree(body_data().canonical[candidates]).query(points, k=NEIGHBOURS)
    share = 1 / (distance**2 + 1e-4)
    if coverage is None:
        coverage = np.ones(len(points))
    return Shell(
        points=points.astype(np.float32),
        faces=faces.astype(np.int32),
        coverage=coverage.astype(np.float32),
        near=candidates[nearest],
        share=(share / share.sum(axis=1, keepdims=True)).astype(np.float32),
    )


def grid_faces(rows: int, columns: int, closed: bool) -> np.ndarray:
    """Triangles (F, 3) of a grid of points, row by row; `closed` joins last and first column.

    Seen from outside when rows go down and columns run counter-clockwise seen from above.
    """
    last = columns if closed else columns - 1
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(last), indexing="ij")
    here = row * columns + column
    right = row * columns + (column + 1) % columns
    quads = np.stack([here, here + columns, right + columns, right], axis=2).reshape(-1, 4)
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)


def sheet(outer: np.ndarray, thickness: np.ndarray | float, inward: np.ndarray) -> tuple:
    """A sheet with two sides from a grid (R, C, 3) of points; returns points and faces."""
    rows, columns = outer.shape[:2]
    inner = outer + np.asarray(thickness) * inward
    faces = grid_faces(rows, columns, closed=False)
    points = np.concatenate([outer.reshape(-1, 3), inner.reshape(-1, 3)])
    return points, np.concatenate([faces, faces[:, ::-1] + rows * columns])
