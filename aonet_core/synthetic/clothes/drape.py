"""Cloth that hangs: it spans hollows and falls from where the body sticks out."""

from __future__ import annotations

import numpy as np

SECTORS = 40
STEP = 0.02


def drape(
    rest: np.ndarray,
    height: np.ndarray,
    carrier: np.ndarray,
    cloth: np.ndarray,
    fall: float,
    rise: float,
    span: tuple[float, float],
) -> np.ndarray:
    """Move cloth vertices out to where hanging cloth would be.

    About a vertical axis through the body the largest radius of each sector and level is taken.
    Going down it may shrink by no more than `fall` metres a metre, going up by `rise`, so that a
    coat spans the waist and falls straight from the hips.

    Args:
        rest: (V, 3) rest vertices, z up.
        height: (V,) canonical heights, which the levels are made of.
        carrier: (V,) bool, the vertices that carry the cloth.
        cloth: (V,) bool, the vertices to move.
        fall: Largest slope inwards on the way down.
        rise: Largest slope inwards on the way up.
        span: Lowest and highest canonical level; cloth outside is left alone.

    Returns:
        (V, 3) new positions; nothing moves inwards.
    """
    low, high = span
    levels = np.arange(low, high + STEP, STEP)
    body = np.flatnonzero(carrier & (height > low - STEP) & (height < high + STEP))
    level_of = np.clip(np.rint((height[body] - low) / STEP).astype(int), 0, len(levels) - 1)
    centre = _centres(rest[body, :2], level_of, len(levels))
    world = np.interp(levels, *_ascending(height[body], rest[body, 2]))
    offset = rest[body, :2] - centre[level_of]
    field = _field(offset, level_of, np.diff(world), fall, rise)

    moved = rest.copy()
    moving = np.flatnonzero(cloth & (height >= low) & (height <= high))
    position = np.clip((height[moving] - low) / STEP, 0, len(levels) - 1.001)
    index = position.astype(int)
    share = (position - index)[:, None]
    middle = centre[index] * (1 - share) + centre[index + 1] * share
    offset = rest[moving, :2] - middle
    own, turn = _polar(offset)
    column = turn * SECTORS - 0.5
    left = np.floor(column).astype(int)
    between = column - left
    target = np.zeros(len(moving))
    for rows, row_share in ((index, 1 - share[:, 0]), (index + 1, share[:, 0])):
        target += row_share * (1 - between) * field[rows, left % SECTORS]
        target += row_share * between * field[rows, (left + 1) % SECTORS]
    fade = np.clip((high - height[moving]) / 0.08, 0, 1)  # ends softly at the shoulders
    grown = own + fade * np.maximum(target - own, 0)
    moved[moving, :2] = middle + offset * (grown / np.maximum(own, 1e-6))[:, None]
    return moved


def _field(
    offset: np.ndarray, level_of: np.ndarray, gaps: np.ndarray, fall: float, rise: float
) -> np.ndarray:
    """Radius of hanging cloth per level and sector, (L, SECTORS); `gaps` (L - 1,) in metres."""
    radius, turn = _polar(offset)
    field = np.zeros((len(gaps) + 1, SECTORS))
    sector = (turn * SECTORS).astype(int)
    for shift in (-1, 0, 1):  # a vertex stands for its neighbour sectors too
        np.maximum.at(field, (level_of, (sector + shift) % SECTORS), radius)
    for index, gap in enumerate(gaps, start=1):
        field[index] = np.maximum(field[index], field[index - 1] - rise * gap)
    for index in reversed(range(len(gaps))):
        field[index] = np.maximum(field[index], field[index + 1] - fall * gaps[index])
    for _ in range(2):
        field = (np.roll(field, 1, 1) + 2 * field + np.roll(field, -1, 1)) / 4
        field[1:-1] = (field[:-2] + 2 * field[1:-1] + field[2:]) / 4
    return field


def _polar(offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radius and turn in [0, 1) of (N, 2) offsets."""
    turn = np.arctan2(offset[:, 1], offset[:, 0]) / (2 * np.pi) % 1.0
    return np.hypot(offset[:, 0], offset[:, 1]), turn


def _centres(points: np.ndarray, level_of: np.ndarray, count: int) -> np.ndarray:
    """Smoothed middle of the bounding box of every level, (L, 2)."""
    lowest, highest = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(lowest, level_of, points)
    np.maximum.at(highest, level_of, points)
    known = np.isfinite(lowest[:, 0])
    middle = np.where(known[:, None], lowest, 0) / 2 + np.where(known[:, None], highest, 0) / 2
    steps = np.arange(count)
    filled = np.stack([np.interp(steps, steps[known], middle[known, k]) for k in (0, 1)], axis=1)
    padded = np.pad(filled, ((3, 3), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, k], np.ones(7) / 7, "valid") for k in (0, 1)], axis=1)


def _ascending(height: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(height, kind="stable")
    return height[order], np.maximum.accumulate(value[order])
