"""Cameras of the synthetic town: where each hangs, what it overlooks, how its picture looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter

from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.shading import Shadow
from aonet_core.synthetic.street.furniture import street_furniture
from aonet_core.synthetic.street.streets import GROUNDS, WALLS, ground_texture, wall_texture

LIGHT_STEP = 0.05
"""Metres a cell of the light map."""


@dataclass(frozen=True)
class LightMap:
    """Static light on the ground: shadows of houses, trees and furniture.

    Attributes:
        share: (R, C, 2) float32 share of sun and of sky; rows along y.
        low: (2,) x and y of the corner.
    """

    share: np.ndarray
    low: np.ndarray

    def sun_at(self, x: float, y: float) -> float:
        """Share of sunlight about a place, for who stands there."""
        row, column = (np.array([y, x]) - self.low[::-1]) // LIGHT_STEP
        row, column = max(0, int(row)), max(0, int(column))
        around = self.share[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4, 0]
        return float(around.mean()) if around.size else 1.0


@dataclass(frozen=True)
class Camera:
    """One surveillance camera: it hangs at (0, -distance, height) and looks along +y.

    Attributes:
        height, distance: Metres above ground, and from the middle of the walkway (y = 0).
        wall_distance: y of the wall behind the walkway.
        ground, wall: Periodic textures (S, S, 3).
        furniture: What stands about, behind the walkway.
        sun: Unit vector towards the sun (3,).
        sun_colour, sky_colour: Linear light of sun and sky (3,).
        light_map: Static light on the ground.
        exposure: Gain that makes a middling street middle grey.
        gamma, saturation, contrast: Of its picture.
        white_balance: Gains (3,).
        native_height: Rows of the sensor that a person's crop covers.
        blur: Standard deviation of its point spread, in native pixels.
        noise: Standard deviation of sensor noise, in units of full scale.
        quality: Of the JPEG.
    """

    height: float
    distance: float
    wall_distance: float
    ground: np.ndarray
    wall: np.ndarray
    furniture: Mesh
    sun: np.ndarray
    sun_colour: np.ndarray
    sky_colour: np.ndarray
    light_map: LightMap
    exposure: float
    gamma: float
    saturation: float
    contrast: float
    white_balance: np.ndarray
    native_height: float
    blur: float
    noise: float
    quality: int


@lru_cache(maxsize=16)
def camera(seed: int, camid: int) -> Camera:
    """Build camera `camid` (from 1 on) of the town drawn by `seed`."""
    rng = np.random.default_rng([seed, 77, camid])
    # Neighbouring cameras overlook different kinds of street.
    town = np.random.default_rng([seed, 78])
    ground_kind = GROUNDS[town.permutation(len(GROUNDS))[(camid - 1) % len(GROUNDS)]]
    wall_kind = WALLS[town.permutation(len(WALLS))[(camid - 1) % len(WALLS)]]
    sun, sun_colour, sky_colour = _weather(rng)
    warmth = rng.uniform(-1, 1)
    wall_distance = float(rng.uniform(2.8, 7.0))
    ground, wall = ground_texture(ground_kind, rng), wall_texture(wall_kind, rng)
    furniture = street_furniture(rng, wall_distance)
    return Camera(
        height=float(rng.uniform(2.5, 4.8)),
        distance=float(rng.uniform(5.0, 10.0)),
        wall_distance=wall_distance,
        ground=ground,
        wall=wall,
        furniture=furniture,
        sun=sun,
        sun_colour=sun_colour,
        sky_colour=sky_colour,
        light_map=_light_map(rng, furniture, sun, wall_distance),
        exposure=_meter(ground, sun, sun_colour, sky_colour) * float(rng.uniform(0.8, 1.3)),
        gamma=float(rng.uniform(2.0, 2.5)),
        saturation=float(rng.uniform(0.7, 1.2)),
        contrast=float(rng.uniform(0.0, 0.8)),
        white_balance=np.array([1 + 0.13 * warmth, 1.0 + rng.normal(0, 0.02), 1 - 0.15 * warmth]),
        native_height=float(rng.uniform(120, 250)),
        blur=float(rng.uniform(0.2, 0.75)),
        noise=float(rng.uniform(0.004, 0.018)),
        quality=int(rng.integers(62, 90)),
    )


def _weather(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Direction of the sun, its light and the sky's, (3,) each."""
    elevation, azimuth = rng.uniform(0.45, 1.1), rng.uniform(-np.pi, np.pi)
    # A low sun from behind the wall would leave every person black.
    azimuth = azimuth if np.sin(azimuth) < 0.2 else -azimuth
    sun = np.array([
        np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation),
    ])  # fmt: skip
    low = (1.1 - elevation) / 0.65  # 1 at the horizon's reddest
    overcast = rng.random() < 0.4
    strength = rng.uniform(0.05, 0.35) if overcast else rng.uniform(1.2, 2.2)
    sun_colour = strength * np.array([1.0, 0.95 - 0.1 * low, 0.86 - 0.26 * low])
    sky_colour = (
        0.75 * np.array([0.94, 0.97, 1.02]) if overcast else 0.5 * np.array([0.8, 0.93, 1.14])
    )
    return sun, sun_colour, sky_colour


def _meter(ground, sun, sun_colour, sky_colour) -> float:
    """Gain that brings a scene of this ground and of grey things to middle grey."""
    light = (0.7 * sun[2] * sun_colour + sky_colour).mean()
    return 0.21 / (light * (0.45 * ground.mean() + 0.55 * 0.2))


def _light_map(
    rng: np.random.Generator, furniture: Mesh, sun: np.ndarray, wall_distance: float
) -> LightMap:
    """Shadows of the furniture, of a house or of trees out of sight, and dark corners."""
    low = np.array([-11.0, -4.0])
    x = np.arange(low[0], 11.0, LIGHT_STEP) + LIGHT_STEP / 2
    y = np.arange(low[1], wall_distance, LIGHT_STEP) + LIGHT_STEP / 2
    x, y = np.meshgrid(x, y)
    points = np.stack([x, y, np.zeros_like(x)], axis=2).reshape(-1, 3)
    lit = Shadow(furniture, sun, 768).lit(points).reshape(x.shape)
    near_ground = Shadow(furniture, np.array([0.0, 0.0, 1.0]), 512).lit(points).reshape(x.shape)
    sky = 1 - 0.6 * gaussian_filter(1 - near_ground, 0.18 / LIGHT_STEP)
    kind = rng.random()
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-2.5, 2.5)
    if kind < 0.35:  # the edge of a house's shadow
        along = np.cos(angle) * x + np.sin(angle) * y - offset
        lit = lit * np.clip(along / 0.25 + 0.5, 0, 1)
    elif kind < 0.6:  # leaves
        patches = gaussian_filter(rng.normal(size=x.shape), 5) * 17 + 0.2
        patches += gaussian_filter(rng.normal(size=x.shape), 26) * 60
        lit = lit * np.clip(patches, 0.0, 1.0)
    return LightMap(np.stack([lit, sky], axis=2).astype(np.float32), low)
