"""A dressed person in one pose, as a mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aonet_core.synthetic.body import (
    body_data,
    bone_transforms,
    morph,
    skin,
    vertex_normals,
)
from aonet_core.synthetic.garments import (
    BOTTOM_CUTS,
    COAT_SKIRT_HEM,
    TOP_CUTS,
    WAIST,
    bottom_coverage,
    regions,
    scalp_coverage,
    shoe_coverage,
    top_coverage,
)
from aonet_core.synthetic.mesh import PART_ID, Material, Mesh, merge
from aonet_core.synthetic.paint import Fabric, noise
from aonet_core.synthetic.pose import sample_pose
from aonet_core.synthetic.things import move, rounded_box
from aonet_core.synthetic.wardrobe import Identity, sample_identity

__all__ = ["Identity", "build_person", "sample_identity"]


@dataclass(frozen=True)
class Layer:
    """A surface of the body, pushed out along its normals and cut by a coverage.

    Attributes:
        surface: Key of `BodyData.triangles`.
        distance: (V,) metres along the rest normal.
        coverage: (V,) signed, negative is discarded.
        material: How it looks.
        part: Label id of all its faces, or None for the body part under each.
    """

    surface: str
    distance: np.ndarray
    coverage: np.ndarray
    material: Material
    part: int | None = None


def build_person(identity: Identity, gait_phase: float, rng: np.random.Generator) -> Mesh:
    """Dress and pose a person.

    Args:
        identity: Who it is.
        gait_phase: Moment of the gait cycle, in [0, 1).
        rng: Small differences of pose between images of one identity.

    Returns:
        A mesh at the origin that faces -y with its lowest point on z = 0.
    """
    rest, joints = morph(np.array(identity.coefficients, dtype=np.float32))
    carries = identity.bag_side if identity.bag and identity.bag[0] == "handbag" else None
    transforms = bone_transforms(joints, sample_pose(gait_phase, identity.stride, rng, carries))
    rest_normals = _rest_normals(rest)
    meshes = [_build_layer(layer, rest, rest_normals, transforms) for layer in _layers(identity)]
    meshes += _things(identity, rest, joints, transforms)
    person = merge([mesh for mesh in meshes if len(mesh.faces)])
    person.vertices[:, 2] -= person.vertices[_seen(person), 2].min()
    return person


def _seen(mesh: Mesh) -> np.ndarray:
    """Vertices that are not cut away."""
    return np.flatnonzero(mesh.coverage >= 0)


def _rest_normals(rest: np.ndarray) -> np.ndarray:
    """Normals (V, 3) of all surfaces at rest; they share no vertices."""
    return vertex_normals(rest, np.concatenate(list(body_data().triangles.values())))


def _layers(identity: Identity) -> list[Layer]:
    """The surfaces of a person from the skin outwards."""
    data, where = body_data(), regions()
    top_cut, bottom_cut = TOP_CUTS[identity.top.cut], BOTTOM_CUTS[identity.bottom.cut]
    top, bottom = top_coverage(top_cut), bottom_coverage(bottom_cut)
    bare = -np.maximum(np.maximum(top, shoe_coverage()), np.where(bottom_cut.skirt, -1, bottom))
    height = data.canonical[:, 2]
    cloth = np.ones_like(height)
    # A top hangs over the waistband and does not follow the small of the back; trousers widen a
    # little towards the ankle.
    over_hips = np.clip((0.2 - height) / 0.25, 0, 1) * (1 - where.arm)
    waist = np.exp(-(((height - 0.17) / 0.1) ** 2)) * (1 - where.arm)
    widen = np.clip((-0.3 - height) / 0.45, 0, 1)
    loose_top = top_cut.loose * (1 + 0.5 * over_hips + 0.9 * waist) + 0.004
    layers = [
        # Skin keeps a narrow rim under each edge, lest a gap shows between edge and skin.
        Layer("body", 0 * cloth, bare + 0.02, Material(identity.skin, gloss=0.12)),
        Layer("tights", 0.010 * cloth, shoe_coverage(), Material(identity.shoes, gloss=0.25)),
        Layer(
            "tights",
            loose_top.astype(np.float32),
            top,
            Material(identity.top.fabric, bump=1.0),
        ),
    ]
    if bottom_cut.skirt:
        skirt = np.minimum(height - bottom_cut.hem, WAIST + 0.05 - height)
        layers.append(
            Layer("skirt", 0.004 * cloth, skirt, Material(identity.bottom.fabric, bump=0.6))
        )
    else:
        distance = bottom_cut.loose * (0.6 + 0.8 * widen)
        layers.append(
            Layer(
                "tights",
                distance.astype(np.float32),
                bottom,
                Material(identity.bottom.fabric, bump=0.8),
            )
        )
    if identity.top.cut == "coat":
        tail = np.minimum(height - COAT_SKIRT_HEM, 0.16 - height)
        layers.append(
            Layer("skirt", 0.022 * cloth, tail, Material(identity.top.fabric, bump=0.8))
        )
    return layers + _hair_layers(identity)


def _hair_layers(identity: Identity) -> list[Layer]:
    """Hair with volume, and what is worn over it."""
    canonical = body_data().canonical
    hair, style = Material(identity.hair, gloss=0.2), identity.hair_style
    on_top = np.clip((canonical[:, 2] - 0.74) / 0.09, 0, 1)
    tufts = 0.5 + 0.5 * noise(canonical, 0.022, identity.hair.seed)
    thickness = {"bald": 0.0, "crop": 0.006, "short": 0.022, "bob": 0.026}.get(style, 0.018)
    layers = []
    hidden = identity.headwear is not None
    if style != "bald":
        low = {"crop": 0.665, "short": 0.65, "bob": 0.60, "long": 0.56}.get(style, 0.655)
        coverage = scalp_coverage(low) + 0.012 * (tufts - 0.5)
        distance = 0.003 + thickness * (0.45 + 0.75 * on_top) * (0.6 + 0.7 * tufts)
        distance = 0.4 * distance if hidden else distance
        layers.append(
            Layer("body", distance.astype(np.float32), coverage, hair, PART_ID["hair"])
        )
    if style in ("long", "bob"):
        end = 0.38 if style == "long" else 0.585
        hanging = np.minimum(canonical[:, 2] - end, 0.8 - canonical[:, 2]).astype(np.float32)
        hanging = np.where(canonical[:, 1] < -0.09, -0.1, hanging).astype(np.float32)
        layers.append(
            Layer(
                "hair",
                np.full(len(canonical), 0.004, np.float32),
                hanging,
                hair,
                PART_ID["hair"],
            )
        )
    if hidden:
        kind, colour = identity.headwear
        fabric = Fabric("plain" if kind == "cap" else "stripes", (colour,) * 2, 0.012)
        edge = scalp_coverage(0.70 if kind == "beanie" else 0.735, forehead=0.785)
        distance = np.full(len(canonical), 0.016 if kind == "beanie" else 0.012, np.float32)
        layers.append(Layer("body", distance, edge, Material(fabric), PART_ID["hair"]))
    return layers


def _build_layer(
    layer: Layer, rest: np.ndarray, rest_normals: np.ndarray, transforms: np.ndarray
) -> Mesh:
    """Push out, drop what the coverage cuts away whole, and pose."""
    data = body_data()
    faces = data.triangles[layer.surface]
    faces = faces[(layer.coverage[faces] >= 0).any(axis=1)]
    source, local = np.unique(faces, return_inverse=True)
    local = local.reshape(-1, 3).astype(np.int32)
    pushed = rest[source] + layer.distance[source, None] * rest_normals[source]
    vertices = skin(pushed, source, transforms)
    if layer.part is None:
        part = np.sort(regions().part[faces], axis=1)[:, 1]  # the middle one: two of three agree
        if layer.surface == "tights" and layer.material.bump:
            # Cloth that falls over the foot still counts as leg.
            part = np.where(part == PART_ID["feet"], PART_ID["lower_legs"], part)
    else:
        part = np.full(len(faces), layer.part)
    return Mesh(
        vertices=vertices.astype(np.float32),
        normals=vertex_normals(vertices, local),
        faces=local,
        canonical=data.canonical[source],
        coverage=layer.coverage[source].astype(np.float32),
        part=part.astype(np.uint8),
        material=np.zeros(len(faces), dtype=np.uint8),
        materials=[layer.material],
    )


def _things(
    identity: Identity, rest: np.ndarray, joints: np.ndarray, transforms: np.ndarray
) -> list[Mesh]:
    """Bags, brims, buns and tails of hair, carried by one bone each."""
    data, things = body_data(), []

    def add(mesh: Mesh, bone: str) -> None:
        things.append(move(mesh, transforms[data.bone_of[bone]]))

    crown = rest[data.triangles["body"], 2].max()
    head = joints[data.bone_of["head"]]
    back = _back_of(rest, head[2] + 0.03, 0.05)
    if identity.hair_style == "bun" and not identity.headwear:
        ball = rounded_box((0.09,) * 3, (0, back, crown - 0.03), identity.hair, PART_ID["hair"], 1)
        add(ball, "head")
    if identity.hair_style == "ponytail":
        tail = (0, back + 0.025, head[2] - 0.04)
        add(rounded_box((0.055, 0.06, 0.27), tail, identity.hair, PART_ID["hair"], 0.9), "head")
    if identity.headwear and identity.headwear[0] == "cap":
        front = rest[(rest[:, 2] > crown - 0.09) & (np.abs(rest[:, 0]) < 0.03), 1].min()
        fabric = Fabric("plain", (identity.headwear[1],))
        brim = (0, front - 0.035, crown - 0.075)
        add(rounded_box((0.15, 0.13, 0.016), brim, fabric, PART_ID["accessory"], 0.8), "head")
    if identity.bag:
        things += _bag(identity, rest, joints, transforms)
    return things


def _back_of(rest: np.ndarray, height: float, half_width: float) -> float:
    """The largest y of the body at a height, near the middle."""
    level = (np.abs(rest[:, 2] - height) < 0.04) & (np.abs(rest[:, 0]) < half_width)
    return float(rest[level, 1].max())


def _bag(
    identity: Identity, rest: np.ndarray, joints: np.ndarray, transforms: np.ndarray
) -> list[Mesh]:
    """The bag, with a pocket or flap in a darker shade."""
    data = body_data()
    kind, colour = identity.bag
    side, sign = identity.bag_side, 1.0 if identity.bag_side == "L" else -1.0
    fabric = Fabric("plain", (colour,), seed=3)
    darker = replace(fabric, colours=(tuple(0.6 * c for c in colour),))
    accessory = PART_ID["accessory"]
    if kind == "backpack":
        bone = "spine02"
        middle = joints[data.bone_of["spine01"]][2] - 0.09
        back = _back_of(rest, middle, 0.06) + 0.02
        boxes = [
            rounded_box((0.29, 0.16, 0.43), (0, back + 0.08, middle), fabric, accessory, 0.45),
            rounded_box((0.22, 0.07, 0.2), (0, back + 0.165, middle - 0.09), darker, accessory),
        ]
    elif kind == "shoulder":
        bone = "spine05"
        hip = rest[(np.abs(rest[:, 2] - 0.02) < 0.05) & (np.abs(rest[:, 0]) < 0.3), 0].max()
        centre = (hip + 0.06, -0.01, 0.02)
        boxes = [
            rounded_box((0.1, 0.3, 0.24), centre, fabric, accessory, 0.35),
            rounded_box((0.03, 0.28, 0.12), (hip + 0.105, -0.01, 0.075), darker, accessory),
        ]
    else:
        bone = f"wrist.{side}"
        wrist = joints[data.bone_of[bone]]
        # The bag hangs along the hand, whose rest direction continues the forearm.
        centre = tuple(wrist + np.array([sign * 0.16, -0.11, -0.24]))
        boxes = [rounded_box((0.11, 0.3, 0.24), centre, fabric, accessory, 0.4, gloss=0.2)]
    return [move(box, transforms[data.bone_of[bone]]) for box in boxes]
