"""Periodic textures of the ground and of walls, drawn once per camera."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.paint import Colour, noise

SIZE = 768
"""Side of a texture in pixels; it repeats every `REPEAT` metres."""
REPEAT = 6.0


def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates in metres (S, S) twice, and points (S * S, 3) on a torus, so noise repeats."""
    axis = (np.arange(SIZE) + 0.5) * REPEAT / SIZE
    x, y = np.meshgrid(axis, axis)
    return x, y, np.stack([x.ravel(), y.ravel(), np.zeros(SIZE * SIZE)], axis=1)


def _speckle(rng: np.random.Generator, sizes: tuple[float, ...]) -> np.ndarray:
    """Noise (S, S) in about [-1, 1] summed over feature sizes in metres."""
    points = _grid()[2]
    seeds = rng.integers(1 << 15, size=len(sizes))
    layers = [noise(points, size, int(seed)) for size, seed in zip(sizes, seeds, strict=True)]
    return (sum(layers) / len(layers)).reshape(SIZE, SIZE)


def _joints(x: np.ndarray, y: np.ndarray, wide: float, tall: float, gap: float, offset: float):
    """Tiles: mask of the joints (S, S) and an integer per tile (S, S)."""
    row = np.floor(y / tall)
    shifted = x + offset * wide * np.mod(row, 2)
    column = np.floor(shifted / wide)
    joint = (np.mod(shifted, wide) < gap) | (np.mod(y, tall) < gap)
    return joint, (row * 131 + np.mod(column, round(REPEAT / wide)) * 17).astype(np.int64)


def _tiled(rng, colour: Colour, wide, tall, gap, offset, contrast, joint_shade) -> np.ndarray:
    x, y, _ = _grid()
    joint, tile = _joints(x, y, wide, tall, gap, offset)
    tone = rng.normal(0, contrast, 4096)[tile % 4096]
    shade = 1 + tone + 0.16 * _speckle(rng, (0.012, 0.05, 0.6))
    shade = np.where(joint, joint_shade, shade)
    return np.array(colour) * shade[..., None]


def _asphalt(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    x, y, _ = _grid()
    texture = np.array(colour) * (1 + 0.35 * _speckle(rng, (0.012, 0.03, 1.1)))[..., None]
    across = np.mod(x + 0.35 * y + rng.uniform(0, REPEAT), REPEAT) if rng.random() < 0.5 else y
    worn = _speckle(rng, (0.05,)) > -0.75
    line = (np.abs(across - rng.uniform(1, 5)) < 0.075) & worn
    texture[line] = 0.5
    patch = _speckle(rng, (1.3,)) > 0.45
    texture[patch] *= 0.75
    return texture


def _grass(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    shade = 1 + 0.75 * _speckle(rng, (0.014, 0.03, 0.4))
    texture = np.array(colour) * shade[..., None]
    bare = np.clip(3 * (_speckle(rng, (0.9, 0.3)) - 0.25), 0, 1)[..., None]
    return texture + bare * (np.array([0.2, 0.14, 0.08]) * shade[..., None] - texture)


def _plaster(rng: np.random.Generator, colour: Colour) -> np.ndarray:
    """A plastered wall with a plinth and windows or a shutter."""
    x, y, _ = _grid()
    texture = np.array(colour) * (1 + 0.12 * _speckle(rng, (0.02, 0.2, 1.4)))[..., None]
    return _openings(rng, texture, x, y)


def _openings(rng, texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Add windows, doors, shutters and posters to a wall; y is the height above ground."""
    texture[y < 0.45] *= rng.uniform(0.45, 0.8)
    left = rng.uniform(0.3, 0.8)
    while left < REPEAT - 1.2:
        wide = rng.uniform(0.8, 1.5)
        kind = rng.choice(["window", "door", "shutter", "poster", "none"])
        low, high = {"window": (0.95, 2.3), "poster": (0.9, 2.0)}.get(kind, (0.0, 2.25))
        inside = (x > left) & (x < left + wide) & (y > low) & (y < high)
        frame = (x > left - 0.07) & (x < left + wide + 0.07) & (y > low - 0.07) & (y < high + 0.07)
        if kind != "none":
            texture[frame] = rng.uniform(0.1, 0.7)
        if kind == "window":
            glass = 0.05 + 0.12 * np.clip((y + 0.5 * x - 1.5) % 1.7, 0, 1)
            texture[inside] = (glass[..., None] * np.array([0.8, 0.95, 1.1]))[inside]
            bar = inside & (np.abs(x - left - wide / 2) < 0.03)
            texture[bar] = 0.4
        elif kind == "shutter":
            slats = 0.3 * (0.75 + 0.25 * np.sin(2 * np.pi * y / 0.09))
            texture[inside] = (slats[..., None] * rng.uniform(0.5, 1.2, 3))[inside]
        elif kind == "door":
            panels = 1 - 0.4 * ((np.mod(x - left, wide / 2) < 0.05) | (np.mod(y, 0.75) < 0.05))
            texture[inside] = (panels[..., None] * rng.uniform(0.05, 0.35, 3))[inside]
        elif kind == "poster":
            blocks = rng.uniform(0.1, 0.4) * rng.uniform(0.6, 1.3, (8, 8, 3))
            texture[inside] = blocks[
                (np.mod(y, 2.0) * 4).astype(int)[inside] % 8, (x * 4).astype(int)[inside] % 8
            ]
        left += wide + rng.uniform(0.3, 1.2)
    return texture


def ground_texture(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a ground (S, S, 3) float32 of linear albedo: "paving", "brick", "asphalt" or "grass"."""
    tone = rng.uniform(0.7, 1.3)
    if kind == "paving":
        wide = float(rng.choice([0.3, 0.5, 0.6]))
        texture = _tiled(rng, (0.33 * tone, 0.31 * tone, 0.28 * tone), wide, 0.3, 0.012, 0.5, 0.09, 0.5)
    elif kind == "brick":
        texture = _tiled(rng, (0.24 * tone, 0.11 * tone, 0.075 * tone), 0.2, 0.1, 0.01, 0.5, 0.16, 0.55)
    elif kind == "asphalt":
        texture = _asphalt(rng, (0.085 * tone, 0.087 * tone, 0.09 * tone))
    else:
        texture = _grass(rng, (0.075 * tone, 0.125 * tone, 0.03 * tone))
    return np.clip(texture, 0, 1).astype(np.float32)


def wall_texture(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw a wall (S, S, 3) float32; rows are heights: "brick", "plaster", "concrete", "hedge"."""
    x, y, _ = _grid()
    if kind == "brick":
        tone = rng.uniform(0.7, 1.5)
        texture = _tiled(rng, (0.25 * tone, 0.1 * tone, 0.065 * tone), 0.24, 0.075, 0.012, 0.5, 0.14, 1.5)
        texture = _openings(rng, texture, x, y)
    elif kind == "plaster":
        texture = _plaster(rng, tuple(rng.uniform(0.2, 0.6, 3) * np.array([1.05, 1.0, 0.85])))
    elif kind == "concrete":
        texture = _tiled(rng, (0.3, 0.3, 0.29), 1.5, 1.0, 0.015, 0.0, 0.05, 0.6)
        texture *= (1 - 0.3 * np.clip(_speckle(rng, (0.4, 1.5)), 0, 1))[..., None]
    else:
        shade = 1 + 0.9 * _speckle(rng, (0.02, 0.045, 0.25))
        texture = np.array([0.045, 0.1, 0.025]) * shade[..., None]
    return np.clip(texture, 0, 1).astype(np.float32)
