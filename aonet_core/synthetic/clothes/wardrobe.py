"""Who walks by: body, hair, clothes and things carried, drawn from a wardrobe many share.

The wardrobe is small and fixed, and people are many, so that no garment alone tells an identity: it
takes the combination, the body, the hair and what is carried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aonet_core.synthetic.body.shape import body_data
from aonet_core.synthetic.clothes.catalogue import Garment, bottoms, pick, tops
from aonet_core.synthetic.clothes.paint import Colour, Fabric, HairPaint, ShoePaint, SkinPaint
from aonet_core.synthetic.clothes.palette import (
    BARE_BOTTOMS,
    BOTTOM_ODDS,
    COLOURS,
    DARK,
    HAIR_COLOURS,
    HAIR_ODDS,
    PALE,
    SKIN_TONES,
    STYLE_ODDS,
    SUMMER_TOPS,
    TOP_ODDS,
    VIVID,
)
from aonet_core.synthetic.colour import colour_of


@dataclass(frozen=True)
class Bag:
    """What is carried: "backpack", "shoulder" or "handbag", its cloth and its side, "L" or "R"."""

    kind: str
    fabric: Fabric
    side: str


@dataclass(frozen=True)
class Identity:
    """A person as all cameras see it; pose and light change, this does not.

    Attributes:
        coefficients: (R,) body shape for `body.morph`.
        stature: Height in metres.
        skin: Skin and face.
        hair: Colour and strands.
        hair_style: A key of `hair.STYLES`, or "bald".
        top, bottom: The two garments.
        shoes: What is worn on the feet.
        headwear: ("cap" | "beanie", colour), or None.
        bag: What is carried, or None.
        stride: Scale of the gait.
    """

    coefficients: tuple[float, ...]
    stature: float
    skin: SkinPaint
    hair: HairPaint
    hair_style: str
    top: Garment
    bottom: Garment
    shoes: ShoePaint
    headwear: tuple[str, Colour] | None
    bag: Bag | None
    stride: float


def sample_identity(rng: np.random.Generator) -> Identity:
    """Draw a person; the same generator state gives the same person."""
    is_man = bool(rng.random() < 0.5)
    bottom = _choose(rng, bottoms(), BOTTOM_ODDS, is_man)
    top = _choose(rng, tops(), TOP_ODDS, is_man)
    while bottom.cut in BARE_BOTTOMS and top.cut not in SUMMER_TOPS:
        top = _choose(rng, tops(), TOP_ODDS, is_man)
    if bottom.cut in ("skirt", "midi") and rng.random() < 0.4:  # a dress
        bottom = replace(bottom, fabric=replace(top.fabric, marks=()))
    tone = SKIN_TONES[rng.integers(len(SKIN_TONES))]
    tone = colour_of(float(c * f) for c, f in zip(tone, rng.uniform(0.88, 1.1, 3), strict=True))
    colour = HAIR_COLOURS[rng.choice(len(HAIR_COLOURS), p=HAIR_ODDS)]
    if max(tone) < 0.25 and max(colour) > 0.06 and rng.random() < 0.8:
        colour = HAIR_COLOURS[0]
    style = _style(rng, is_man, dark_skin=max(tone) < 0.25)
    return Identity(
        coefficients=_sample_body(rng, is_man),
        stature=float(np.clip(rng.normal(*((1.77, 0.07) if is_man else (1.65, 0.065))), 1.5, 1.97)),
        skin=SkinPaint(
            tone,
            lips=(tone[0] * 0.82, tone[1] * 0.55, tone[2] * 0.56),
            brow=colour_of(0.8 * h + 0.15 * t for h, t in zip(colour, tone, strict=True)),
            beard=float(rng.choice([0.0, 0.35, 0.85], p=[0.6, 0.2, 0.2])) if is_man else 0.0,
            seed=int(rng.integers(64)),
        ),
        hair=HairPaint(colour, seed=int(rng.integers(64))),
        hair_style=style,
        top=top,
        bottom=bottom,
        shoes=_shoes(rng, is_man, bottom),
        headwear=_headwear(rng, style),
        bag=_bag(rng, is_man),
        stride=float(rng.uniform(0.7, 1.1)),
    )


def _choose(
    rng: np.random.Generator, shelf: tuple[Garment, ...], odds: dict, is_man: bool
) -> Garment:
    """A garment of the shelf, each cut as often as that sex wears it."""
    cuts = [garment.cut for garment in shelf]
    weights = np.array([odds[cut][0 if is_man else 1] / cuts.count(cut) for cut in cuts])
    return shelf[rng.choice(len(shelf), p=weights / weights.sum())]


def _style(rng: np.random.Generator, is_man: bool, dark_skin: bool) -> str:
    weights = np.array([pair[0 if is_man else 1] for pair in STYLE_ODDS.values()], dtype=float)
    if dark_skin:
        curls = np.array([name in ("curly", "afro", "crop", "bun") for name in STYLE_ODDS])
        weights *= np.where(curls, 3.0, 0.5)
    return list(STYLE_ODDS)[rng.choice(len(weights), p=weights / weights.sum())]


def _sample_body(rng: np.random.Generator, is_man: bool) -> tuple[float, ...]:
    """A mix of two exported adults of one sex, closer to one of them."""
    data = body_data()
    pair = data.coefficients[rng.choice(np.flatnonzero(data.is_man == is_man), 2)]
    share = rng.uniform(0.7, 1.0)
    return tuple(float(c) for c in share * pair[0] + (1 - share) * pair[1])


def _shoes(rng: np.random.Generator, is_man: bool, bottom: Garment) -> ShoePaint:
    kind = str(rng.choice(["trainer", "leather", "boot"], p=[0.6, 0.27, 0.13]))
    if kind == "trainer":
        upper = pick(rng, ("white", "white", "black", "grey", "navy", "red", "blue", "pale_grey"))
        stripe = pick(rng, PALE + DARK) if rng.random() < 0.5 else None
        return ShoePaint(
            upper, sole=COLOURS["white" if rng.random() < 0.7 else "black"], stripe=stripe
        )
    upper = pick(rng, ("black", "black", "brown", "camel", "burgundy", "charcoal"))
    high = kind == "boot" and bottom.cut not in ("trousers", "wide", "joggers", "shorts")
    return ShoePaint(
        upper, sole=(0.012, 0.011, 0.01), shaft=float(rng.choice([-0.6, -0.46])) if high else None
    )


def _headwear(rng: np.random.Generator, style: str) -> tuple[str, Colour] | None:
    if style in ("afro", "topknot", "curly") or rng.random() > 0.17:
        return None
    return str(rng.choice(["cap", "cap", "beanie"])), pick(rng, DARK + VIVID)


def _bag(rng: np.random.Generator, is_man: bool) -> Bag | None:
    odds = (0.28, 0.13, 0.05, 0.54) if is_man else (0.18, 0.19, 0.17, 0.46)
    kind = str(rng.choice(["backpack", "shoulder", "handbag", "none"], p=odds))
    names = ("black", "black", "brown", "camel", "red", "navy", "olive", "orange", "beige", "teal",
             "pink", "charcoal", "mustard")  # fmt: skip
    colour, side = pick(rng, names), "LR"[rng.integers(2)]
    return None if kind == "none" else Bag(kind, Fabric("plain", (colour,), seed=3), side)
