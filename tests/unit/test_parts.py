"""Landmarks that learn from part masks: the frozen trunk, composed pictures, loss, training."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from aonet_core.model import AONet, preset
from aonet_core.model.landmark_head import landmark_head
from aonet_core.model.landmarks import coarsen
from aonet_core.model.memory import LandmarkMemory
from aonet_core.training.parts.compose import Composed, compose
from aonet_core.training.parts.features import composed_features, cover
from aonet_core.training.parts.fit import PartsRecipe, fit_landmarks, take_over, train_landmarks
from aonet_core.training.parts.layers import GROUPS, Layer, read_layers
from aonet_core.training.parts.loss import (
    AWARENESS,
    MAPS,
    MARGIN,
    PIXELS,
    SEEN_WHOLE,
    anybody_loss,
    own_and_anybody,
    part_loss,
)
from aonet_core.types import Landmarks


def made_layer(seed, occluder=False):
    """A person of six stripes before noise."""
    rng = np.random.default_rng(seed)
    group = np.zeros((256, 128), np.uint8)
    for index in range(6):
        group[20 + 36 * index : 56 + 36 * index, 44:84] = index + 1
    pixels = rng.integers(0, 120, (256, 128, 3)).astype(np.uint8)
    street = pixels.copy()
    colours = np.array([[0, 0, 0], *np.eye(3) * 255, *(1 - np.eye(3)) * 255], np.uint8)
    pixels[group > 0] = colours[group][group > 0]
    front = np.zeros((256, 128, 4), np.uint8)
    front[120:, :] = 200
    return Layer(pixels, group, street, front if occluder else None)


@pytest.fixture(scope="module")
def layers():
    return [made_layer(0), made_layer(1, occluder=True)]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return AONet(preset("aonet_parts", 4)).eval()


def test_coarsen_sums_blocks():
    maps = torch.rand(2, 3, 6, 8, dtype=torch.float64)
    coarse = coarsen(maps, (3, 2))
    for row in range(3):
        for column in range(2):
            block = maps[:, :, 2 * row : 2 * row + 2, 4 * column : 4 * column + 4].sum((2, 3))
            torch.testing.assert_close(coarse[:, :, row, column], block)
    assert coarsen(maps, (6, 8)) is maps
    with pytest.raises(ValueError, match="6 x 8 do not divide into features of 4 x 8"):
        coarsen(maps, (4, 8))


def test_maps_are_finer_than_the_features_pooled_under_them(model):
    with torch.no_grad():
        output = model(torch.randn(2, 3, 256, 128))
    assert output.response_map.shape == (2, 6, 32, 16)
    assert output.feature_map.shape == (2, 1280, 16, 8)
    pooled = torch.einsum(
        "bkhw,bchw->bkc", coarsen(output.response_map, (16, 8)), output.feature_map
    )
    torch.testing.assert_close(output.sl_features, pooled, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("backbone", ["mobilenet_v2", "resnet18"])
def test_trunk_repeats_the_stages_it_was_made_of(backbone):
    torch.manual_seed(0)
    stages = AONet(preset("aonet_parts", 4, backbone=backbone)).eval().backbone
    images = torch.randn(1, 3, 64, 32)
    told, features = [], images
    with torch.no_grad():
        for index, stage in enumerate(list(stages)[: stages.stages.taps[-1] + 1]):
            features = stage(features)
            if index in stages.stages.taps:
                told.append(features)
        seen = stages(images)[1]
        torch.testing.assert_close(seen, stages.join(told))
    assert seen.shape[1] == stages.tapped_channels == sum(each.shape[1] for each in told)


def test_training_leaves_the_trunk_and_its_first_stages_alone():
    torch.manual_seed(0)
    model = AONet(preset("aonet_parts", 4)).train()
    frozen = {
        name: tensor.clone()
        for name, tensor in model.state_dict().items()
        if name.startswith(("backbone.landmark_trunk.", "backbone.0.", "backbone.3."))
    }
    model(torch.randn(4, 3, 64, 32)).landmark_features.square().mean().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= 0.1 * parameter.grad
    after = model.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in frozen.items())
    assert model.backbone[10].training and not model.backbone[0].training


def test_a_light_that_every_channel_sees_alike_changes_no_landmark(model):
    seen = torch.rand(1, 192, 8, 4)
    brighter = seen * (1 + torch.rand(1, 192, 1, 1)) + torch.rand(1, 192, 1, 1)
    with torch.no_grad():
        plain, lit = (model.find(model.prepare(each)) for each in (seen, brighter))
    torch.testing.assert_close(plain.landmark_logits, lit.landmark_logits, rtol=1e-3, atol=1e-3)


def test_images_that_hide_a_landmark_do_not_teach_its_memory():
    features, response = torch.rand(2, 3, 2, 2), torch.rand(2, 2, 2, 2)
    taught, alone = LandmarkMemory(3, 2), LandmarkMemory(3, 2)
    taught.update(features, response, torch.tensor([[True, False], [False, False]]))
    alone.update(features[:1], response[:1])
    torch.testing.assert_close(taught.vectors[0], alone.vectors[0])
    assert not taught.vectors[1].any()


def pictured(picture):
    return picture.pixels, picture.group, picture.other


def test_composing_follows_its_seed_and_tells_the_truth(layers):
    pictures = [compose(layers, np.random.default_rng([7, index])) for index in range(12)]
    again = compose(layers, np.random.default_rng([7, 3]))
    assert all((a == b).all() for a, b in zip(*map(pictured, (pictures[3], again)), strict=True))
    for picture in pictures:
        assert picture.pixels.shape == (256, 128, 3) and picture.pixels.dtype == np.uint8
        assert not ((picture.group > 0) & (picture.other > 0)).any()
        known = picture.visible[~np.isnan(picture.visible)]
        assert ((known >= 0) & (known <= 1)).all()
        seen = np.bincount(picture.group.ravel(), minlength=8)[1:7]
        assert ((seen == 0) == (np.nan_to_num(picture.visible) == 0)).all()
    hidden = [compose(layers, np.random.default_rng([8, i]), occluded=1.0) for i in range(12)]
    free = [compose(layers, np.random.default_rng([8, i]), occluded=0.0) for i in range(12)]
    mean = [np.mean([np.nanmean(each.visible) for each in group]) for group in (hidden, free)]
    assert mean[0] < mean[1] - 0.1
    assert sum((each.other > 0).any() for each in hidden) >= 4


def test_cover_counts_the_pixels_of_every_class():
    group, other = np.zeros((256, 128), np.uint8), np.zeros((256, 128), np.uint8)
    group[:8, :4], group[:8, 4:8], other[-8:, -4:] = 3, 7, 2
    shares = cover(Composed(np.zeros((256, 128, 3)), group, other, np.ones(6)), (32, 16))
    assert shares[:, 0, 0].tolist() == [0, 0, 0, 128, 0, 0, 0, 128, *[0] * 7]
    assert shares[:, -1, -1].tolist() == [128, *[0] * 8, 128, *[0] * 5]
    assert (shares[0, 1:-1] == 255).all() and shares.sum(0).max() <= 256


def test_other_people_are_background_to_the_person_and_parts_to_anybody():
    shares = torch.arange(1.0, 8.0).reshape(1, 7, 1, 1)  # street; two parts, rest; the same
    own, anybody = own_and_anybody(shares)
    assert own.flatten().tolist() == [1 + 5 + 6 + 7, 2, 3, 4]
    assert anybody.flatten().tolist() == [1, 2 + 5, 3 + 6, 4 + 7]


def test_anybody_loss_is_its_definition():
    torch.manual_seed(6)
    logits, shares = torch.randn(2, 4, 3, 2), torch.rand(2, 4, 3, 2).softmax(1)
    total = 0.0
    for b, y, x in np.ndindex(2, 3, 2):
        target = shares[b, :, y, x]
        entropy = -(target * logits[b, :, y, x].softmax(0).log()).sum()
        total += (1 + target[1] + target[2]) * entropy / 12
    torch.testing.assert_close(anybody_loss(logits, shares), total)
    with pytest.raises(ValueError, match=r"cover must be \(2, 4, 3, 2\), got \(2, 3, 3, 2\)"):
        anybody_loss(logits, shares[:, 1:])


def test_the_look_at_the_whole_picture_sees_parts_and_place_alone():
    torch.manual_seed(7)
    head = landmark_head(12, 8, context=4).eval()
    seen = torch.randn(1, 12, 8, 4, requires_grad=True)
    features, parts = head.both(seen)
    assert features.shape == (1, 8, 8, 4) and parts.shape == (1, 8, 8, 4)
    torch.testing.assert_close(head(seen), features)
    other = seen.detach().clone()
    other[0, :, -1, -1] += 3
    assert not torch.equal(head(other)[0, :, 0, 0], features[0, :, 0, 0])
    # What a far corner shows reaches a pixel; in training no gradient reaches what told the parts.
    features[0, :, 0, 0].square().sum().backward()
    assert seen.grad[0, :, -1, -1].any() and head.parts.weight.grad.any()
    head.parts.weight.grad = None
    head.train()(seen).square().sum().backward()
    assert head.parts.weight.grad is None
    assert sum(each.numel() for each in landmark_head(12, 8).parameters()) < sum(
        each.numel() for each in head.parameters()
    )


def slow_loss(found, shares, visible):
    """The definition, pixel by pixel."""
    batch, count, height, width = found.landmark_logits.shape
    score = found.landmark_logits - found.average_logit[:, None, None] + MARGIN
    pixels = 0.0
    for b in range(batch):
        for y in range(height):
            for x in range(width):
                classes = torch.cat([torch.zeros(1), score[b, :, y, x]]).softmax(0)
                street, rest = shares[b, 0, y, x], shares[b, -1, y, x]
                target = torch.cat([(street + rest)[None], shares[b, 1:-1, y, x]])
                weight = 1 + 2 * shares[b, 1:-1, y, x].sum() - 0.5 * rest
                pixels -= weight * (target * classes.log()).sum()
    awareness = maps = known = 0.0
    for b in range(batch):
        for k in range(count):
            if visible[b, k].isnan():
                continue
            wanted, got = SEEN_WHOLE * visible[b, k], found.awareness[b, k]
            for p, q in ((wanted, got), (1 - wanted, 1 - got)):
                awareness += p * (p / q).log() if p > 0 else 0.0
            part = shares[b, 1 + k]
            place = part / part.sum() if part.sum() > 0 else part
            maps += (found.referenced_response_map[b, k] - wanted * place).abs().sum()
            known += 1
    return {
        "pixels": PIXELS * pixels / (batch * height * width),
        "awareness": AWARENESS * awareness / known,
        "maps": MAPS * maps / known,
    }


def test_part_loss_is_its_definition():
    torch.manual_seed(3)
    model = AONet(preset("aonet_context", 2))
    landmark_map, parts = model.landmark_head.both(model.landmark_norm(torch.rand(2, 192, 4, 3)))
    found = model.find(landmark_map)
    shares = torch.rand(2, 8, 4, 3).softmax(1)
    shares[1, 2] = 0.0
    visible = torch.tensor([[1.0, 0.5, 0.0, 0.2, 0.9, torch.nan]] * 2)
    got = part_loss(found, shares, visible)
    for name, value in slow_loss(found, shares, visible).items():
        torch.testing.assert_close(got[name], value, rtol=1e-4, atol=1e-5)
    (sum(got.values()) + anybody_loss(parts, shares)).backward()
    assert all(each.grad.isfinite().all() for each in model.landmark_head.parameters())
    with pytest.raises(ValueError, match=r"cover must be \(2, 8, 4, 3\)"):
        part_loss(found, shares[:, 1:], visible)


@pytest.mark.parametrize("name", ["aonet_parts", "aonet_context"])
def test_a_few_steps_find_the_parts(layers, name):
    torch.manual_seed(0)
    model = AONet(preset(name, 1))
    features = composed_features(model, layers, 16, seed=1, workers=0)
    assert len(features) == 16 and features.cover.shape == (16, 15, 32, 16)
    recipe = PartsRecipe(pictures=16, steps=2, batch=8)
    first = fit_landmarks(model, features, recipe)
    last = fit_landmarks(model, features, replace(recipe, steps=16))
    assert ("anybody" in last) == (name == "aonet_context")
    assert sum(last.values()) < 0.9 * sum(first.values())
    assert model.memory.vectors.norm(dim=1).min() > 0.1
    assert not model.training or not model.landmark_head.training


def test_retrieval_features_are_taken_over_and_landmarks_kept(model):
    torch.manual_seed(5)
    target = AONet(preset("aonet_parts", 4)).eval()
    donor = AONet(preset("aonet_lens", 4)).eval()
    first = {k: v for k, v in target.state_dict().items() if k.startswith("backbone.")}
    same = {
        k: first[k]
        for k in donor.state_dict()
        if k.startswith(tuple(f"backbone.{i}." for i in range(4)))
    }
    donor.load_state_dict(donor.state_dict() | same)
    images = torch.randn(1, 3, 64, 32)
    with torch.no_grad():
        before = target(images)
        take_over(target, donor)
        after = target(images)
        torch.testing.assert_close(after.awareness, before.awareness)
        torch.testing.assert_close(after.feature_map, donor(images).feature_map)
    with pytest.raises(ValueError, match="must have backbone mobilenet_v2, got resnet18"):
        take_over(target, AONet(preset("aonet_lens", 4, backbone="resnet18")))
    with pytest.raises(ValueError, match="other first stages"):
        take_over(model, AONet(preset("aonet_lens", 4)))


def test_what_cannot_be_trained_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no rendered set: it lacks visibility.parquet"):
        read_layers(tmp_path)
    with pytest.raises(ValueError, match="frozen stage through a head, got landmark_stage 'last'"):
        train_landmarks(PartsRecipe(preset="aonet_lens"), [tmp_path], tmp_path)
    assert len(GROUPS) == preset("aonet_parts", 1).num_landmarks
    assert Landmarks._fields[0] == "landmark_map"
