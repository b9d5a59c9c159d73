"""Landmarks under the joints of a pose model: where they lie, and what is said without one."""

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core import AONet, preset
from aonet_core.analysis.cost import cost_of
from aonet_core.data.transforms import normalise, to_pixels
from aonet_core.engine import connect
from aonet_core.model import joints as joint_maps
from aonet_core.model import pose_reader, save_checkpoint


def standing(rows):
    """Joints (1, 33, 2) in the middle, each group at its height."""
    found = np.full((1, pose_reader.JOINTS, 2), 0.5)
    for group, row in zip(joint_maps.GROUPS, rows, strict=True):
        found[0, list(group), 0] = row
    return found


def test_features_are_pooled_under_the_joints(tiny_model):
    model = tiny_model("base_pose", image_size=(256, 128))
    rows = (0.05, 0.2, 0.45, 0.6, 0.8, 0.95)
    model.joints.read = lambda images: standing(rows)
    images = torch.randn(1, 3, 256, 128)
    with torch.inference_mode():
        output = model(images)
    maps = output.response_map[0]  # (6, 16, 8)
    height, width = maps.shape[1:]
    for k, row in enumerate(rows):
        peak = divmod(int(maps[k].argmax()), width)
        assert abs((peak[0] + 0.5) / height - row) < 1 / height
        assert maps[k, peak[0]].sum() + maps[k, peak[0] - 1].sum() > 0.5
    assert torch.equal(output.awareness, torch.ones(1, 6)) and torch.equal(
        output.weight, output.awareness
    )
    by_hand = torch.einsum("khw,chw->kc", maps, output.feature_map[0])
    assert torch.allclose(output.retrieval_features[0], by_hand, atol=1e-4)


def test_bumps_are_as_wide_as_high_on_the_picture():
    maps = joint_maps.JointMaps()
    maps.read = lambda images: np.full((1, 33, 2), 0.5)
    logits = maps(torch.zeros(1, 3, 256, 128), (16, 8))[0, 1]
    assert logits[7, 3] == pytest.approx(logits[8, 4], abs=1e-5)
    # A step across is as far as a step down: one pixel of 16 by 8 is square.
    assert logits[7, 5] == pytest.approx(logits[9, 3], abs=1e-5)


def test_where_nobody_is_found_everything_is_pooled(tiny_model):
    model = tiny_model("base_pose")
    model.joints.read = joint_maps.nobody
    with torch.inference_mode():
        output = model(torch.randn(2, 3, 64, 32))
    mean = output.feature_map.mean(dim=(2, 3))
    assert torch.allclose(output.retrieval_features, mean[:, None].expand(-1, 6, -1), atol=1e-5)


def test_the_pose_model_sees_the_picture(monkeypatch):
    seen = []
    monkeypatch.setattr(
        joint_maps, "find_joints", lambda pictures: seen.extend(pictures) or joint_maps.nobody(seen)
    )
    picture = Image.effect_mandelbrot((32, 64), (-2, -1, 1, 1), 30).convert("RGB")
    joint_maps.read_joints(normalise(to_pixels(picture, (64, 32)))[None])
    assert np.abs(np.asarray(seen[0], int) - np.asarray(picture, int)).max() <= 1


def test_without_the_pose_model_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv(pose_reader.MODEL, raising=False)
    model = AONet(preset("base_pose", 5, backbone="resnet18", image_size=(64, 32))).eval()
    with pytest.raises(ValueError, match="the pose model is not installed: expected what"):
        model(torch.zeros(1, 3, 64, 32))
    path = save_checkpoint(tmp_path / "pose", model, {})
    with pytest.raises(ValueError, match="the pose model is not installed") as caught:
        connect(checkpoint=path)
    assert "\n" not in str(caught.value)


def test_its_cost_is_counted_without_the_pose_model():
    settings = {"backbone": "resnet18", "image_size": (64, 32)}
    found, plain = (cost_of(preset(name, 5, **settings)) for name in ("base_pose", "base_gap"))
    assert found.parameters == plain.parameters


def test_landmarks_of_a_pose_model_are_six():
    with pytest.raises(ValueError, match="'pose' are six"):
        preset("base_pose", 5, num_landmarks=4)
