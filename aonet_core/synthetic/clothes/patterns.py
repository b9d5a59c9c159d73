"""Figures woven into cloth and things sewn onto it, as functions of canonical coordinates.

Heights are those of the canonical body: hips near 0, waist 0.17, shoulders 0.53 metres.
"""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.clothes.garments import along_arm
from aonet_core.synthetic.raster import value_noise

Share = tuple[np.ndarray, np.ndarray]
"""How much of a mark shows at each point (N,), and its colour."""
Inner = tuple[float, float, float]
"""Colour in linear light of what is worn under a front that stands open."""


def noise(points: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Smooth value noise in [-1, 1] with features of `size` metres; (N, 3) -> (N,)."""
    return value_noise(np.ascontiguousarray(points, dtype=np.float32), float(size), int(seed))


def sleeve_share(points: np.ndarray) -> np.ndarray:
    """1 on the sleeves, 0 on the trunk, soft at the seam; (N, 3) -> (N,)."""
    aside = np.abs(points[:, 0]) - 0.125 - 0.065 * np.clip((0.5 - points[:, 2]) / 0.06, 0, 1)
    inside = np.minimum(np.minimum(along_arm(points) + 0.015, aside), points[:, 2] - 0.1)
    return np.clip(inside / 0.004, 0, 1)


def spot(x: np.ndarray, z: np.ndarray, radius: float) -> np.ndarray:
    """A soft round spot of that radius about the origin, in [0, 1]."""
    return np.clip(1.5 - np.hypot(x, z) / radius, 0, 1)


def _band(value: np.ndarray, period: float, duty: float = 0.5) -> np.ndarray:
    """Soft square wave in [0, 1]."""
    phase = np.mod(value / period, 1.0)
    return np.clip((duty / 2 - np.abs(phase - 0.5)) * period / 0.004 + 0.5, 0, 1)


def _angle(points: np.ndarray) -> np.ndarray:
    """Arc length about the vertical axis, as if cloth were wrapped about a 0.15 m cylinder."""
    return 0.15 * np.arctan2(points[:, 0], -points[:, 1])


def unrolled(points: np.ndarray) -> np.ndarray:
    """Canonical points with the sleeves let down, so that stripes go round arms and trunk alike."""
    sleeve = sleeve_share(points) > 0.5
    hanging = points[sleeve]
    unrolled = points.copy()
    unrolled[sleeve, 2] = 0.5 - along_arm(hanging)
    unrolled[sleeve, 0] = hanging[:, 0] + hanging[:, 2]
    return unrolled


PATTERNS = {
    "plain": lambda p, scale, seed: np.zeros(len(p)),
    "stripes": lambda p, scale, seed: _band(p[:, 2], scale),
    "pinstripes": lambda p, scale, seed: _band(_angle(p), scale, 0.15),
    "checks": lambda p, scale, seed: _band(p[:, 2], scale) + _band(_angle(p), scale),
    "two_tone": lambda p, scale, seed: np.clip((p[:, 2] - 0.33) / 0.004, 0, 1),
    "band": lambda p, scale, seed: np.clip((scale - np.abs(p[:, 2] - 0.3)) / 0.004, 0, 1),
    "ribs": lambda p, scale, seed: 0.3 * _band(_angle(p), scale),
    "dots": lambda p, scale, seed: _band(p[:, 2], scale, 0.45) * _band(_angle(p), scale, 0.45),
    "blotches": lambda p, scale, seed: np.clip(
        6 * noise(p, scale, seed) + 3 * noise(p, scale / 3, seed + 5), 0, 2
    ),
}
"""Maps (points, scale, seed) to a figure: 0 is the first colour, 1 the second, 2 the third."""


def _zip_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    share = (np.abs(points[:, 0]) < 0.008) & (points[:, 1] < 0) & (points[:, 2] < 0.58)
    return share.astype(float), 0.35 * colours[0] + 0.02


def _logo_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    x, z = points[:, 0], points[:, 2] - 0.40
    inside = (np.abs(x) < 0.085) & (np.abs(z) < 0.05) & (points[:, 1] < 0)
    letters = (np.mod(x / 0.034, 1.0) < 0.62) & (np.mod(z / 0.034 + 0.2, 1.0) < 0.72)
    return (inside & letters).astype(float), colours[-1] if len(colours) > 1 else 1 - colours[0]


def _open_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """A front that stands open on what is worn under it."""
    half = 0.035 + 0.03 * np.clip((0.25 - points[:, 2]) / 0.3, -0.5, 1)
    inside = np.clip((half - np.abs(points[:, 0])) / 0.004, 0, 1) * (points[:, 1] < -0.02)
    return inside, np.array(inner)


def _lapel_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """A V of shirt above the top button."""
    half = 0.5 * (points[:, 2] - 0.3)
    inside = np.clip((half - np.abs(points[:, 0])) / 0.004, 0, 1)
    inside = inside * (points[:, 1] < -0.05) * (np.abs(points[:, 0]) < 0.09)
    return inside, np.array(inner)


def _button_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """A row of buttons down the placket."""
    near = np.hypot(points[:, 0], np.mod(points[:, 2], 0.085) - 0.04) < 0.0075
    return (near & (points[:, 1] < 0)).astype(float), 0.5 * (1 - colours[0])


def _side_stripe_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """A band down the outer side of each leg."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    leg_y = np.interp(z, [-0.7, -0.55, -0.4, -0.25, 0.1], [0.0, 0.008, -0.012, -0.03, -0.02])
    leg_x = np.interp(z, [-0.7, -0.38, 0.03], [0.2, 0.155, 0.1])
    inside = np.clip((0.015 - np.abs(y - leg_y)) / 0.004 + 0.5, 0, 1) * (x > leg_x)
    return inside, colours[-1] if len(colours) > 1 else np.array([0.85, 0.85, 0.85])


def _quilt_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """The seams of a padded jacket."""
    laid = unrolled(points)
    seam = np.abs(np.mod(laid[:, 2] / 0.075, 1.0) - 0.5) * 0.075
    return np.clip(1.3 - seam / 0.009, 0, 1), 0.45 * colours[0]


def _fade_mark(points: np.ndarray, colours: list, inner: Inner) -> Share:
    """Worn jeans: paler on the front of the thighs."""
    thigh = np.exp(-(((points[:, 2] + 0.22) / 0.16) ** 2)) * (points[:, 1] < -0.02)
    return 0.5 * thigh, np.minimum(1.0, 2.2 * colours[0] + 0.06)


MARKS = {
    "zip": _zip_mark,
    "logo": _logo_mark,
    "open": _open_mark,
    "lapel": _lapel_mark,
    "buttons": _button_mark,
    "side_stripe": _side_stripe_mark,
    "fade": _fade_mark,
    "quilt": _quilt_mark,
}
