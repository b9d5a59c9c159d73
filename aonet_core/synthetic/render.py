"""One picture of one person: geometry, light, occluder and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aonet_core.synthetic.clothes.patterns import noise
from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.raster import interpolate, rasterize, sample_street, trace_street
from aonet_core.synthetic.shading import Shadow, ambient_occlusion, shade, street_exposure
from aonet_core.synthetic.street.scene import LIGHT_STEP, Camera
from aonet_core.synthetic.street.textures import STREET

HEIGHT, WIDTH = 512, 256
"""Size of a render: twice the picture's, against jagged edges."""


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
    vertices = person.vertices[person.coverage >= 0]
    target = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    view = View(eye, np.stack([right, np.cross(forward, right), forward]), np.zeros(2), 1.0)
    corners = view.project(vertices)[:, :2] - np.array([WIDTH, HEIGHT]) / 2
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


def draw(
    mesh: Mesh,
    view: View,
    camera: Camera,
    sun: float = 1.0,
    shadow: Shadow | None = None,
    size: tuple[int, int] = (HEIGHT, WIDTH),
) -> Layer:
    """Rasterise and shade a mesh alone.

    Args:
        mesh: What to draw.
        view: The crop.
        camera: Whose light shines.
        sun: Share of sunlight that reaches the place at all.
        shadow: The shadows that the mesh casts on itself, or None.
        size: Height and width of the picture about the view's centre.

    Returns:
        A `Layer`; where the mesh is not, depth is infinite.
    """
    points = view.project(mesh.vertices)
    points[:, :2] += (np.array(size[::-1]) - (WIDTH, HEIGHT)) / 2
    index, weights, depth = rasterize(points, mesh.faces, mesh.coverage, *size)
    hit = index >= 0
    face = index[hit]
    attributes = np.concatenate([mesh.vertices, mesh.normals, mesh.canonical], axis=1)
    attributes = interpolate(attributes.astype(np.float32), mesh.faces, index, weights)
    position, normal, canonical = np.split(attributes, 3, axis=1)
    albedo, gloss = _paint(mesh, mesh.material[face], canonical, normal)
    occlusion = ambient_occlusion(depth)[hit]
    lit = sun * (shadow.lit(position) if shadow else np.ones(len(face)))
    radiance = np.zeros((*size, 3), dtype=np.float32)
    radiance[hit] = _shade(albedo, normal, gloss, lit, occlusion, position, view, camera)
    part = np.zeros(size, dtype=np.uint8)
    part[hit] = mesh.part[face]
    return Layer(radiance, depth, part)


def _paint(mesh: Mesh, material, canonical, normal) -> tuple[np.ndarray, np.ndarray]:
    """Albedo (N, 3) and gloss (N,) of pixels; folds tilt `normal` (N, 3) in place."""
    albedo = np.zeros((len(material), 3), dtype=np.float32)
    gloss = np.zeros(len(material), dtype=np.float32)
    order = np.argsort(material, kind="stable")
    ends = np.searchsorted(material[order], np.arange(len(mesh.materials) + 1))
    for number in np.flatnonzero(np.diff(ends)):
        pixels, look = order[ends[number] : ends[number + 1]], mesh.materials[number]
        points = canonical[pixels]
        albedo[pixels] = look.paint(points)
        gloss[pixels] = look.gloss
        if look.bump:
            folds = points * np.array([1.0, 1.0, 1.9], dtype=np.float32)
            tilt = [noise(folds, 0.055, axis) + noise(folds, 0.12, 9 + axis) for axis in range(3)]
            normal[pixels] += 0.22 * look.bump * np.stack(tilt, axis=1)
    return albedo, gloss


def _shade(albedo, normal, gloss, lit, occlusion, position, view, camera) -> np.ndarray:
    """`raster.shade` in the light of a camera's street."""
    return shade(
        albedo, normal, gloss, lit, occlusion, position,
        view.eye, camera.sun, camera.sun_colour, camera.sky_colour,
    )  # fmt: skip


def draw_background(view: View, camera: Camera, shadow: Shadow, foot: np.ndarray) -> Layer:
    """Ground, wall and furniture behind a person who stands at `foot` (2,) and casts `shadow`."""
    corner = view.centre - np.array([WIDTH, HEIGHT]) / 2 / view.scale
    position, depth, on_ground = trace_street(
        view.eye, view.turn, corner, 1 / view.scale, camera.wall_distance, HEIGHT, WIDTH
    )
    albedo = sample_street(camera.ground, camera.wall, STREET.repeat, position, on_ground)
    light_map = camera.light_map
    lit, sky = street_exposure(
        position, on_ground, foot, camera.wall_distance, light_map.share, light_map.low, LIGHT_STEP
    )
    lit *= shadow.lit(position)
    if camera.sun[1] > 0:  # the sun stands behind the wall, which shades its own front
        lit[~on_ground] = 0.0
    normal = _STREET_NORMALS[on_ground.astype(np.intp)]
    matt = np.zeros(len(position), dtype=np.float32)
    radiance = _shade(albedo, normal, matt, lit, sky, position, view, camera)
    no_part = np.zeros((HEIGHT, WIDTH), np.uint8)
    behind = Layer(radiance.reshape(HEIGHT, WIDTH, 3), depth, no_part)
    return composite(behind, draw(camera.furniture, view, camera))


_STREET_NORMALS = np.array([[0, -1, 0], [0, 0, 1]], dtype=np.float32)


def composite(behind: Layer, front: Layer) -> Layer:
    """Whatever is nearer at each pixel."""
    nearer = front.depth < behind.depth
    return Layer(
        np.where(nearer[:, :, None], front.radiance, behind.radiance),
        np.where(nearer, front.depth, behind.depth),
        np.where(nearer, front.part, behind.part),
    )
