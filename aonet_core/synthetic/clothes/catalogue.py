"""The garments there are: a small fixed stock that everyone picks from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aonet_core.synthetic.clothes.paint import Colour, Fabric
from aonet_core.synthetic.clothes.palette import (
    BOTTOM_ODDS,
    CHINOS,
    COLOURS,
    CONTRAST,
    DARK,
    DENIM,
    OUTER_TOPS,
    PALE,
    TOP_ODDS,
    VIVID,
)

NUM_TOPS, NUM_BOTTOMS = 48, 32
"""About how many different tops and bottoms the wardrobe holds."""


@dataclass(frozen=True)
class Garment:
    """A piece of clothing.

    Attributes:
        cut: A key of `garments.TOP_CUTS` or `garments.BOTTOM_CUTS`.
        fabric: What it is made of.
        bump: Strength of its folds.
    """

    cut: str
    fabric: Fabric
    bump: float = 0.8


@lru_cache(maxsize=1)
def tops() -> tuple[Garment, ...]:
    """All tops there are."""
    rng = np.random.default_rng(20)
    inner, outer = _spread(rng, VIVID + PALE + DARK), _spread(rng, DARK + DARK + VIVID + PALE)
    return tuple(
        _make_top(rng, cut, COLOURS[next(outer if cut in OUTER_TOPS else inner)])
        for cut in _registry(TOP_ODDS, NUM_TOPS)
    )


@lru_cache(maxsize=1)
def bottoms() -> tuple[Garment, ...]:
    """All bottoms there are."""
    rng = np.random.default_rng(30)
    cloth, denim = _spread(rng, CHINOS), _spread(rng, DENIM)
    return tuple(
        _make_bottom(rng, cut, cloth, denim) for cut in _registry(BOTTOM_ODDS, NUM_BOTTOMS)
    )


def _spread(rng: np.random.Generator, choices: tuple) -> Iterator:
    """All choices in shuffled order, again and again: a shelf shows every colour."""
    while True:
        yield from (choices[index] for index in rng.permutation(len(choices)))


def _registry(odds: dict[str, tuple[int, int]], count: int) -> list[str]:
    """About `count` cuts, each as often as people wear it and at least once."""
    total = sum(map(sum, odds.values()))
    return [
        cut for cut, pair in odds.items() for _ in range(max(1, round(sum(pair) * count / total)))
    ]


def pick(rng: np.random.Generator, names: tuple[str, ...]) -> Colour:
    """A colour by a name drawn evenly."""
    return COLOURS[names[rng.integers(len(names))]]


def _make_top(rng: np.random.Generator, cut: str, main: Colour) -> Garment:
    outer = cut in OUTER_TOPS
    other = pick(rng, PALE if max(main) < 0.2 else CONTRAST)
    third = pick(rng, VIVID + PALE)
    patterns: Sequence[str] = ("plain", "two_tone", "checks")
    odds: Sequence[float] = (0.8, 0.1, 0.1)
    if not outer:
        patterns = ("plain", "stripes", "checks", "two_tone", "band", "dots", "blotches")
        odds = (0.45, 0.2, 0.13, 0.07, 0.07, 0.03, 0.05)
    if cut in ("puffer", "turtleneck"):
        patterns, odds = ("plain", "two_tone"), (0.8, 0.2)
    pattern = str(rng.choice(patterns, p=odds))
    marks = []
    if cut in ("jacket", "hoodie", "parka", "coat") and rng.random() < 0.4:
        marks = ["open"]
    elif cut in ("jacket", "puffer", "parka") or (cut == "hoodie" and rng.random() < 0.5):
        marks = ["zip"]
    elif cut in ("blazer", "coat"):
        marks = ["lapel", "buttons"]
    elif cut in ("shirt", "rolled", "polo"):
        marks = ["buttons"]
    elif pattern == "plain" and cut in ("tshirt", "longsleeve", "hoodie") and rng.random() < 0.5:
        marks = ["logo"]
    if cut == "puffer":
        marks.append("quilt")
    contrast = cut in ("jacket", "hoodie", "longsleeve", "tshirt") and rng.random() < 0.22
    needed = 3 if pattern in ("checks", "blotches") else 2 if pattern != "plain" or marks else 1
    fabric = Fabric(
        pattern,
        (main, other, third)[:needed],
        scale=float(rng.choice([0.04, 0.06, 0.09])),
        sleeves=other if contrast else None,
        marks=tuple(marks),
        inner=pick(rng, PALE + VIVID[:4] + DARK[:3]),
        seed=int(rng.integers(1 << 16)),
        worn=True,
    )
    return Garment(cut, fabric, bump=0.5 if cut in ("fitted", "turtleneck", "tank") else 0.9)


def _make_bottom(rng: np.random.Generator, cut: str, cloth: Iterator, denim: Iterator) -> Garment:
    seed = int(rng.integers(1 << 16))
    if cut in ("trousers", "slim", "cropped", "shorts", "wide") and rng.random() < 0.5:
        return Garment(cut, Fabric("plain", (next(denim),), marks=("fade",), seed=seed))
    colour, other = COLOURS[next(cloth)], pick(rng, (*PALE, "yellow"))
    if cut in ("skirt", "midi", "mini"):
        colour = pick(rng, DARK + VIVID + PALE)
    elif cut == "leggings":
        colour = pick(rng, DARK)
    pattern, marks = "plain", tuple[str, ...]()
    if cut == "joggers" or (cut == "shorts" and rng.random() < 0.4):
        marks = ("side_stripe",) if rng.random() < 0.7 else ()
    elif cut in ("skirt", "midi", "shorts") and rng.random() < 0.35:
        pattern = str(rng.choice(["checks", "dots", "stripes"]))
    colours = (colour, other) if pattern != "checks" else (colour, other, pick(rng, DARK))
    fabric = Fabric(pattern, colours, 0.07, marks=marks, seed=seed)
    return Garment(cut, fabric, bump=0.2 if cut == "leggings" else 0.8)
