"""The synthetic town: plan, cameras, occluders, pictures and the truth about them."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy.stats import chi2, chi2_contingency, kstest

from aonet_core.synthetic.mesh import BODY_PARTS, OCCLUDED_BIT, PART_ID
from aonet_core.synthetic.person import build_person, sample_identity
from aonet_core.synthetic.picture import _share_outside, take_picture, visible_parts
from aonet_core.synthetic.placement import HIDDEN_RANGE
from aonet_core.synthetic.plan import FIRST_DISTRACTOR, OCCLUDED_SHARE, SetPlan, plan_shots
from aonet_core.synthetic.raster import rasterize
from aonet_core.synthetic.render import HEIGHT, WIDTH, look_at
from aonet_core.synthetic.street.occluders import MAKERS, OCCLUDERS
from aonet_core.synthetic.street.scene import camera
from aonet_core.synthetic.street.solids import placed

SEED = 4
LABELS = {base + bit for base in (0, *PART_ID.values()) for bit in (0, OCCLUDED_BIT)}
ALPHA = 0.001
"""Level of every test of independence: seeds are fixed, so that a pass stays a pass."""


@pytest.fixture(scope="module")
def pictures():
    """Two dozen occluded pictures of as many people, by two cameras."""
    return [take_picture(SEED, 100 + n, 1 + n % 2, n, occluded=True) for n in range(24)]


@pytest.fixture(scope="module")
def shots():
    return plan_shots(SetPlan(train=1500, validation=0, test=1500, distractors=0))


def pixels(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)


def test_a_picture_is_a_pure_function_of_its_arguments(pictures):
    again = take_picture(SEED, 103, 2, 3, occluded=True)
    assert again.jpeg == pictures[3].jpeg and again.twin == pictures[3].twin
    assert (again.label == pictures[3].label).all()
    assert again.occluder == pictures[3].occluder and again.hidden == pictures[3].hidden
    for other in ((SEED + 1, 103, 2, 3), (SEED, 104, 2, 3), (SEED, 103, 1, 3), (SEED, 103, 2, 4)):
        assert take_picture(*other, occluded=True).jpeg != again.jpeg


def test_a_twin_is_the_picture_taken_without_an_occluder(pictures):
    alone = take_picture(SEED, 103, 2, 3, occluded=False)
    assert alone.twin is None and alone.occluder == "" and alone.hidden == 0.0
    assert not (alone.label & OCCLUDED_BIT).any()
    np.testing.assert_array_equal(alone.label, pictures[3].label & (OCCLUDED_BIT - 1))
    assert set(alone.visible.values()) <= {1.0}
    # The same scene under another exposure and grain, which are drawn after the occluder.
    shown, twin = pixels(alone.jpeg).ravel(), pixels(pictures[3].twin).ravel()
    assert np.corrcoef(shown, twin)[0, 1] > 0.97


def test_pictures_have_the_promised_form(pictures):
    for picture in pictures:
        for jpeg in (picture.jpeg, picture.twin):
            image = Image.open(io.BytesIO(jpeg))
            assert image.format == "JPEG" and image.size == (128, 256) and image.mode == "RGB"
            assert 8 < pixels(jpeg).mean() < 247 and pixels(jpeg).std() > 8
        assert picture.label.shape == (256, 128) and picture.label.dtype == np.uint8
        assert set(np.unique(picture.label).tolist()) <= LABELS
        assert picture.occluder in OCCLUDERS
        assert -np.pi <= picture.yaw <= np.pi and 0 <= picture.outside < 0.5


def test_occluders_hide_the_promised_share(pictures):
    low, high = HIDDEN_RANGE
    for picture in pictures:
        assert low < picture.hidden < high
        part = picture.label & (OCCLUDED_BIT - 1)
        body = (part >= 1) & (part <= len(BODY_PARTS))
        counted = (picture.label[body] & OCCLUDED_BIT > 0).mean()
        assert counted == pytest.approx(picture.hidden, abs=0.02)  # the mask has half the rows
    assert len({picture.occluder for picture in pictures}) >= 6


def test_visibility_is_counted_by_hand():
    label = np.zeros((4, 4), dtype=np.uint8)
    label[0] = PART_ID["head"]
    label[0, 0] |= OCCLUDED_BIT
    label[1] = PART_ID["feet"] | OCCLUDED_BIT
    label[2] = OCCLUDED_BIT  # over background
    label[3] = PART_ID["hair"] | OCCLUDED_BIT  # hair is no part of the head
    shares = visible_parts(label)
    assert list(shares) == list(BODY_PARTS)
    assert shares["head"] == 0.75 and shares["feet"] == 0.0
    assert all(np.isnan(shares[part]) for part in BODY_PARTS if part not in ("head", "feet"))


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_occluders_are_sound_meshes(name):
    for seed in range(8):
        mesh = MAKERS[name](np.random.default_rng(seed))
        assert 0 < len(mesh.faces) < 60_000
        assert mesh.faces.min() >= 0 and mesh.faces.max() < len(mesh.vertices)
        for values in (mesh.vertices, mesh.normals, mesh.canonical, mesh.coverage):
            assert len(values) == len(mesh.vertices) and np.isfinite(values).all()
        assert (mesh.part == 0).all()  # nothing of it counts as person
        assert mesh.material.max() < len(mesh.materials)
        shown = mesh.vertices[np.unique(mesh.faces)]
        assert -0.4 < shown[:, 2].min() < 0.05  # it stands on the ground, leaves may dip into it
        assert 0.2 < shown[:, 2].max() < 6
        again = MAKERS[name](np.random.default_rng(seed))
        np.testing.assert_array_equal(again.vertices, mesh.vertices)
        for number, material in enumerate(mesh.materials):
            seen = np.unique(mesh.faces[mesh.material == number])
            albedo = material.paint(mesh.canonical[seen])
            assert albedo.shape == (len(seen), 3)
            assert albedo.min() >= 0 and albedo.max() <= 1


def test_cameras_differ_and_are_kept():
    eyes = [camera(SEED, camid) for camid in range(1, 7)]
    assert camera(SEED, 1) is eyes[0]
    assert len({eye.height for eye in eyes}) == len({eye.exposure for eye in eyes}) == 6
    for eye in eyes:
        np.testing.assert_allclose(np.linalg.norm(eye.sun), 1.0)
        assert eye.sun[2] > 0.4 and np.isfinite(eye.exposure) and eye.wall_distance > 2
        assert eye.light_map.share.min() >= 0 and eye.light_map.share.max() <= 1 + 1e-6


def test_what_a_shifted_crop_cuts_off_counts_as_outside():
    rng = np.random.default_rng(0)
    person = placed(build_person(sample_identity(rng), 0.2, rng), 0.0, 0.0, 0.3)
    whole = look_at(camera(SEED, 1), person, np.random.default_rng(1))
    whole = replace(whole, scale=0.85 * whole.scale)
    index = rasterize(whole.project(person.vertices), person.faces, person.coverage, HEIGHT, WIDTH)[
        0
    ]
    part = np.where(index >= 0, person.part[index], 0)
    rows, columns = np.nonzero((part >= 1) & (part <= len(BODY_PARTS)))
    assert rows.min() > 0 and rows.max() < HEIGHT - 1
    for right, down in ((0, 0), (0, 100), (0, 250), (0, -60), (0, -512), (90, 0), (-128, 40)):
        shift = np.array([right, down])
        moved = replace(whole, centre=whole.centre + shift / whole.scale)
        x, y = columns - right, rows - down
        expected = 1 - ((x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)).mean()
        assert _share_outside(moved, person) == pytest.approx(expected, abs=0.01), (right, down)


def test_cameras_are_even_and_roles_are_kept(shots):
    per_identity = Counter((shot.number, shot.camid) for shot in shots)
    assert set(per_identity.values()) == {2}  # 12 pictures by 6 cameras, for everyone
    for shot in shots[-12:]:
        assert shot.role == ("query" if shot.index < 3 else "gallery")
        assert shot.file.endswith(shot.name) and f"_c{shot.camid}s1_" in shot.name
    assert all(shot.occluded for shot in shots if shot.role == "query")
    for role, share in OCCLUDED_SHARE.items():
        group = [shot.occluded for shot in shots if shot.role == role]
        margin = 4 * np.sqrt(share * (1 - share) / len(group))
        assert np.mean(group) == pytest.approx(share, abs=margin + 1e-9)


def test_distractors_have_no_identity_of_their_own_to_tell():
    plan = SetPlan(train=2, validation=1, test=2, distractors=3)
    strays = [shot for shot in plan_shots(plan) if shot.number >= FIRST_DISTRACTOR]
    assert len(strays) == 36
    assert all(shot.pid == 0 and shot.name.startswith("0000_") for shot in strays)
    assert {(shot.split, shot.role) for shot in strays} == {("test", "gallery")}


def independent(rows, columns):
    """p-value of a chi-square test that two labels are independent."""
    first, rows = np.unique(rows, return_inverse=True)
    second, columns = np.unique(columns, return_inverse=True)
    table = np.zeros((len(first), len(second)), dtype=int)
    np.add.at(table, (rows, columns), 1)
    return chi2_contingency(table).pvalue


@pytest.mark.parametrize("role", ["train", "query", "gallery"])
def test_nothing_planned_depends_on_who_it_is(shots, role):
    group = [shot for shot in shots if shot.role == role]
    pid = np.array([shot.pid for shot in group])
    first = np.array([shot.index == min(s.index for s in group[:12]) for shot in group])
    camid = np.array([shot.camid for shot in group])
    frame = np.array([shot.frame for shot in group])
    occluded = np.array([shot.occluded for shot in group])
    for name, who in {"parity": pid % 2, "last digit": pid % 10, "rank": pid // 150}.items():
        # One picture each: all of an identity's cameras together are even by design.
        assert independent(who[first], camid[first]) > ALPHA, name
        assert independent(who, frame * 8 // 1_000_000) > ALPHA, name
        if role != "query":
            assert independent(who, occluded) > ALPHA, name
    assert kstest(frame / 1_000_000, "uniform").pvalue > ALPHA


@pytest.mark.parametrize("role", ["train", "gallery"])
def test_occlusions_are_strewn_over_identities_as_coins_fall(shots, role):
    occluded = {}
    for shot in shots:
        if shot.role == role:
            occluded.setdefault(shot.pid, []).append(shot.occluded)
    counts, share = np.array(list(occluded.values())), OCCLUDED_SHARE[role]
    images = counts.shape[1]
    statistic = ((counts.sum(axis=1) - images * share) ** 2).sum() / (images * share * (1 - share))
    # Neither clustered on some identities nor dealt out evenly to each.
    assert ALPHA < chi2.sf(statistic, len(counts)) < 1 - ALPHA
    assert independent([s.camid for s in shots if s.role == role],
                       [s.occluded for s in shots if s.role == role]) > ALPHA  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"train": 0, "validation": 0, "test": 0}, "needs at least one identity"),
        ({"train": -1}, "no negative counts, got train -1"),
        ({"train": 5000}, "at most 4999 training, 1999 validation.* got 5000, 40, 100, 20"),
        ({"seed": -3}, "seed must be 0 or more, got -3"),
        ({"cameras": 10}, "cameras must be 1 to 9, got 10"),
        ({"cameras": 1}, "expected at least 2 cameras and 5 images, got 1 and 12"),
        ({"images": 4}, "expected at least 2 cameras and 5 images, got 6 and 4"),
        ({"validation": 0, "test": 0, "images": 0}, "images must be at least 1, got 0"),
    ],
)
def test_bad_sizes_are_explained(sizes, message):
    with pytest.raises(ValueError, match=message):
        SetPlan(**sizes)
