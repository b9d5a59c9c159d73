"""The inner loops of the renderer, compiled by numba: rasterising, noise, texture look-up."""

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
def _look_up(texture, u, v, result, n):
    """Write the bilinear value of a periodic texture at (u, v) repeats to result[n]."""
    size = texture.shape[0]
    x = (u - np.floor(u)) * size - 0.5
    y = (v - np.floor(v)) * size - 0.5
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    fx, fy = x - x0, y - y0
    left, right, top, bottom = x0 % size, (x0 + 1) % size, y0 % size, (y0 + 1) % size
    for channel in range(3):
        upper = (1 - fx) * texture[top, left, channel] + fx * texture[top, right, channel]
        lower = (1 - fx) * texture[bottom, left, channel] + fx * texture[bottom, right, channel]
        result[n, channel] = (1 - fy) * upper + fy * lower


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
    result = np.empty((len(u), 3), dtype=np.float32)
    for n in range(len(u)):
        _look_up(texture, u[n], v[n], result, n)
    return result


@njit(cache=True)
def sample_street(ground, wall, repeat, position, on_ground):
    """Albedo (N, 3) float32 of a street, lying ground and upright wall.

    Args:
        ground: (S, S, 3) float32 texture.
        wall: (S, S, 3) float32 texture, rows upwards.
        repeat: Metres after which they repeat.
        position: (N, 3) world points.
        on_ground: (N,) bool; the wall elsewhere.
    """
    result = np.empty((len(position), 3), dtype=np.float32)
    for n in range(len(position)):
        u = position[n, 0] / repeat
        if on_ground[n]:
            _look_up(ground, u, position[n, 1] / repeat, result, n)
        else:
            _look_up(wall, u, position[n, 2] / repeat, result, n)
    return result


@njit(cache=True)
def trace_street(eye, turn, corner, step, wall_distance, height, width):
    """Follow a ray through every pixel's middle to the ground z = 0 or to the wall.

    Args:
        eye: (3,) where the camera is.
        turn: (3, 3) rows are the image's right, down and forward axes.
        corner: (2,) normalised image coordinates of the image's upper left corner.
        step: Normalised units a pixel.
        wall_distance: y of the wall.
        height: Rows of the image.
        width: Columns.

    Returns:
        World points (H * W, 3) float32; depth (H, W) float32, along the view axis; whether each is
        on the ground (H * W,) bool.
    """
    position = np.empty((height * width, 3), dtype=np.float32)
    depth = np.empty((height, width), dtype=np.float32)
    on_ground = np.empty(height * width, dtype=np.bool_)
    for row in range(height):
        for column in range(width):
            x, y = corner[0] + (column + 0.5) * step, corner[1] + (row + 0.5) * step
            ray_x = x * turn[0, 0] + y * turn[1, 0] + turn[2, 0]
            ray_y = x * turn[0, 1] + y * turn[1, 1] + turn[2, 1]
            ray_z = x * turn[0, 2] + y * turn[1, 2] + turn[2, 2]
            to_ground = -eye[2] / ray_z if ray_z < -1e-4 else np.inf
            to_wall = (wall_distance - eye[1]) / max(ray_y, 1e-4)
            n = row * width + column
            distance = min(to_ground, to_wall)
            on_ground[n] = to_ground < to_wall
            depth[row, column] = distance
            position[n, 0] = eye[0] + ray_x * distance
            position[n, 1] = eye[1] + ray_y * distance
            position[n, 2] = eye[2] + ray_z * distance
    return position, depth, on_ground


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
