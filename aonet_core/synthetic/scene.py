"""Cameras of the synthetic town: where each hangs, what it overlooks, how its picture looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.body import rotation
from aonet_core.synthetic.mesh import Mesh, merge
from aonet_core.synthetic.occluders import bush, parcel_boxes, parked_car, pole_with_sign, slab
from aonet_core.synthetic.paint import Fabric
from aonet_core.synthetic.textures import ground_texture, wall_texture
from aonet_core.synthetic.things import move

GROUNDS = ("paving", "asphalt", "brick", "grass", "paving", "asphalt")
WALLS = ("plaster", "brick", "hedge", "concrete", "plaster", "brick")


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
        exposure, gamma, saturation: Of its picture.
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
    exposure: float
    gamma: float
    saturation: float
    white_balance: np.ndarray
    native_height: float
    blur: float
    noise: float
    quality: int


@lru_cache(maxsize=16)
def camera(seed: int, camid: int) -> Camera:
    """Build camera `camid` (from 1 on) of the town drawn by `seed`."""
    rng = np.random.default_rng([seed, 77, camid])
    elevation, azimuth = rng.uniform(0.5, 1.1), rng.uniform(-np.pi, np.pi)
    # A low sun from behind the wall would leave every person black.
    azimuth = azimuth if np.sin(azimuth) < 0.2 else -azimuth
    sun = np.array([
        np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation),
    ])  # fmt: skip
    overcast = rng.random() < 0.4
    warmth = rng.uniform(-1, 1)
    sun_strength = rng.uniform(0.1, 0.3) if overcast else rng.uniform(0.9, 1.7)
    wall_distance = float(rng.uniform(2.6, 6.0))
    return Camera(
        height=float(rng.uniform(2.3, 4.6)),
        distance=float(rng.uniform(5.0, 9.0)),
        wall_distance=wall_distance,
        ground=ground_texture(GROUNDS[(camid - 1) % len(GROUNDS)], rng),
        wall=wall_texture(WALLS[(camid - 1) % len(WALLS)], rng),
        furniture=_furniture(rng, wall_distance),
        sun=sun,
        sun_colour=sun_strength * np.array([1.0, 0.93 - 0.05 * warmth, 0.82 - 0.12 * warmth]),
        sky_colour=(0.75 if overcast else 0.5) * np.array([0.86, 0.95, 1.08]),
        exposure=float(rng.uniform(0.75, 1.35)),
        gamma=float(rng.uniform(1.9, 2.5)),
        saturation=float(rng.uniform(0.65, 1.2)),
        white_balance=np.array([1 + 0.12 * warmth, 1.0, 1 - 0.14 * warmth]),
        native_height=float(rng.uniform(110, 230)),
        blur=float(rng.uniform(0.2, 0.8)),
        noise=float(rng.uniform(0.006, 0.022)),
        quality=int(rng.integers(62, 90)),
    )


def _furniture(rng: np.random.Generator, wall_distance: float) -> Mesh:
    """Street furniture along the wall, out of people's way."""
    makers = (parked_car, bush, parcel_boxes, pole_with_sign, _bench, _bin, bush)
    meshes, x = [], -9.0
    while x < 9.0:
        x += rng.uniform(1.0, 3.2)
        maker = makers[rng.integers(len(makers))]
        depth = 2.2 if maker is parked_car else rng.uniform(0.4, 0.9)
        if maker is parked_car and wall_distance < 3.6:
            maker, depth = bush, 0.6
        mesh = maker(rng)
        place = np.eye(3, 4)
        place[:, :3] = rotation((0, 0, 1), rng.normal(0, 0.05))
        place[:2, 3] = x, max(1.3, wall_distance - depth)
        meshes.append(move(mesh, place))
        x += 3.4 if maker is parked_car else 0.8
    return merge(meshes)


def _bench(rng: np.random.Generator) -> Mesh:
    wood = Fabric("plain", (tuple(rng.uniform(0.08, 0.3) * np.array([1.0, 0.6, 0.35])),), seed=1)
    boards = [slab((1.6, 0.1, 0.04), (0, y, 0.45), wood) for y in (-0.15, 0.0, 0.15)]
    legs = [slab((0.06, 0.4, 0.45), (x, 0, 0.22), wood) for x in (-0.7, 0.7)]
    return merge([*boards, slab((1.6, 0.04, 0.3), (0, 0.22, 0.72), wood), *legs])


def _bin(rng: np.random.Generator) -> Mesh:
    colour = tuple(rng.uniform(0.02, 0.3, 3))
    return merge([
        slab((0.5, 0.5, 0.95), (0, 0, 0.475), Fabric("plain", (colour,), seed=2)),
        slab((0.56, 0.56, 0.08), (0, 0, 0.98), Fabric("plain", ((0.03, 0.03, 0.03),))),
    ])  # fmt: skip
