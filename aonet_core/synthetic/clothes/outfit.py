"""What a person wears, from the skin outwards, as surfaces in the rest pose."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.body.shape import body_data, vertex_normals
from aonet_core.synthetic.clothes import hair as hairdo
from aonet_core.synthetic.clothes.drape import drape
from aonet_core.synthetic.clothes.garments import (
    BOTTOM_CUTS,
    CROTCH,
    TOP_CUTS,
    WAIST,
    bottom_coverage,
    regions,
    tail_coverage,
    top_coverage,
)
from aonet_core.synthetic.clothes.layers import Surface, from_shell, on_body
from aonet_core.synthetic.clothes.paint import Fabric, eye_paint
from aonet_core.synthetic.clothes.shoes import shoe
from aonet_core.synthetic.clothes.wardrobe import Identity
from aonet_core.synthetic.mesh import PART_ID, Material

RIM = 0.012
"""Skin and inner cloth reach that far under an edge, lest a gap shows, in metres."""


def dress(identity: Identity, rest: np.ndarray) -> list[Surface]:
    """All surfaces of a person whose naked body at rest is (V, 3)."""
    data = body_data()
    normals = vertex_normals(rest, np.concatenate(list(data.triangles.values())))
    top_cut, bottom_cut = TOP_CUTS[identity.top.cut], BOTTOM_CUTS[identity.bottom.cut]
    top, bottom = top_coverage(top_cut), bottom_coverage(bottom_cut)
    height = data.canonical[:, 2]
    if bottom_cut.skirt:
        bottom = np.where(height > bottom_cut.hem + 0.1, WAIST - height, -0.1)
    if top_cut.hem < CROTCH:
        bottom = np.minimum(bottom, top_cut.hem + 0.035 - height)
        covered = np.where(height > top_cut.hem + 0.08, 0.1, -0.1) * (regions().arm < 0.5)
    else:
        covered = top
    footwear = -0.745 - height
    if identity.shoes.shaft is not None:
        bottom = np.minimum(bottom, height - identity.shoes.shaft + RIM)
        footwear = identity.shoes.shaft - height
    bare = -np.maximum.reduce([top, bottom, footwear, np.where(height < 0.3, covered, -1)])
    surfaces = [
        on_body("body", rest, bare + RIM, Material(identity.skin, gloss=0.1)),
        on_body("eyes", rest, np.ones(len(rest)), Material(eye_paint, gloss=0.3)),
    ]
    surfaces += _top(identity, rest, normals, top)
    surfaces += _bottom(identity, rest, normals, bottom, top)
    surfaces += _shoes(identity, rest, normals)
    surfaces += _head(identity, rest)
    return [surface for surface in surfaces if len(surface.faces)]


def _top(
    identity: Identity, rest: np.ndarray, normals: np.ndarray, coverage: np.ndarray
) -> list[Surface]:
    """The top, its tail below the crotch, and straps that lie on it."""
    data, where = body_data(), regions()
    cut = TOP_CUTS[identity.top.cut]
    cloth = rest + normals * _thickness(cut.loose, identity)[:, None]
    torso = where.arm < 0.35
    skirt = np.zeros(len(rest), dtype=bool)
    skirt[np.unique(data.triangles["skirt"])] = True
    tights = np.zeros(len(rest), dtype=bool)
    tights[np.unique(data.triangles["tights"])] = True
    legs = np.isin(where.part, (PART_ID["upper_legs"], PART_ID["lower_legs"], PART_ID["feet"]))
    carrier = torso & (tights | skirt) & ~(legs & tights & (data.canonical[:, 2] < -0.1))
    cloth = drape(
        cloth, data.canonical[:, 2], carrier, torso & (tights | skirt),
        fall=cut.fall, rise=0.25 + cut.fall, span=(-0.1, 0.5),
    )  # fmt: skip
    material = Material(identity.top.fabric, bump=identity.top.bump)
    surfaces = []
    if cut.hem < CROTCH:
        seam = 0.1
        coverage = np.where(
            where.arm > 0.5, coverage, np.minimum(coverage, data.canonical[:, 2] - seam + 0.02)
        )
        tail = tail_coverage(cut.hem, seam + 0.02)
        surfaces.append(on_body("skirt", _hung(cloth), tail, material))
    surfaces.insert(0, on_body("tights", cloth, coverage, material))
    for strap, fabric in _straps(identity):
        lifted = cloth + 0.007 * normals
        band = np.minimum(strap, coverage - 0.01)
        surfaces.append(on_body("tights", lifted, band, Material(fabric), PART_ID["accessory"]))
    return surfaces


def _thickness(loose: float, identity: Identity) -> np.ndarray:
    """Distance of the top from the skin (V,), with a hood or collar where the cut has one."""
    x, y, z = body_data().canonical.T
    distance = np.full(len(x), loose)
    if identity.top.cut in ("hoodie", "parka"):
        hood = np.exp(-((x / 0.085) ** 2) - ((z - 0.565) / 0.045) ** 2)
        distance += 0.05 * hood * np.clip((y + 0.05) / 0.05, 0, 1)
        distance += 0.018 * np.exp(-(((regions().neck - 0.075) / 0.025) ** 2)) * (z > 0.5)
    if identity.top.cut == "puffer":
        distance += 0.007 * np.cos(2 * np.pi * z / 0.075) * (regions().arm < 0.5)
    if identity.top.cut in ("hoodie", "jacket", "puffer"):  # gathered at the hem
        distance -= 0.4 * loose * np.exp(-(((z + 0.03) / 0.025) ** 2))
    return distance


def _hung(cloth: np.ndarray) -> np.ndarray:
    """The skirt surface wide enough to hide the trousers that walk under it."""
    lower = np.clip((0.1 - body_data().canonical[:, 2]) / 0.3, 0, 1)[:, None]
    centre = np.array([0.0, cloth[:, 1].mean(), 0.0])
    return (cloth - centre) * (1 + lower * [0.05, 0.25, 0.0]) + centre


def _straps(identity: Identity) -> list[tuple[np.ndarray, Fabric]]:
    """Coverage (V,) of a bag's straps, to be cut from the top's surface, and their cloth."""
    x, y, z = body_data().canonical.T
    arm = regions().arm > 0.45
    if not identity.bag or identity.bag.kind == "handbag":
        return []
    if identity.bag.kind == "backpack":
        across = np.abs(np.abs(x) - 0.098 - 0.06 * np.clip(0.45 - z, 0, 1))
        band = np.minimum(0.021 - across, z - 0.24)
    else:
        side = 1.0 if identity.bag.side == "L" else -1.0
        line = (side * x * 0.86 + (z - 0.3) * 0.51) - 0.005
        band = np.minimum(0.02 - np.abs(line), z + 0.0)
    return [(np.where(arm, -0.1, band), identity.bag.fabric)]


def _bottom(
    identity: Identity,
    rest: np.ndarray,
    normals: np.ndarray,
    coverage: np.ndarray,
    covered: np.ndarray,
) -> list[Surface]:
    """Trousers, shorts or a skirt."""
    data = body_data()
    x, _, z = data.canonical.T
    cut = BOTTOM_CUTS[identity.bottom.cut]
    material = Material(identity.bottom.fabric, bump=identity.bottom.bump)
    cloth = rest + cut.loose * normals
    under_top = RIM + 0.015 - np.where(regions().arm > 0.5, -1, covered)
    if cut.skirt:
        tail = np.minimum(tail_coverage(cut.hem, WAIST), under_top)
        lower = np.clip((0.05 - z) / 0.4, 0, 1)[:, None]
        middle = np.array([0.0, rest[:, 1].mean(), 0.0])
        cloth = (cloth - middle) * (1 + cut.flare * lower * [0.4, 2.0, 0.0]) + middle
        return [on_body("skirt", cloth, tail, material)]
    tights = np.zeros(len(rest), dtype=bool)
    tights[np.unique(data.triangles["tights"])] = True
    # Under a coat the trousers stay slim, lest they come through it.
    top = min(-0.09, TOP_CUTS[identity.top.cut].hem)
    for side in (-1, 1):
        leg = tights & (side * x > 0) & (z < -0.08)
        cloth = drape(cloth, z, leg, leg, fall=cut.fall, rise=5.0, span=(cut.hem - 0.02, top))
    if identity.bottom.cut == "joggers":
        cloth += normals * (0.012 * np.exp(-(((z + 0.66) / 0.04) ** 2)))[:, None]
    return [on_body("tights", cloth, np.minimum(coverage, under_top), material)]


def _shoes(identity: Identity, rest: np.ndarray, normals: np.ndarray) -> list[Surface]:
    """A pair of shoes, with a shaft where they are boots."""
    material = Material(identity.shoes, gloss=0.25)
    surfaces = [from_shell(shoe(side), rest, material, PART_ID["feet"]) for side in ("L", "R")]
    if identity.shoes.shaft is not None:
        height = body_data().canonical[:, 2]
        shaft = np.minimum(identity.shoes.shaft - height, height + 0.79)
        surfaces.append(on_body("tights", rest + 0.012 * normals, shaft, material))
    return surfaces


def _head(identity: Identity, rest: np.ndarray) -> list[Surface]:
    """Hair and headwear."""
    surfaces = []
    hair = Material(identity.hair, gloss=0.15, bump=0.3)
    style, seed = identity.hair_style, identity.hair.seed % 8
    hair_part = PART_ID["hair"]
    if style != "bald":
        shape = hairdo.STYLES[style]
        pressed = identity.headwear is not None
        surfaces.append(from_shell(hairdo.scalp(style, seed, pressed), rest, hair, hair_part))
        if shape.length is not None:
            hanging = hairdo.curtain(style, seed, pressed)
            surfaces.append(from_shell(hanging, rest, hair, hair_part))
        if shape.knot and not (shape.knot == "topknot" and identity.headwear):
            surfaces.append(from_shell(hairdo.knot(shape.knot), rest, hair, hair_part))
    if identity.headwear:
        kind, colour = identity.headwear
        fabric = Fabric("ribs" if kind == "beanie" else "plain", (colour,) * 2, 0.012)
        surfaces.append(from_shell(hairdo.hat(kind), rest, Material(fabric), PART_ID["head"]))
        if kind == "cap":
            brim = hairdo.brim()
            surfaces.append(from_shell(brim, rest, Material(fabric), PART_ID["accessory"]))
    return surfaces
