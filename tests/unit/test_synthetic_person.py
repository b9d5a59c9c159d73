"""The synthetic person: data, body, pose, cloth and paints."""

from __future__ import annotations

import numpy as np
import pytest

from aonet_core.synthetic.body.shape import (
    BODY_FILE,
    body_data,
    bone_transforms,
    morph,
    rotation,
    skin,
    vertex_normals,
)
from aonet_core.synthetic.body.walk import cycle, sample_pose
from aonet_core.synthetic.clothes.catalogue import bottoms, tops
from aonet_core.synthetic.clothes.drape import drape
from aonet_core.synthetic.clothes.garments import (
    BOTTOM_CUTS,
    TOP_CUTS,
    along_arm,
    regions,
    top_coverage,
)
from aonet_core.synthetic.clothes.hair import STYLES, curtain, scalp
from aonet_core.synthetic.clothes.paint import Fabric
from aonet_core.synthetic.clothes.palette import BOTTOM_ODDS, STYLE_ODDS, TOP_ODDS
from aonet_core.synthetic.clothes.patterns import MARKS, PATTERNS, noise
from aonet_core.synthetic.mesh import BODY_PARTS, PART_ID
from aonet_core.synthetic.person import build_person, sample_identity

FACE_LIMIT = 40_000
CROWD = 40


@pytest.fixture(scope="module")
def crowd():
    return [sample_identity(np.random.default_rng([1, number])) for number in range(CROWD)]


@pytest.fixture(scope="module")
def people(crowd):
    return [
        build_person(identity, number / CROWD, np.random.default_rng(number))
        for number, identity in enumerate(crowd)
    ]


def test_the_body_file_is_small_and_consistent():
    data = body_data()
    assert BODY_FILE.stat().st_size < 8e6
    np.testing.assert_allclose(data.bone_weight.sum(axis=1), 1.0, atol=2e-3)
    assert all(parent < bone for bone, parent in enumerate(data.parents))
    assert data.is_man.any() and not data.is_man.all()
    for triangles in data.triangles.values():
        assert triangles.min() >= 0 and triangles.max() < len(data.canonical)


def test_rotation_turns_by_the_right_hand():
    turned = rotation((0, 0, 1), np.pi / 2) @ np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(turned, [0, 1, 0], atol=1e-12)


def test_without_a_pose_nothing_moves():
    rest, joints = morph(body_data().coefficients[0])
    moved = skin(rest, np.arange(len(rest)), bone_transforms(joints, {}))
    np.testing.assert_allclose(moved, rest, atol=5e-3)


def test_a_turn_of_the_root_is_rigid():
    rest, joints = morph(body_data().coefficients[3])
    turn = rotation((1, 2, 3), 0.7)
    transforms = bone_transforms(joints, {"root": turn})
    root = joints[body_data().bone_of["root"]]
    moved = skin(rest, np.arange(len(rest)), transforms)
    np.testing.assert_allclose(moved, (rest - root) @ turn.T + root, atol=5e-3)


def test_normals_of_a_triangle_point_out_of_its_counter_clockwise_side():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=np.float32)
    normals = vertex_normals(vertices, np.array([[0, 1, 2]]))
    np.testing.assert_allclose(normals, [[0, 0, 1]] * 3)


def test_the_gait_curve_passes_near_its_keys_and_is_periodic():
    keys = 20 * np.cos(2 * np.pi * np.arange(10) / 10)
    assert cycle(keys, 0.0) == pytest.approx(np.deg2rad(20))
    assert cycle(keys, 0.25) == pytest.approx(0.0, abs=1e-9)
    assert cycle(keys, 1.3) == pytest.approx(cycle(keys, 0.3))


def test_the_pose_holds_rotations_of_known_bones_and_stretches_none():
    _, joints = morph(body_data().coefficients[0])
    pose = sample_pose(0.1, 1.0, np.random.default_rng(0), joints)
    for name, matrix in pose.items():
        assert name in body_data().bone_of
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-6)
        assert np.linalg.det(matrix) == pytest.approx(1.0)


def test_the_legs_swing_against_each_other():
    _, joints = morph(body_data().coefficients[0])
    bone_of = body_data().bone_of
    pose = sample_pose(0.0, 1.0, np.random.default_rng(0), joints)
    transforms = bone_transforms(joints, pose)

    def foot(side):
        bone = bone_of[f"foot.{side}"]
        return transforms[bone, :, :3] @ joints[bone] + transforms[bone, :, 3]

    assert foot("L")[1] < foot("R")[1] - 0.2  # at heel strike the left foot is ahead, towards -y


def test_arms_are_measured_from_shoulder_to_wrist_on_both_sides():
    left = np.array([[0.153, -0.012, 0.532], [0.299, -0.02, 0.365], [0.426, -0.176, 0.243]])
    way = along_arm(left)
    assert way[0] == pytest.approx(0.0, abs=1e-6)
    assert way[1] == pytest.approx(0.2219, abs=1e-3)
    assert way[2] == pytest.approx(0.4573, abs=1e-3)
    np.testing.assert_allclose(along_arm(left * [-1, 1, 1]), way)


def test_longer_sleeves_and_hems_cover_more():
    short, long = top_coverage(TOP_CUTS["tshirt"]), top_coverage(TOP_CUTS["longsleeve"])
    forearm = (regions().along_arm > 0.25) & (regions().along_arm < 0.4) & (regions().arm > 0.9)
    assert (short[forearm] < 0).all()
    assert (long[forearm] > 0).all()


def test_draped_cloth_spans_a_waist_and_never_moves_inwards():
    height = np.repeat(np.linspace(0, 1, 41), 60)
    turn = np.tile(np.linspace(0, 2 * np.pi, 61)[:-1], 41)
    radius = np.where(np.abs(height - 0.5) < 0.2, 0.1, 0.2)
    body = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1)
    everywhere = np.ones(len(body), dtype=bool)
    cloth = drape(body, height, everywhere, everywhere, fall=0.0, rise=0.0, span=(0.0, 1.0))
    moved = np.hypot(cloth[:, 0], cloth[:, 1])
    assert (moved >= radius - 1e-9).all()
    np.testing.assert_allclose(moved[np.abs(height - 0.5) < 0.15], 0.2, atol=0.01)
    np.testing.assert_array_equal(cloth[:, 2], height)


def test_an_identity_is_a_pure_function_of_the_generator():
    same = [sample_identity(np.random.default_rng(5)) for _ in range(2)]
    assert same[0] == same[1] and hash(same[0]) == hash(same[1])
    assert same[0] != sample_identity(np.random.default_rng(6))


def test_people_share_garments_but_no_two_are_alike(crowd):
    assert len({identity.top for identity in crowd}) < CROWD
    assert len({identity.bottom for identity in crowd}) < 0.75 * CROWD
    looks = {(i.top, i.bottom, i.shoes, i.hair, i.skin, i.coefficients) for i in crowd}
    assert len(looks) == CROWD


def test_the_wardrobe_names_only_cuts_styles_and_patterns_that_exist():
    assert set(TOP_ODDS) == set(TOP_CUTS) and set(BOTTOM_ODDS) == set(BOTTOM_CUTS)
    assert set(STYLE_ODDS) - {"bald"} == set(STYLES)
    for garment in (*tops(), *bottoms()):
        assert garment.fabric.pattern in PATTERNS
        assert set(garment.fabric.marks) <= set(MARKS)


def test_meshes_keep_the_contract(people):
    for mesh in people:
        assert len(mesh.faces) <= FACE_LIMIT
        assert mesh.faces.min() >= 0 and mesh.faces.max() < len(mesh.vertices)
        for values in (mesh.vertices, mesh.normals, mesh.canonical):
            assert values.shape == (len(mesh.vertices), 3) and values.dtype == np.float32
            assert np.isfinite(values).all()
        assert mesh.coverage.shape == (len(mesh.vertices),)
        assert len(mesh.part) == len(mesh.material) == len(mesh.faces)
        assert mesh.material.max() < len(mesh.materials)
        lengths = np.linalg.norm(mesh.normals, axis=1)
        assert (np.abs(lengths - 1) < 1e-3).mean() > 0.999


def test_people_stand_on_the_ground_and_are_as_tall_as_people(people):
    for mesh in people:
        shown = mesh.vertices[np.unique(mesh.faces)]
        assert shown[:, 2].min() == pytest.approx(0.0, abs=0.02)
        assert 1.4 < shown[:, 2].max() < 2.15
        assert np.abs(shown[:, 0]).max() < 1.0


def test_every_body_part_is_there_where_it_belongs(people):
    for mesh in people:
        middle = mesh.vertices[mesh.faces].mean(axis=1)
        shown = (mesh.coverage[mesh.faces] >= 0).all(axis=1)
        height = {
            name: np.median(middle[shown & (mesh.part == PART_ID[name]), 2]) for name in BODY_PARTS
        }
        order = ("feet", "lower_legs", "upper_legs", "lower_torso", "upper_torso", "head")
        assert all(height[low] < height[high] for low, high in zip(order, order[1:], strict=False))
        left = middle[mesh.part == PART_ID["left_arm"], 0].mean()
        assert left > middle[mesh.part == PART_ID["right_arm"], 0].mean()


def test_a_person_is_reproducible_and_moves_with_the_gait(crowd):
    first, again, later = (
        build_person(crowd[0], phase, np.random.default_rng(1)) for phase in (0.2, 0.2, 0.6)
    )
    np.testing.assert_array_equal(first.vertices, again.vertices)
    assert np.abs(first.vertices - later.vertices).max() > 0.2
    np.testing.assert_array_equal(first.canonical, later.canonical)


def test_building_leaves_what_it_caches_untouched(crowd):
    expected = build_person(crowd[1], 0.3, np.random.default_rng(2)).vertices.copy()
    other = build_person(crowd[1], 0.8, np.random.default_rng(3))
    other.vertices += 5.0
    actual = build_person(crowd[1], 0.3, np.random.default_rng(2)).vertices
    np.testing.assert_array_equal(actual, expected)


def test_paints_give_albedos(people):
    for mesh in people:
        for index, material in enumerate(mesh.materials):
            seen = np.unique(mesh.faces[mesh.material == index])[::7]
            albedo = material.paint(mesh.canonical[seen])
            assert albedo.shape == (len(seen), 3)
            assert albedo.min() >= 0 and albedo.max() <= 1


def test_stripes_alternate_with_height():
    fabric = Fabric("stripes", ((0.1, 0.1, 0.1), (0.9, 0.9, 0.9)), scale=0.1)
    points = np.zeros((20, 3), dtype=np.float32)
    points[:, 2] = 0.02 + 0.05 * np.arange(20)
    bright = fabric(points)[:, 0] > 0.5
    assert (bright[1:] != bright[:-1]).all()


def test_contrast_sleeves_colour_the_arms_alone():
    fabric = Fabric("plain", ((0.1, 0.1, 0.1),), sleeves=(0.9, 0.9, 0.9))
    points = np.array([[0.0, -0.1, 0.3], [0.3, -0.02, 0.36], [-0.3, -0.02, 0.36]], np.float32)
    albedo = fabric(points)[:, 0]
    assert albedo[0] < 0.2 and (albedo[1:] > 0.6).all()


def test_noise_is_bounded_smooth_and_seeded():
    points = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    values = noise(points, 0.1, 3)
    assert values.min() >= -1 and values.max() <= 1 and values.std() > 0.1
    assert np.abs(noise(points + np.float32(1e-4), 0.1, 3) - values).max() < 0.05
    assert np.abs(noise(points, 0.1, 4) - values).max() > 0.1


@pytest.mark.parametrize("style", sorted(STYLES))
def test_hair_lies_outside_of_the_head_and_leaves_the_face_free(style):
    shell = scalp(style, 0)
    shown = shell.points[shell.coverage >= 0]
    face = (shown[:, 1] < -0.13) & (np.abs(shown[:, 0]) < 0.04) & (shown[:, 2] < 0.75)
    assert len(shown) > 50 and not face.any()
    if STYLES[style].length is not None:
        hanging = curtain(style, 0)
        lowest = hanging.points[hanging.coverage >= 0, 2].min()
        assert lowest == pytest.approx(STYLES[style].length, abs=0.05)
