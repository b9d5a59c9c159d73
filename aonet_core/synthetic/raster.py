"""The inner loops of the renderer, compiled by numba: rasterising, noise, texture and shadow
look-up, shading."""

from __future__ import annotations

import numpy as np
from numba import njit

NEAR = 0.2
"""Triangles with a corner nearer than this to the camera, in metres, are not drawn."""


@njit(cache=True)
def rasterize(points, faces, coverage, height, width):
    """Draw triangles into a depth buffer, with perspective-correct interpolation.

    Args:
        points: (V, 3) float32: column and row in pixels, distance along the view axis in metres.
        faces: (F, 3) int32.
        coverage: (V,) float32; fragments whose interpolated value is negative are discarded.
        height: Rows of the image.
        width: Columns.

    Returns:
        Face index (H, W) int32, -1 where nothing is; barycentric weights (H, W, 3) float32; depth
        (H, W) float32, infinite where nothing is.
    """
    depth = np.full((height, width), np.inf, dtype=np.float32)
    index = np.full((height, width), -1, dtype=np.int32)
    weights = np.zeros((height, width, 3), dtype=np.float32)
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        if min(points[a, 2], points[b, 2], points[c, 2]) < NEAR:
            continue
        if coverage[a] < 0 and coverage[b] < 0 and coverage[c] < 0:
            continue
        ax, ay = points[a, 0], points[a, 1]
        bx, by = points[b, 0], points[b, 1]
        cx, cy = points[c, 0], points[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        left = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        right = min(width - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        top = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        bottom = min(height - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        inverse_a, inverse_b, inverse_c = 1 / points[a, 2], 1 / points[b, 2], 1 / points[c, 2]
        for row in range(top, bottom + 1):
            y = row + 0.5
            for column in range(left, right + 1):
                x = column + 0.5
                wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
                wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
                wa = 1.0 - wb - wc
                if wa < 0 or wb < 0 or wc < 0:
                    continue
                total = wa * inverse_a + wb * inverse_b + wc * inverse_c
                distance = 1.0 / total
                if distance >= depth[row, column]:
                    continue
                wa, wb, wc = (
                    wa * inverse_a * distance,
                    wb * inverse_b * distance,
                    wc * inverse_c * distance,
                )
                if wa * coverage[a] + wb * coverage[b] + wc * coverage[c] < 0:
                    continue
                depth[row, column] = distance
                index[row, column] = f
                weights[row, column, 0] = wa
                weights[row, column, 1] = wb
                weights[row, column, 2] = wc
    return index, weights, depth


@njit(cache=True)
def _cell_value(x, y, z, seed):
    mixed = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791) ^ (seed * 40503)
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0x7FFFFFFF
    return ((mixed ^ (mixed >> 16)) & 0xFFFF) / 32767.5 - 1.0


@njit(cache=True)
def value_noise(points, size, seed):
    """Smooth value noise in [-1, 1]; (N, 3) float32 -> (N,) float64."""
    result = np.empty(len(points))
    for n in range(len(points)):
        total = 0.0
        x, y, z = points[n, 0] / size + 999.5, points[n, 1] / size + 999.5, points[n, 2] / size
        x0, y0, z0 = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
        fx, fy, fz = x - x0, y - y0, z - z0
        fx, fy, fz = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy), fz * fz * (3 - 2 * fz)
        for dx in range(2):
            for dy in range(2):
                for dz in range(2):
                    weight = (
                        (fx if dx else 1 - fx) * (fy if dy else 1 - fy) * (fz if dz else 1 - fz)
                    )
                    total += weight * _cell_value(x0 + dx, y0 + dy, z0 + dz, seed)
        result[n] = total
    return result


@njit(cache=True)
def sample_texture(texture, u, v):
    """Bilinear look-up in a periodic texture.

    Args:
        texture: (S, S, 3) float32.
        u: (N,) horizontal coordinate in repeats; any real number.
        v: (N,) vertical coordinate in repeats.

    Returns:
        (N, 3) float32.
    """
    size = texture.shape[0]
    result = np.empty((len(u), 3), dtype=np.float32)
    for n in range(len(u)):
        x = (u[n] - np.floor(u[n])) * size - 0.5
        y = (v[n] - np.floor(v[n])) * size - 0.5
        x0, y0 = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - x0, y - y0
        left, right, top, bottom = x0 % size, (x0 + 1) % size, y0 % size, (y0 + 1) % size
        for channel in range(3):
            upper = (1 - fx) * texture[top, left, channel] + fx * texture[top, right, channel]
            lower = (1 - fx) * texture[bottom, left, channel] + fx * texture[bottom, right, channel]
            result[n, channel] = (1 - fy) * upper + fy * lower
    return result


@njit(cache=True)
def interpolate(attributes, faces, index, weights):
    """Vertex attributes (V, A) at every pixel that shows a face, in row order: (N, A)."""
    height, width = index.shape
    count = 0
    for row in range(height):
        for column in range(width):
            count += index[row, column] >= 0
    result = np.empty((count, attributes.shape[1]), dtype=np.float32)
    n = 0
    for row in range(height):
        for column in range(width):
            f = index[row, column]
            if f < 0:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            wa, wb, wc = weights[row, column, 0], weights[row, column, 1], weights[row, column, 2]
            for k in range(attributes.shape[1]):
                result[n, k] = wa * attributes[a, k] + wb * attributes[b, k] + wc * attributes[c, k]
            n += 1
    return result


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
    """Light that surface points send to the eye: sun, sky, light from the ground, a highlight.

    Args:
        albedo: (N, 3) in linear light.
        normal: (N, 3) of any length and either side.
        gloss: (N,) strength of the highlight.
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
        highlight = 0.0
        if gloss[n] > 0:
            hx, hy, hz = ex + sun[0], ey + sun[1], ez + sun[2]
            length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
            aligned = min(1.0, max(0.0, (nx * hx + ny * hy + nz * hz) / length))
            highlight = 0.25 * gloss[n] * lit[n] * aligned**24
        upward = 0.5 + 0.5 * nz
        for k in range(3):
            ambient = sky_colour[k] * (0.25 + 0.75 * upward) + bounce[k] * (1 - upward)
            light = direct * sun_colour[k] + ambient * occlusion[n]
            result[n, k] = albedo[n, k] * light + highlight * sun_colour[k]
    return result
