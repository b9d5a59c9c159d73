"""Who walks by: body, hair, clothes and things carried, drawn from a wardrobe many share.

Garments are few and people many, so that a colour alone does not tell an identity: it takes the
combination, the cut, the pattern, the body and what is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.synthetic.body import body_data
from aonet_core.synthetic.paint import Colour, Fabric, HairPaint, SkinPaint


@dataclass(frozen=True)
class Garment:
    """A piece of clothing.

    Attributes:
        cut: What it is: a key of `garments.TOP_CUTS` or `garments.BOTTOM_CUTS`.
        fabric: What it is made of.
    """

    cut: str
    fabric: Fabric


@dataclass(frozen=True)
class Identity:
    """A person as all cameras see it; pose and light change, this does not.

    Attributes:
        coefficients: (R,) body shape for `body.morph`.
        skin: Skin and face.
        hair: Colour and strands.
        hair_style: "bald", "short", "crop", "long", "bun", "ponytail" or "bob".
        top, bottom: The two main garments.
        coat: Worn open over the top, or None.
        shoes: Fabric of the shoes.
        headwear: ("cap" | "beanie" | "hood", colour), or None.
        bag: ("backpack" | "shoulder" | "handbag", colour), or None.
        bag_side: "L" or "R".
        stride: Scale of the gait.
    """

    coefficients: tuple[float, ...]
    skin: SkinPaint
    hair: HairPaint
    hair_style: str
    top: Garment
    bottom: Garment
    shoes: Fabric
    headwear: tuple[str, Colour] | None
    bag: tuple[str, Colour] | None
    bag_side: str
    stride: float


COLOURS: dict[str, Colour] = {
    "black": (0.018, 0.018, 0.02),
    "charcoal": (0.055, 0.057, 0.062),
    "grey": (0.2, 0.2, 0.205),
    "pale_grey": (0.46, 0.46, 0.45),
    "white": (0.8, 0.79, 0.76),
    "cream": (0.66, 0.58, 0.42),
    "beige": (0.44, 0.34, 0.22),
    "brown": (0.12, 0.062, 0.032),
    "olive": (0.115, 0.115, 0.045),
    "forest": (0.02, 0.095, 0.045),
    "mint": (0.32, 0.6, 0.45),
    "navy": (0.014, 0.024, 0.075),
    "blue": (0.03, 0.1, 0.42),
    "sky": (0.24, 0.47, 0.72),
    "teal": (0.015, 0.2, 0.23),
    "red": (0.47, 0.022, 0.026),
    "burgundy": (0.13, 0.013, 0.028),
    "pink": (0.72, 0.28, 0.38),
    "orange": (0.72, 0.2, 0.025),
    "mustard": (0.52, 0.31, 0.03),
    "yellow": (0.78, 0.6, 0.06),
    "purple": (0.14, 0.045, 0.25),
}
DARK = ("black", "charcoal", "navy", "brown", "olive", "forest", "burgundy")
VIVID = ("red", "blue", "teal", "orange", "mustard", "purple", "pink", "mint", "yellow", "forest")
PALE = ("white", "cream", "pale_grey", "sky", "beige", "pink", "mint")
SKIN_TONES = (
    (0.64, 0.43, 0.32), (0.56, 0.36, 0.25), (0.48, 0.29, 0.19), (0.36, 0.2, 0.12),
    (0.23, 0.12, 0.07), (0.13, 0.066, 0.038), (0.07, 0.036, 0.022),
)  # fmt: skip
HAIR_COLOURS = (
    (0.012, 0.01, 0.009), (0.022, 0.014, 0.009), (0.05, 0.026, 0.013), (0.11, 0.055, 0.025),
    (0.36, 0.24, 0.1), (0.2, 0.06, 0.02), (0.34, 0.34, 0.34), (0.6, 0.59, 0.57),
)  # fmt: skip
HAIR_WEIGHTS = np.array([0.22, 0.2, 0.18, 0.13, 0.09, 0.05, 0.08, 0.05])


def sample_identity(rng: np.random.Generator) -> Identity:
    """Draw a person; the same generator state gives the same person."""
    is_man = rng.random() < 0.5
    dresses = not is_man and rng.random() < 0.14
    top = _sample_top(rng, is_man)
    bottom = _sample_bottom(rng, is_man)
    if dresses:
        bottom = Garment("skirt", top.fabric)
    bag = _sample_bag(rng, is_man)
    if bag and bag[0] in ("backpack", "shoulder"):
        mark = "rucksack" if bag[0] == "backpack" else "strap"
        top = Garment(top.cut, _with_mark(top.fabric, mark))
    styles = ("short", "crop", "bald", "bun") if is_man else ("long", "bun", "ponytail", "bob", "short")
    odds = (0.5, 0.27, 0.17, 0.06) if is_man else (0.34, 0.17, 0.22, 0.17, 0.1)
    tone = SKIN_TONES[rng.integers(len(SKIN_TONES))]
    tone = tuple(float(c * rng.uniform(0.9, 1.1)) for c in tone)
    hair = HAIR_COLOURS[rng.choice(len(HAIR_COLOURS), p=HAIR_WEIGHTS)]
    headwear = None
    if rng.random() < 0.2:
        kind = str(rng.choice(["cap", "beanie"]))
        headwear = (kind, COLOURS[str(rng.choice(DARK + VIVID))])
    return Identity(
        coefficients=_sample_body(rng, is_man),
        skin=SkinPaint(
            tone,
            lips=(tone[0] * 0.8, tone[1] * 0.5, tone[2] * 0.52),
            brow=tuple(0.5 * (h + 0.3 * t) for h, t in zip(hair, tone, strict=True)),
            seed=_seed(rng),
        ),
        hair=HairPaint(hair, seed=_seed(rng)),
        hair_style=str(rng.choice(styles, p=odds)),
        top=top,
        bottom=bottom,
        shoes=Fabric("plain", (COLOURS[str(rng.choice(("black", "brown", "white", "grey", "red", "navy", "black")))],)),
        headwear=headwear,
        bag=bag,
        bag_side=str(rng.choice(["L", "R"])),
        stride=float(rng.uniform(0.7, 1.15)),
    )


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 16))


def _with_mark(fabric: Fabric, mark: str) -> Fabric:
    return Fabric(
        fabric.pattern, fabric.colours, fabric.scale, fabric.sleeves, (*fabric.marks, mark), fabric.seed
    )


def _sample_body(rng: np.random.Generator, is_man: bool) -> tuple[float, ...]:
    """A mix of two exported adults of one sex."""
    data = body_data()
    pair = data.coefficients[rng.choice(np.flatnonzero(data.is_man == is_man), 2)]
    share = rng.random()
    return tuple(float(c) for c in share * pair[0] + (1 - share) * pair[1])


def _sample_top(rng: np.random.Generator, is_man: bool) -> Garment:
    cuts = ("tshirt", "longsleeve", "jacket", "hoodie", "coat", "shirt", "vest")
    cut = str(rng.choice(cuts, p=(0.22, 0.18, 0.2, 0.13, 0.12, 0.1, 0.05)))
    if cut in ("jacket", "coat") or rng.random() < 0.3:
        main = str(rng.choice(DARK))
    else:
        main = str(rng.choice(VIVID + PALE))
    other = str(rng.choice(PALE if main in DARK + VIVID else DARK + VIVID))
    third = str(rng.choice(VIVID + PALE))
    pattern = str(
        rng.choice(
            ["plain", "stripes", "checks", "two_tone", "band", "pinstripes", "dots", "blotches"],
            p=[0.5, 0.13, 0.1, 0.08, 0.07, 0.03, 0.03, 0.06],
        )
    )
    marks = ()
    if cut in ("jacket", "hoodie") and rng.random() < 0.6:
        marks = ("zip",)
    elif pattern == "plain" and cut in ("tshirt", "longsleeve", "hoodie") and rng.random() < 0.4:
        marks = ("logo",)
    sleeves = None
    if cut in ("jacket", "hoodie", "longsleeve") and rng.random() < 0.2:
        sleeves = COLOURS[other]
    if cut == "vest":
        sleeves = COLOURS[other]
    colours = (COLOURS[main], COLOURS[other], COLOURS[third])
    needed = {"plain": 1, "checks": 3, "blotches": 3}.get(pattern, 2)
    if "logo" in marks:
        needed = 2
    scale = float(rng.choice([0.045, 0.07, 0.1]))
    return Garment(cut, Fabric(pattern, colours[:needed], scale, sleeves, marks, _seed(rng)))


def _sample_bottom(rng: np.random.Generator, is_man: bool) -> Garment:
    kinds = ("jeans", "trousers", "joggers", "shorts", "skirt", "leggings")
    odds = (0.36, 0.3, 0.13, 0.21, 0.0, 0.0) if is_man else (0.33, 0.19, 0.07, 0.11, 0.18, 0.12)
    kind = str(rng.choice(kinds, p=odds))
    denim = ((0.018, 0.03, 0.075), (0.05, 0.1, 0.22), (0.16, 0.27, 0.44), (0.025, 0.025, 0.03))
    if kind == "jeans":
        fabric = Fabric("plain", (denim[rng.integers(4)],), marks=("fade",), seed=_seed(rng))
        return Garment("trousers", fabric)
    names = DARK + ("grey", "beige", "cream", "white", "blue", "red")
    if kind == "skirt":
        names = names + VIVID
    colour = COLOURS[str(rng.choice(names))]
    marks, colours, pattern = (), (colour,), "plain"
    if kind == "joggers" and rng.random() < 0.7:
        marks, colours = ("side_stripe",), (colour, COLOURS["white" if rng.random() < 0.7 else "yellow"])
    if kind in ("shorts", "skirt") and rng.random() < 0.3:
        pattern, colours = "checks", (colour, COLOURS["grey"], COLOURS[str(rng.choice(PALE))])
    cut = {"joggers": "joggers", "shorts": "shorts", "skirt": "skirt", "leggings": "leggings"}
    fabric = Fabric(pattern, colours, 0.08, marks=marks, seed=_seed(rng))
    return Garment(cut.get(kind, "trousers"), fabric)


def _sample_bag(rng: np.random.Generator, is_man: bool) -> tuple[str, Colour] | None:
    odds = (0.26, 0.12, 0.06, 0.56) if is_man else (0.17, 0.18, 0.17, 0.48)
    kind = str(rng.choice(["backpack", "shoulder", "handbag", "none"], p=odds))
    if kind == "none":
        return None
    return kind, COLOURS[str(rng.choice(("black", "brown", "red", "navy", "olive", "orange", "beige", "teal", "pink", "charcoal")))]
