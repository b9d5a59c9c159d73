"""Windows, doors, shop fronts, shutters and posters on the walls of the synthetic town."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.street.textures import STREET, Colour

FRAMES: tuple[Colour, ...] = (
    (0.6, 0.6, 0.58), (0.05, 0.05, 0.055), (0.12, 0.07, 0.04), (0.04, 0.1, 0.07),
    (0.28, 0.28, 0.29),
)  # fmt: skip
DOORS: tuple[Colour, ...] = (
    (0.1, 0.05, 0.03), (0.03, 0.08, 0.06), (0.03, 0.05, 0.12), (0.22, 0.03, 0.03),
    (0.2, 0.2, 0.2), (0.45, 0.44, 0.4), (0.24, 0.15, 0.07),
)  # fmt: skip


def add_openings(rng: np.random.Generator, texture: np.ndarray, shop: bool = False) -> np.ndarray:
    """Add a plinth, windows, doors, shutters and posters to a wall."""
    x, y = STREET.grid()
    plinth = rng.uniform(0.3, 0.6)
    texture[y < plinth] *= rng.uniform(0.4, 0.75)
    texture[np.abs(y - plinth) < 0.015] *= 1.5
    left = rng.uniform(0.3, 0.8)
    frame = FRAMES[rng.integers(len(FRAMES))]
    kinds = ["window", "door", "shutter", "poster", "pipe"]
    odds = [0.1, 0.2, 0.15, 0.1, 0.05] if shop else [0.36, 0.2, 0.16, 0.13, 0.15]
    while left < STREET.repeat - 1.0:
        kind = str(rng.choice(["shop", *kinds], p=[1 - sum(odds), *odds]))
        wide = {"shop": rng.uniform(1.6, 2.3), "pipe": 0.1}.get(kind, rng.uniform(0.8, 1.3))
        wide = min(wide, STREET.repeat - 0.15 - left)
        low, high = {
            "window": (rng.uniform(0.85, 1.1), 2.4), "poster": (0.9, 1.9), "shop": (0.4, 2.5),
            "pipe": (0.0, 6.0),
        }.get(kind, (0.0, 2.25))  # fmt: skip
        u, v = (x - left) / wide, (y - low) / (high - low)  # 0 to 1 inside
        inside = (u > 0) & (u < 1) & (v > 0) & (v < 1)
        border = (
            (np.abs(x - left - wide / 2) < wide / 2 + 0.07) & (y > low - 0.07) & (y < high + 0.07)
        )
        if kind != "pipe":
            texture[border & (y > 0)] = frame
            texture[border & (np.abs(y - low + 0.07) < 0.03)] *= 1.6
        picture = _PICTURES[kind](rng, u, v, wide, high - low, frame)
        # What is set back lies in the shade of its own reveal.
        reveal = (
            1 - 0.55 * np.clip((v - 0.94) / 0.06, 0, 1) - 0.3 * np.clip((0.05 - u) / 0.05, 0, 1)
        )
        texture[inside] = (picture * reveal[..., None])[inside]
        left += wide + rng.uniform(0.25, 0.9)
    return texture


def _glass(rng, u, v, frame, panes: tuple[int, int]) -> np.ndarray:
    """Panes that mirror sky and a street, with bars between them."""
    sky = np.clip(1.4 * v + 0.3 * np.sin(7 * u + rng.uniform(0, 6)) - 0.35, 0.05, 1)
    picture = 0.03 + 0.2 * sky[..., None] * np.array([0.82, 0.95, 1.08])
    bars = (np.mod(u * panes[0] + 0.03, 1) < 0.06) | (np.mod(v * panes[1] + 0.03, 1) < 0.05)
    picture[bars] = frame
    return picture


def _window(rng, u, v, wide, high, frame) -> np.ndarray:
    picture = _glass(rng, u, v, frame, (2, int(rng.integers(1, 3))))
    if rng.random() < 0.6:  # curtains
        drawn = np.abs(u - 0.5) > rng.uniform(0.1, 0.4)
        cloth = 0.3 * (1 + 0.25 * np.sin(u * wide * 60))[..., None] * rng.uniform(0.6, 1.2, 3)
        picture = np.where(drawn[..., None], 0.35 * picture + 0.65 * cloth, picture)
    return picture


def _shop(rng, u, v, wide, high, frame) -> np.ndarray:
    picture = _glass(rng, u, v, frame, (2, 1))
    goods = rng.uniform(0.02, 0.4, (5, 16, 1)) * rng.uniform(0.6, 1.3, (5, 16, 3))
    shelf = goods[np.clip(v * 5, 0, 4).astype(int), np.clip(u * 16, 0, 15).astype(int)]
    shown = (v < 0.62) & (np.mod(v * 5, 1) < 0.75) & (np.mod(u * 16, 1) < 0.8)
    picture = np.where(shown[..., None], 0.5 * picture + 0.4 * shelf, picture)
    fascia = v > 0.82
    picture[fascia] = rng.uniform(0.02, 0.35) * rng.uniform(0.5, 1.4, 3)
    letters = fascia & (np.abs(v - 0.91) < 0.045) & (np.abs(u - 0.5) < 0.35)
    letters &= _lettering(rng, u * 40, 40)
    picture[letters] = 0.7
    return picture


def _lettering(rng, across: np.ndarray, count: int) -> np.ndarray:
    """Strokes and gaps that look like letters from afar."""
    strokes = rng.random(2 * count + 2) < 0.6
    return strokes[np.clip(2 * across, 0, 2 * count).astype(int)]


def _door(rng, u, v, wide, high, frame) -> np.ndarray:
    colour = np.array(DOORS[rng.integers(len(DOORS))])
    panels = 1 - 0.45 * ((np.mod(2 * u + 0.06, 1) < 0.1) | (np.mod(3 * v + 0.04, 1) < 0.06))
    picture = colour * (panels * (1 + 0.1 * np.sin(v * 40)))[..., None]
    if rng.random() < 0.5:
        light = (np.abs(u - 0.5) < 0.3) & (np.abs(v - 0.75) < 0.14)
        picture[light] = (0.06, 0.075, 0.085)
    picture[np.hypot((u - 0.9) * wide, (v - 0.45) * high) < 0.04] = 0.5
    return picture


def _shutter(rng, u, v, wide, high, frame) -> np.ndarray:
    slats = 0.75 + 0.25 * np.sin(2 * np.pi * v * high / 0.085)
    colour = rng.uniform(0.15, 0.4) * rng.uniform(0.85, 1.1, 3)
    picture = colour * slats[..., None]
    if rng.random() < 0.5:  # graffiti
        wave = np.abs(v - 0.45 - 0.16 * np.sin(9 * u + rng.uniform(0, 6)) * np.sin(23 * u)) < 0.035
        picture[wave] = 0.6 * picture[wave] + 0.4 * rng.uniform(0.02, 0.6, 3)
    return picture


def _poster(rng, u, v, wide, high, frame) -> np.ndarray:
    ground, figure = (rng.uniform(0.05, 0.55) * rng.uniform(0.5, 1.4, 3) for _ in range(2))
    picture = ground * (0.7 + 0.6 * v)[..., None]
    blob = np.hypot((u - 0.5) * wide, (v - 0.6) * high) < 0.28
    picture[blob] = figure
    for row in (0.12, 0.2, 0.86):
        line = (np.abs(v - row) < 0.022) & (np.abs(u - 0.5) < 0.38) & _lettering(rng, u * 24, 24)
        picture[line] = 0.75 if ground.mean() < 0.3 else 0.03
    return picture


def _pipe(rng, u, v, wide, high, frame) -> np.ndarray:
    round_shade = 0.35 + 0.65 * np.clip(1 - np.abs(2 * u - 0.8), 0, 1)
    return 0.2 * round_shade[..., None] * rng.uniform(0.7, 1.3) * np.ones(3)


_PICTURES = {
    "window": _window,
    "shop": _shop,
    "door": _door,
    "shutter": _shutter,
    "poster": _poster,
    "pipe": _pipe,
}
