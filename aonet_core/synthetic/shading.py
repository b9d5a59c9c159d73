"""Light: sun with shadows, sky, ground bounce, reflections, dark corners."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.ndimage import uniform_filter

from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.raster import rasterize


@njit(cache=True)
def shadow_share(depth, axes, low, scale, near, position):
    """Share of sunlight (N,) at world points (N, 3), softened over four texels.

    Args:
        depth: (S, S) distances from the sun, infinite where nothing is.
        axes: (3, 3) rows are the map's right, down and away from the sun.
        low: (2,) coordinates of the map's corner.
        scale: Texels per metre.
        near: Distance of the map's plane.
        position: (N, 3) points.
    """
    size = depth.shape[0]
    result = np.empty(len(position))
    shifts = (-1.0, 0.5)
    for n in range(len(position)):
        x = y = z = 0.0
        for k in range(3):
            x += axes[0, k] * position[n, k]
            y += axes[1, k] * position[n, k]
            z += axes[2, k] * position[n, k]
        x, y = (x - low[0]) * scale + 1, (y - low[1]) * scale + 1
        distance = z - near - 0.035
        total = 0.0
        for dx in shifts:
            for dy in shifts:
                column, row = int(np.floor(x + dx)), int(np.floor(y + dy))
                inside = 0 <= column < size and 0 <= row < size
                total += 1.0 if not inside or depth[row, column] > distance else 0.0
        result[n] = total / 4
    return result


@njit(cache=True)
def shade(albedo, normal, gloss, lit, occlusion, position, eye, sun, sun_colour, sky_colour):
    """Light that surface points send to the eye: sun, sky, light from the ground, reflections.

    Args:
        albedo: (N, 3) in linear light.
        normal: (N, 3) of any length and either side.
        gloss: (N,) how much it mirrors, 0 to 1.
        lit: (N,) share of sunlight that arrives.
        occlusion: (N,) share of sky light that arrives.
        position: (N, 3) world points.
        eye: (3,) where the camera is.
        sun: (3,) unit vector towards the sun.
        sun_colour: (3,) its light.
        sky_colour: (3,) the sky's.

    Returns:
        (N, 3) float32.
    """
    result = np.empty((len(albedo), 3), dtype=np.float32)
    bounce = (0.22, 0.209, 0.194)
    for n in range(len(albedo)):
        ex, ey, ez = eye[0] - position[n, 0], eye[1] - position[n, 1], eye[2] - position[n, 2]
        length = np.sqrt(ex * ex + ey * ey + ez * ez)
        ex, ey, ez = ex / length, ey / length, ez / length
        nx, ny, nz = normal[n, 0], normal[n, 1], normal[n, 2]
        length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
        if nx * ex + ny * ey + nz * ez < 0:
            length = -length
        nx, ny, nz = nx / length, ny / length, nz / length
        direct = max(0.0, nx * sun[0] + ny * sun[1] + nz * sun[2]) * lit[n]
        highlight = mirrored = 0.0
        if gloss[n] > 0:
            facing = nx * ex + ny * ey + nz * ez
            hx, hy, hz = ex + sun[0], ey + sun[1], ez + sun[2]
            length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
            aligned = min(1.0, max(0.0, (nx * hx + ny * hy + nz * hz) / length))
            highlight = gloss[n] * lit[n] * (0.2 * aligned**24 + 0.8 * gloss[n] * aligned**180)
            # The mirrored ray meets the sky, a band of houses, or the street.
            up = 2 * facing * nz - ez
            scene = 0.25 if up < 0 else 0.12 + min(1.0, max(0.0, (up - 0.18) / 0.12))
            mirrored = gloss[n] * (0.06 + 0.7 * (1 - facing) ** 4) * scene * occlusion[n]
        upward = 0.5 + 0.5 * nz
        for k in range(3):
            ambient = sky_colour[k] * (0.25 + 0.75 * upward) + bounce[k] * (1 - upward)
            light = direct * sun_colour[k] + ambient * occlusion[n]
            result[n, k] = (
                albedo[n, k] * light + highlight * sun_colour[k] + 1.6 * mirrored * sky_colour[k]
            )
    return result


@njit(cache=True)
def street_exposure(position, on_ground, foot, wall_distance, light_map, low, step):
    """Share of sun and of sky that reaches points of the street.

    Args:
        position: (N, 3) world points.
        on_ground: (N,) bool; on the wall elsewhere.
        foot: (2,) where somebody stands, who darkens the ground about the feet.
        wall_distance: y of the wall, which darkens the ground along its foot.
        light_map: (R, C, 2) float32 of the ground: share of sun and of sky; rows along y.
        low: (2,) x and y of its corner.
        step: Metres a cell.

    Returns:
        (N,) float32 share of sun, without the person's shadow, and (N,) share of sky.
    """
    lit = np.ones(len(position), dtype=np.float32)
    sky = np.ones(len(position), dtype=np.float32)
    rows, columns = light_map.shape[0], light_map.shape[1]
    for n in range(len(position)):
        if not on_ground[n]:
            sky[n] = 1 - 0.3 * np.exp(-position[n, 2] / 0.3)
            continue
        x, y = position[n, 0], position[n, 1]
        u, v = (x - low[0]) / step - 0.5, (y - low[1]) / step - 0.5
        column, row = int(np.floor(u)), int(np.floor(v))
        if 0 <= column < columns - 1 and 0 <= row < rows - 1:
            fu, fv = u - column, v - row
            for k in range(2):
                upper = (1 - fu) * light_map[row, column, k] + fu * light_map[row, column + 1, k]
                lower = (1 - fu) * light_map[row + 1, column, k]
                lower += fu * light_map[row + 1, column + 1, k]
                value = (1 - fv) * upper + fv * lower
                if k == 0:
                    lit[n] = value
                else:
                    sky[n] = value
        away = ((x - foot[0]) ** 2 + (y - foot[1]) ** 2) / 0.28**2
        if away < 9:
            sky[n] *= 1 - 0.6 * np.exp(-away)
        sky[n] *= 1 - 0.45 * np.exp(-(wall_distance - y) / 0.35)
    return lit, sky


def ambient_occlusion(depth: np.ndarray) -> np.ndarray:
    """Share of sky light (H, W) at what is drawn: less for what lies behind its surroundings.

    Args:
        depth: (H, W) metres, infinite where nothing is; H and W even.
    """
    small = depth[::2, ::2]
    hit = np.isfinite(small)
    filled = np.where(hit, small, 0.0).astype(np.float32)
    share = uniform_filter(hit.astype(np.float32), 13)
    behind = filled - uniform_filter(filled, 13) / np.maximum(share, 1e-3)
    small_result = 1 - 0.55 * np.clip(behind / 0.12, 0, 1) * hit
    return small_result.repeat(2, axis=0).repeat(2, axis=1)


class Shadow:
    """A shadow map: what the sun sees of a mesh, orthographically."""

    def __init__(self, mesh: Mesh, sun: np.ndarray, size: int = 224) -> None:
        """Render the mesh from the sun.

        Args:
            mesh: What casts the shadow.
            sun: (3,) unit vector towards the sun.
            size: Side of the map in texels.
        """
        side = np.cross(sun, [0, 0.02, 1.0])
        side /= np.linalg.norm(side)
        self.axes = np.stack([side, np.cross(sun, side), -sun])
        local = mesh.vertices @ self.axes.T
        low, high = local[:, :2].min(axis=0), local[:, :2].max(axis=0)
        self.low, self.scale = low, (size - 2) / (high - low).max()
        self.near = local[:, 2].min() - 1.0
        points = np.concatenate(
            [(local[:, :2] - low) * self.scale + 1, local[:, 2:] - self.near], axis=1
        )
        self.depth = rasterize(points.astype(np.float32), mesh.faces, mesh.coverage, size, size)[2]

    def lit(self, position: np.ndarray) -> np.ndarray:
        """Share of sunlight (N,) that reaches world points (N, 3)."""
        return shadow_share(self.depth, self.axes, self.low, self.scale, self.near, position)
