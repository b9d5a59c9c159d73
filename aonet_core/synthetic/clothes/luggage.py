"""Bags, placed on a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aonet_core.synthetic.body.shape import body_data
from aonet_core.synthetic.clothes.carried import Thing, handle, rounded_box
from aonet_core.synthetic.clothes.garments import TOP_CUTS
from aonet_core.synthetic.clothes.wardrobe import Bag, Identity
from aonet_core.synthetic.colour import colour_of


def carried_things(identity: Identity, rest: np.ndarray, joints: np.ndarray) -> list[Thing]:
    """The things that an identity carries, at the rest body (V, 3) with bones (J, 3)."""
    if identity.bag is None:
        return []
    return BAGS[identity.bag.kind](identity, identity.bag, rest, joints)


def _anchor(rest: np.ndarray, point: tuple[float, float, float]) -> np.ndarray:
    """Where a point beside the canonical body lies beside the morphed one."""
    data = body_data()
    members = np.unique(data.triangles["tights"])
    offset = np.array(point) - data.canonical[members]
    nearest = np.argsort((offset**2).sum(axis=1), kind="stable")[:8]
    return (rest[members[nearest]] + offset[nearest]).mean(axis=0)


def _backpack(identity: Identity, bag: Bag, rest: np.ndarray, joints: np.ndarray) -> list[Thing]:
    loose = TOP_CUTS[identity.top.cut].loose
    fabric = bag.fabric
    dark = replace(fabric, colours=(colour_of(0.55 * c for c in fabric.colours[0]),))
    x, y, z = _anchor(rest, (0.0, 0.05, 0.36))
    y += loose + 0.01
    boxes = [
        rounded_box((0.29, 0.17, 0.42), (x, y + 0.075, z), fabric, roundness=0.42),
        rounded_box((0.23, 0.08, 0.2), (x, y + 0.15, z - 0.09), dark, roundness=0.4),
        rounded_box((0.2, 0.06, 0.09), (x, y + 0.145, z + 0.1), fabric, roundness=0.5),
    ]
    return [Thing(box, "spine02") for box in boxes]


def _shoulder_bag(
    identity: Identity, bag: Bag, rest: np.ndarray, joints: np.ndarray
) -> list[Thing]:
    loose = TOP_CUTS[identity.top.cut].loose
    side = 1.0 if bag.side == "L" else -1.0
    fabric = bag.fabric
    dark = replace(fabric, colours=(colour_of(0.65 * c for c in fabric.colours[0]),))
    x, y, z = _anchor(rest, (-side * 0.19, -0.01, 0.0))
    x -= side * (loose + 0.045)
    boxes = [
        rounded_box((0.1, 0.3, 0.23), (x, y, z), fabric, roundness=0.35),
        rounded_box((0.03, 0.29, 0.13), (x - side * 0.043, y, z + 0.045), dark, roundness=0.35),
    ]
    return [Thing(box, "spine05") for box in boxes]


def _handbag(identity: Identity, bag: Bag, rest: np.ndarray, joints: np.ndarray) -> list[Thing]:
    fabric = bag.fabric
    anchor = joints[body_data().bone_of[f"finger3-2.{bag.side}"]]
    boxes = [
        rounded_box((0.12, 0.3, 0.23), (0, 0, -0.24), fabric, roundness=0.4, gloss=0.15),
        handle(0.17, 0.15, (0.02, 0, -0.145), fabric),
        handle(0.17, 0.15, (-0.02, 0, -0.145), fabric),
    ]
    bone = f"wrist.{bag.side}"
    return [Thing(box, bone, hangs=True, anchor=anchor) for box in boxes]


BAGS = {"backpack": _backpack, "shoulder": _shoulder_bag, "handbag": _handbag}
