"""What street things are made of: colours and surfaces to choose from."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.colour import colour_of
from aonet_core.synthetic.street.textures import Colour, Textured

BRIGHT: tuple[Colour, ...] = (
    (0.42, 0.03, 0.03), (0.03, 0.07, 0.3), (0.5, 0.32, 0.03), (0.03, 0.18, 0.1), (0.6, 0.58, 0.54),
    (0.02, 0.02, 0.025), (0.13, 0.05, 0.18), (0.55, 0.17, 0.03), (0.1, 0.3, 0.4), (0.5, 0.2, 0.26),
)  # fmt: skip
METALS: tuple[Colour, ...] = (
    (0.34, 0.35, 0.36), (0.045, 0.05, 0.055), (0.03, 0.06, 0.045), (0.2, 0.2, 0.2),
    (0.5, 0.5, 0.48),
)  # fmt: skip
WOODS: tuple[Colour, ...] = (
    (0.22, 0.13, 0.07), (0.11, 0.06, 0.035), (0.33, 0.27, 0.19), (0.5, 0.48, 0.44),
    (0.05, 0.09, 0.06),
)  # fmt: skip
MASONRY: tuple[tuple[str, Colour], ...] = (
    ("brick", (0.25, 0.105, 0.07)), ("brick", (0.33, 0.24, 0.15)), ("brick", (0.15, 0.085, 0.065)),
    ("stone", (0.3, 0.28, 0.25)), ("stone", (0.24, 0.2, 0.15)), ("concrete", (0.3, 0.3, 0.29)),
    ("concrete", (0.2, 0.2, 0.2)), ("plaster", (0.5, 0.42, 0.3)), ("plaster", (0.45, 0.45, 0.43)),
    ("plaster", (0.36, 0.2, 0.13)), ("blocks", (0.28, 0.28, 0.28)), ("plaster", (0.3, 0.34, 0.36)),
)  # fmt: skip


def one_of(rng: np.random.Generator, choices):
    """One of a sequence."""
    return choices[rng.integers(len(choices))]


def masonry(rng: np.random.Generator) -> Textured:
    """What a wall is built of."""
    kind, tint = one_of(rng, MASONRY)
    tint = colour_of(float(c) for c in np.array(tint) * rng.uniform(0.75, 1.25))
    return Textured(kind, tint, int(rng.integers(3)), float(rng.random()))


def tinted(rng: np.random.Generator, kind: str, tints: tuple[Colour, ...]) -> Textured:
    """A surface in one of some tints, a little paler or darker."""
    tint = colour_of(float(c) for c in np.array(one_of(rng, tints)) * rng.uniform(0.8, 1.2))
    return Textured(kind, tint, int(rng.integers(2)), float(rng.random()))
