"""One picture of one person: geometry, light, occluder and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter

from aonet_core.synthetic.body import rotation
from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.paint import noise
from aonet_core.synthetic.raster import (
    interpolate,
    rasterize,
    sample_texture,
    shade,
    shadow_share,
)
from aonet_core.synthetic.scene import Camera
from aonet_core.synthetic.textures import REPEAT
from aonet_core.synthetic.things import move

HEIGHT, WIDTH = 512, 256
"""Size of a render: twice the picture's, against jagged edges."""
SHADOW_SIZE = 224


@dataclass(frozen=True)
class View:
    """A crop of a camera's picture: where it looks from and which part it keeps.

    Attributes:
        eye: (3,) position.
        turn: (3, 3) rows are the image's right, down and forward axes in the world.
        centre: (2,) of the crop in normalised image coordinates.
        scale: Pixels per normalised unit.
    """

    eye: np.ndarray
    turn: np.ndarray
    centre: np.ndarray
    scale: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """World points (N, 3) to column, row and distance (N, 3) float32."""
        local = (points - self.eye) @ self.turn.T
        depth = np.where(np.abs(local[:, 2]) < 1e-6, 1e-6, local[:, 2])
        plane = local[:, :2] / depth[:, None]
        pixels = (plane - self.centre) * self.scale + np.array([WIDTH, HEIGHT]) / 2
        return np.concatenate([pixels, local[:, 2:]], axis=1).astype(np.float32)

    def rays(self) -> np.ndarray:
        """Directions (H, W, 3) through the pixels' middles, of depth 1."""
        row, column = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
        x = (column - WIDTH / 2) / self.scale + self.centre[0]
        y = (row - HEIGHT / 2) / self.scale + self.centre[1]
        return np.stack([x, y, np.ones_like(x)], axis=2) @ self.turn


@dataclass(frozen=True)
class Layer:
    """A rendered picture before the camera's own faults.

    Attributes:
        radiance: (H, W, 3) linear light.
        depth: (H, W) metres along the view axis, infinite where only sky is.
        part: (H, W) label ids.
    """

    radiance: np.ndarray
    depth: np.ndarray
    part: np.ndarray


def look_at(camera: Camera, person: Mesh, rng: np.random.Generator) -> View:
    """The crop that a detector would cut about a person, with its little errors."""
    eye = np.array([0.0, -camera.distance, camera.height])
    seen = person.vertices[person.coverage >= 0]
    target = (seen.min(axis=0) + seen.max(axis=0)) / 2
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    view = View(eye, np.stack([right, np.cross(forward, right), forward]), np.zeros(2), 1.0)
    corners = view.project(seen)[:, :2] - np.array([WIDTH, HEIGHT]) / 2
    low, high = corners.min(axis=0), corners.max(axis=0)
    width, height = high - low
    # Now and then the box cuts off feet or head, as real detections do.
    tall = max(height, 1.75 * width) * rng.uniform(1.03, 1.16)
    shift = rng.normal(0, 0.018, 2)
    if rng.random() < 0.08:
        tall *= rng.uniform(0.78, 0.95)
        shift[1] += rng.uniform(-0.1, 0.1)
    centre = (low + high) / 2 + shift * tall
    return replace(view, centre=centre, scale=HEIGHT / tall)


def place(mesh: Mesh, x: float, y: float, yaw: float, raised: float = 0.0) -> Mesh:
    """Turn a mesh about z and put it at a place of the walkway."""
    transform = np.eye(3, 4)
    transform[:, :3] = rotation((0, 0, 1), yaw)
    transform[:, 3] = x, y, raised
    return move(mesh, transform)


def draw(mesh: Mesh, view: View, camera: Camera, shadow: "Shadow | None" = None) -> Layer:
    """Rasterise and shade a mesh alone; where it is not, depth is infinite."""
    index, weights, depth = rasterize(
        view.project(mesh.vertices), mesh.faces, mesh.coverage, HEIGHT, WIDTH
    )
    hit = index >= 0
    face = index[hit]
    attributes = np.concatenate([mesh.vertices, mesh.normals, mesh.canonical], axis=1)
    attributes = interpolate(attributes.astype(np.float32), mesh.faces, index, weights)
    position, normal, canonical = np.split(attributes, 3, axis=1)
    material = mesh.material[face]
    albedo = np.zeros((len(face), 3))
    gloss = np.zeros(len(face))
    for number in np.unique(material):
        chosen, look = material == number, mesh.materials[number]
        albedo[chosen] = look.paint(canonical[chosen])
        gloss[chosen] = look.gloss
        if look.bump:
            folds = canonical[chosen] * np.array([1.0, 1.0, 1.9])
            tilt = [noise(folds, 0.055, axis) + noise(folds, 0.12, 9 + axis) for axis in range(3)]
            normal[chosen] += 0.22 * look.bump * np.stack(tilt, axis=1)
    occlusion = _ambient_occlusion(depth)[hit]
    lit = shadow.lit(position) if shadow else np.ones(len(face))
    radiance = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
    radiance[hit] = _shade(albedo, normal, gloss, lit, occlusion, position, view, camera)
    part = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    part[hit] = mesh.part[face]
    return Layer(radiance, depth, part)


def _shade(albedo, normal, gloss, lit, occlusion, position, view, camera) -> np.ndarray:
    """`raster.shade` in the light of a camera's street."""
    return shade(
        albedo, normal, gloss, lit, occlusion, position,
        view.eye, camera.sun, camera.sun_colour, camera.sky_colour,
    )  # fmt: skip


def _ambient_occlusion(depth: np.ndarray) -> np.ndarray:
    """Darken what lies behind its surroundings: 1 is open, down to 0.45."""
    hit = np.isfinite(depth)
    filled = np.where(hit, depth, 0.0)
    share = uniform_filter(hit.astype(np.float32), 25)
    mean = uniform_filter(filled, 25) / np.maximum(share, 1e-3)
    behind = np.clip((filled - mean) / 0.12, 0, 1)
    return 1 - 0.55 * behind * hit


class Shadow:
    """A shadow map: what the sun sees of a mesh, orthographically."""

    def __init__(self, mesh: Mesh, camera: Camera) -> None:
        """Render the mesh from the sun."""
        side = np.cross(camera.sun, [0, 0, 1.0])
        side /= np.linalg.norm(side)
        self.axes = np.stack([side, np.cross(camera.sun, side), -camera.sun])
        local = mesh.vertices @ self.axes.T
        low, high = local[:, :2].min(axis=0), local[:, :2].max(axis=0)
        self.low, self.scale = low, (SHADOW_SIZE - 2) / (high - low).max()
        self.near = local[:, 2].min() - 1.0
        points = np.concatenate(
            [(local[:, :2] - low) * self.scale + 1, local[:, 2:] - self.near], axis=1
        )
        self.depth = rasterize(
            points.astype(np.float32), mesh.faces, mesh.coverage, SHADOW_SIZE, SHADOW_SIZE
        )[2]

    def lit(self, position: np.ndarray) -> np.ndarray:
        """Share of sunlight (N,) that reaches world points (N, 3)."""
        return shadow_share(self.depth, self.axes, self.low, self.scale, self.near, position)


def draw_background(view: View, camera: Camera, shadow: Shadow, foot: np.ndarray) -> Layer:
    """Ground, wall, sky and furniture behind a person who stands at `foot` (2,)."""
    rays = view.rays().reshape(-1, 3)
    to_ground = np.where(rays[:, 2] < -1e-4, -view.eye[2] / np.minimum(rays[:, 2], -1e-4), np.inf)
    to_wall = (camera.wall_distance - view.eye[1]) / np.maximum(rays[:, 1], 1e-4)
    on_ground = to_ground < to_wall
    depth = np.minimum(to_ground, to_wall)
    position = view.eye + rays * depth[:, None]
    albedo = np.empty((len(rays), 3), dtype=np.float32)
    ground, wall = position[on_ground], position[~on_ground]
    albedo[on_ground] = sample_texture(camera.ground, ground[:, 0] / REPEAT, ground[:, 1] / REPEAT)
    albedo[~on_ground] = sample_texture(camera.wall, wall[:, 0] / REPEAT, wall[:, 2] / REPEAT)
    normal = np.array([[0, -1.0, 0], [0, 0, 1.0]])[on_ground.astype(int)]
    occlusion = np.ones(len(rays))
    # Feet and walls darken the ground at which they stand.
    away = np.hypot(ground[:, 0] - foot[0], ground[:, 1] - foot[1])
    occlusion[on_ground] = 1 - 0.6 * np.exp(-((away / 0.28) ** 2))
    occlusion[on_ground] *= 1 - 0.45 * np.exp(-(camera.wall_distance - ground[:, 1]) / 0.35)
    lit = np.ones(len(rays))
    lit[on_ground] = shadow.lit(ground)
    if camera.sun[1] > 0:  # the sun stands behind the wall, which shades its own front
        lit[~on_ground] = 0.0
    matt = np.zeros(len(rays))
    radiance = _shade(albedo, normal, matt, lit, occlusion, position, view, camera)
    behind = Layer(
        radiance.reshape(HEIGHT, WIDTH, 3),
        depth.reshape(HEIGHT, WIDTH),
        np.zeros((HEIGHT, WIDTH), np.uint8),
    )
    return composite(behind, draw(camera.furniture, view, camera))


def composite(behind: Layer, front: Layer) -> Layer:
    """Whatever is nearer at each pixel."""
    nearer = front.depth < behind.depth
    return Layer(
        np.where(nearer[:, :, None], front.radiance, behind.radiance),
        np.where(nearer, front.depth, behind.depth),
        np.where(nearer, front.part, behind.part),
    )
