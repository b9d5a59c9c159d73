"""From a person and a camera to a picture, its twin without occluder, and the truth."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.synthetic.mesh import BODY_PARTS, OCCLUDED_BIT, PART_ID, Mesh
from aonet_core.synthetic.person import build_person, sample_identity
from aonet_core.synthetic.placement import occluder_before
from aonet_core.synthetic.raster import rasterize
from aonet_core.synthetic.render import (
    HEIGHT,
    WIDTH,
    Layer,
    View,
    composite,
    draw,
    draw_background,
    look_at,
)
from aonet_core.synthetic.shading import Shadow
from aonet_core.synthetic.street.scene import Camera, camera
from aonet_core.synthetic.street.solids import placed

SIZE = (256, 128)
"""Height and width of a picture in pixels."""
_BODY_IDS = np.array([PART_ID[name] for name in BODY_PARTS])


@dataclass(frozen=True)
class Picture:
    """A picture and what is true of it.

    Attributes:
        jpeg: The picture as JPEG bytes.
        twin: The same without the occluder, or None where there is none.
        label: (256, 128) uint8: part id, plus `OCCLUDED_BIT` where the occluder is in front.
        occluder: Name in `OCCLUDERS`, or "".
        hidden: Share of the person's body pixels that the occluder hides.
        outside: Share of the body pixels that lie outside of the crop.
        visible: Share seen of every body part, NaN where a part has no pixel in the crop.
        yaw: Where the person faces relative to the camera, radians; 0 is towards it.
    """

    jpeg: bytes
    twin: bytes | None
    label: np.ndarray
    occluder: str
    hidden: float
    outside: float
    visible: dict[str, float]
    yaw: float


def take_picture(
    seed: int, identity_number: int, camid: int, index: int, occluded: bool
) -> Picture:
    """Render one picture; a pure function of its arguments.

    Args:
        seed: Of the whole set: its town and its people.
        identity_number: Which person.
        camid: Which camera, from 1 on.
        index: Which picture of this person by this camera.
        occluded: Whether something stands in front.
    """
    rng = np.random.default_rng([seed, 11, identity_number, camid, index])
    identity = sample_identity(np.random.default_rng([seed, 5, identity_number]))
    person = build_person(identity, rng.random(), rng)
    x, y, yaw = rng.uniform(-5, 5), rng.uniform(-1.2, 0.7), rng.uniform(-np.pi, np.pi)
    person = placed(person, x, y, yaw)
    eye = camera(seed, camid)
    view = look_at(eye, person, rng)
    shadow = Shadow(person, eye.sun)
    alone = draw(person, view, eye, eye.light_map.sun_at(x, y), shadow)
    clean = composite(draw_background(view, eye, shadow, np.array([x, y])), alone)
    body = np.isin(clean.part, _BODY_IDS)
    name, covered, picture = "", np.zeros_like(body), clean
    if occluded:
        name, mesh = occluder_before(seed, rng, view, alone, body, (x, y))
        spot = mesh.vertices[:, :2].mean(axis=0)
        front = draw(mesh, view, eye, eye.light_map.sun_at(*spot))
        picture = composite(clean, front)
        covered = front.depth < clean.depth
    label = clean.part + np.where(covered, OCCLUDED_BIT, 0).astype(np.uint8)
    label = label[::2, ::2]  # nearest pixel: labels cannot be averaged
    grain = int(rng.integers(1 << 31))
    return Picture(
        jpeg=develop(picture, eye, grain),
        twin=develop(clean, eye, grain) if name else None,
        label=label,
        occluder=name,
        hidden=float(covered[body].mean()) if body.any() else 0.0,
        outside=_share_outside(view, person),
        visible=visible_parts(label),
        yaw=float(_relative_yaw(yaw, eye, x, y)),
    )


def visible_parts(label: np.ndarray) -> dict[str, float]:
    """Pixels seen over pixels without the occluder, for every body part of a label image."""
    part, covered = label & (OCCLUDED_BIT - 1), label & OCCLUDED_BIT > 0
    shares = {}
    for name in BODY_PARTS:
        inside = part == PART_ID[name]
        shares[name] = float(1 - covered[inside].mean()) if inside.any() else float("nan")
    return shares


def develop(layer: Layer, eye: Camera, grain: int) -> bytes:
    """What the camera makes of the light: lens, sensor, colour, noise, JPEG.

    Args:
        layer: The rendered light.
        eye: Its faults.
        grain: Seed of the sensor noise, the same for a picture and its twin.
    """
    rng = np.random.default_rng(grain)
    exposure = eye.exposure * rng.uniform(0.85, 1.15)
    rows = int(np.clip(eye.native_height * rng.uniform(0.85, 1.2), 96, 256))
    native = _resize(layer.radiance.astype(np.float32), (rows, max(48, rows // 2)))
    native = gaussian_filter(native, (eye.blur, eye.blur, 0))
    light = native * exposure * eye.white_balance
    grey = light @ np.array([0.3, 0.59, 0.11])
    light = grey[:, :, None] + eye.saturation * (light - grey[:, :, None])
    tone = np.clip(light, 0, None)
    tone = tone / (1 + 0.18 * tone)  # a soft shoulder before the sensor clips
    signal = np.clip(tone, 0, 1) ** (1 / eye.gamma)
    signal += eye.contrast * (signal - 0.45) * signal * (1 - signal)
    noise = rng.normal(size=signal.shape) * eye.noise + rng.normal(size=grey.shape)[..., None] * (
        0.6 * eye.noise
    )
    picture = _resize((signal + noise).astype(np.float32), SIZE)
    pixels = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=eye.quality)
    return buffer.getvalue()


def _resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample (H, W, 3) float32 with antialiasing."""
    channels = [
        np.asarray(Image.fromarray(image[:, :, c]).resize(size[::-1], Image.Resampling.BICUBIC))
        for c in range(3)
    ]
    return np.stack(channels, axis=2)


def _share_outside(view: View, person: Mesh) -> float:
    """Share of the body's pixels beyond the crop's border, from a render of a wider crop."""
    points = view.project(person.vertices)
    points[:, :2] = points[:, :2] / 4 + np.array([WIDTH, HEIGHT]) / 8
    index = rasterize(points, person.faces, person.coverage, HEIGHT // 2, WIDTH // 2)[0]
    body = np.isin(np.where(index >= 0, person.part[index], 0), _BODY_IDS)
    inside = np.zeros_like(body)
    inside[HEIGHT // 8 : HEIGHT * 3 // 8, WIDTH // 8 : WIDTH * 3 // 8] = True
    return float((body & ~inside).sum() / max(1, body.sum()))


def _relative_yaw(yaw: float, eye: Camera, x: float, y: float) -> float:
    """Angle between where the person faces and the direction to the camera, in (-pi, pi]."""
    facing = yaw - np.pi / 2
    to_camera = np.arctan2(-eye.distance - y, -x)
    return np.angle(np.exp(1j * (facing - to_camera)))
