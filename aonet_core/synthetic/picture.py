"""From a person and a camera to a picture, its twin without occluder, and the truth."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from aonet_core.synthetic.mesh import BODY_PARTS, OCCLUDED_BIT, PART_ID, Mesh
from aonet_core.synthetic.occluders import MAKERS, OCCLUDERS
from aonet_core.synthetic.person import build_person, sample_identity
from aonet_core.synthetic.raster import rasterize
from aonet_core.synthetic.render import (
    HEIGHT,
    WIDTH,
    Layer,
    Shadow,
    View,
    composite,
    draw,
    draw_background,
    look_at,
    place,
)
from aonet_core.synthetic.scene import Camera, camera

SIZE = (256, 128)
"""Height and width of a picture in pixels."""
HIDDEN_RANGE = (0.10, 0.62)
"""Share of the person that an occluder has to hide."""
MANY_IDENTITIES = 1 << 20
"""Occluding people are drawn from identities beyond this number, which no set contains."""
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
    person = place(person, x, y, yaw)
    eye = camera(seed, camid)
    view = look_at(eye, person, rng)
    shadow = Shadow(person, eye)
    alone = draw(person, view, eye, shadow)
    clean = composite(draw_background(view, eye, shadow, np.array([x, y])), alone)
    body = np.isin(clean.part, _BODY_IDS)
    name, covered, picture = "", np.zeros_like(body), clean
    if occluded:
        found = _occlude(seed, rng, view, eye, person, body, (x, y))
        if found is not None:
            name, front = found
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


def _occlude(
    seed: int, rng: np.random.Generator, view: View, eye: Camera, person: Mesh, body, at
) -> tuple[str, Layer] | None:
    """Try occluders and places until one hides the wanted share; None if none does."""
    for _ in range(6):
        name = str(rng.choice(OCCLUDERS))
        if name == "person":
            number = MANY_IDENTITIES + int(rng.integers(1 << 20))
            stranger = sample_identity(np.random.default_rng([seed, 5, number]))
            mesh = build_person(stranger, rng.random(), rng)
            mesh.part[:] = 0
        else:
            mesh = MAKERS[name](rng)
        for _ in range(5):
            placed = _place_before(name, mesh, view, at, rng)
            covered = _covers(placed, view)
            small = body[::4, ::4]
            hidden = covered[small].mean() if small.any() else 0.0
            if HIDDEN_RANGE[0] < hidden < HIDDEN_RANGE[1]:
                return name, draw(placed, view, eye)
    return None


def _place_before(
    name: str, mesh: Mesh, view: View, at: tuple[float, float], rng: np.random.Generator
) -> Mesh:
    """Put an occluder between camera and person.

    Some are raised: what hides only legs teaches nothing about heads.
    """
    towards = view.eye[:2] - np.array(at)
    distance = np.linalg.norm(towards)
    towards = towards / distance
    sideways = np.array([-towards[1], towards[0]])
    share = rng.uniform(0.12, 0.5) if name in ("umbrella", "person", "pole") else rng.uniform(0.1, 0.35)
    nearer = distance * share
    if name == "car":
        nearer = max(nearer, 1.3)
    spread = {"wall_corner": 1.1, "car": 1.6, "fence": 0.7, "low_wall": 0.7, "pole": 0.35}
    aside = rng.uniform(-1, 1) * spread.get(name, 0.55)
    if name == "wall_corner":
        aside = np.sign(aside or 1.0) * rng.uniform(0.65, 1.15)
    spot = np.array(at) + nearer * towards + aside * sideways
    raised = 0.0
    if name == "person":
        raised = rng.uniform(0.0, 0.3)  # on a step
    elif name in ("umbrella", "bush", "boxes", "low_wall") and rng.random() < 0.75:
        # A branch, a banner, something carried past the camera.
        raised = rng.uniform(0.45, 1.5) + view.eye[2] * share * 0.35
    yaw = np.arctan2(sideways[1], sideways[0]) + rng.normal(0, 0.25)
    yaw += rng.uniform(-np.pi, np.pi) if name in ("person", "bush", "umbrella") else 0.0
    if name == "umbrella":
        raised += rng.uniform(-0.2, 0.6)
    return place(mesh, spot[0], spot[1], yaw, raised)


def _covers(mesh: Mesh, view: View) -> np.ndarray:
    """Where the mesh falls, at a quarter of the resolution (H / 4, W / 4)."""
    points = view.project(mesh.vertices)
    points[:, :2] /= 4
    return np.isfinite(rasterize(points, mesh.faces, mesh.coverage, HEIGHT // 4, WIDTH // 4)[2])


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
