"""What the network promises: ranges, invariances, no side effects, gradients, size."""

import copy

import pytest
import torch

from aonet_core import AONet, AONetConfig, preset
from aonet_core.model import PRESETS
from aonet_core.model.landmarks import response_maps


def test_awareness_vanishes_far_below_the_average():
    _, referenced, awareness = response_maps(torch.full((1, 1, 16, 8), -60.0), torch.zeros(1))
    assert awareness.item() < 1e-20 and referenced.max().item() < 1e-20


@pytest.mark.parametrize("count", [1, 3, 9])
def test_awareness_of_pixels_at_the_average(count):
    logits = torch.full((1, 1, 128), -80.0)
    logits[..., :count] = 2.5
    awareness = response_maps(logits.reshape(1, 1, 16, 8), torch.tensor([2.5]))[2]
    assert awareness.item() == pytest.approx(count / (count + 1), abs=1e-6)


@pytest.mark.parametrize("scale", [1e4, -1e4])
@pytest.mark.parametrize("average", [-1e4, 0.0, 1e4])
def test_extreme_logits_stay_finite(scale, average):
    generator = torch.Generator().manual_seed(0)
    logits = (scale * torch.rand(2, 3, 16, 8, generator=generator)).requires_grad_()
    reference = torch.full((3,), average, requires_grad=True)
    maps = response_maps(logits, reference)
    for tensor in maps:
        assert tensor.isfinite().all()
    assert ((maps[2] >= 0) & (maps[2] <= 1)).all()
    sum(
        (tensor * torch.randn(tensor.shape, generator=generator)).sum() for tensor in maps
    ).backward()
    assert logits.grad.isfinite().all() and reference.grad.isfinite().all()


def test_maps_sum_to_one_and_to_the_awareness(tiny_model):
    output = tiny_model()(torch.randn(3, 3, 64, 32))
    torch.testing.assert_close(output.response_map.sum(dim=(2, 3)), torch.ones(3, 6))
    torch.testing.assert_close(output.referenced_response_map.sum(dim=(2, 3)), output.awareness)


def test_response_maths_is_float32_under_autocast(tiny_model):
    model, images = tiny_model(), torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        features = model.backbone(images).float()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = model(images)
            low = model.backbone(images)
    assert low.dtype == torch.bfloat16 and not torch.equal(low.float(), features)
    for name, tensor in vars(output).items():
        assert tensor.dtype == torch.float32, name
    expected = response_maps(
        torch.einsum("kc,bchw->bkhw", model.activation.patterns, low.float()),
        (model.activation.patterns * model.memory.vectors).sum(dim=1),
    )[2]
    torch.testing.assert_close(output.awareness, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["aonet", "base_satt", "aonet_lens"])
def test_permuting_landmarks_permutes_the_output(name, tiny_model):
    model = tiny_model(name, backbone="resnet18")
    images = torch.randn(2, 3, 64, 32)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    permuted = copy.deepcopy(model)
    with torch.no_grad():
        torch.nn.init.constant_(model.attention.gate, 0.5)
        torch.nn.init.constant_(permuted.attention.gate, 0.5)
        permuted.activation.patterns.copy_(model.activation.patterns[order])
        permuted.memory.vectors.copy_(model.memory.vectors[order])
        expected, got = model(images), permuted(images)
    for field in ("awareness", "response_map", "oa_features", "attended_features"):
        torch.testing.assert_close(
            getattr(got, field), getattr(expected, field)[:, order], atol=1e-5, rtol=1e-4
        )


@pytest.mark.parametrize("name", ["aonet", "aonet_lens", "base_gap"])
def test_forward_changes_nothing_but_batch_statistics(name, tiny_model):
    model, images = tiny_model(name, backbone="resnet18"), torch.randn(2, 3, 64, 32)
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        first, second = model(images), model(images)
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[key]), key
    for field, tensor in vars(first).items():
        assert torch.equal(tensor, getattr(second, field)), field
    model.train()(images)
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed and all("running" in key or "num_batches" in key for key in changed)


def test_output_has_the_same_fields_in_training_mode(tiny_model):
    model, images = tiny_model(), torch.randn(4, 3, 64, 32)
    shapes = [
        {field: tuple(tensor.shape) for field, tensor in vars(mode(images)).items()}
        for mode in (model.eval(), model.train())
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("classifier", ["shared", "per_landmark"])
@pytest.mark.parametrize("name", PRESETS)
def test_every_parameter_gets_a_gradient(name, classifier, tiny_model):
    backbone = preset(name, 5).backbone
    backbone = "resnet18" if backbone == "resnet50" else backbone
    model = tiny_model(name, backbone=backbone, classifier=classifier).train()
    if model.config.attention:
        # At its start of zero the gate hides the projections behind it.
        torch.nn.init.constant_(model.attention.gate, 0.5)
    output = model(torch.randn(4, 3, 64, 32))
    logits = model.classify(output.landmark_features), model.classify(output.attended_features)
    sum(
        (output.weight[:, :, None] * value.log_softmax(2)[..., :1]).sum() for value in logits
    ).backward()
    for key, parameter in model.named_parameters():
        if not parameter.requires_grad:
            assert name in ("aonet_parts", "aonet_context") and key.startswith("backbone."), key
            continue
        if name == "aonet_context" and key.startswith("landmark_head.parts."):
            assert parameter.grad is None  # taught by part masks alone
            continue
        assert parameter.grad is not None and parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().max() > 0, key


def test_weight_carries_a_gradient_only_when_asked(tiny_model):
    images = torch.randn(2, 3, 64, 32)
    assert not tiny_model()(images).weight.requires_grad
    assert tiny_model(awareness_gradient=True)(images).weight.requires_grad


def test_no_gradient_reaches_the_memory(tiny_model):
    model = tiny_model()
    model.memory.vectors.requires_grad_()
    model(torch.randn(2, 3, 64, 32)).awareness.sum().backward()
    assert model.memory.vectors.grad is None


def test_size_of_the_papers_network():
    model = AONet(preset("aonet", num_ids=702))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert round(parameters / 1e6, 2) == 30.20


@pytest.mark.parametrize("backbone", ["resnet50", "resnet18"])
@pytest.mark.parametrize("stage", ["layer4", "layer3"])
def test_both_stride_readings_keep_sixteen_by_eight(backbone, stage):
    model = AONet(preset("aonet", 3, backbone=backbone, stride_one_stage=stage)).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 3, 256, 128)).feature_map.shape[2:] == (16, 8)


@pytest.mark.parametrize(("backbone", "blocks"), [("resnet50_ibn", 13), ("resnet18_ibn", 6)])
def test_ibn_normalises_by_instance_in_the_first_three_stages(backbone, blocks):
    model = AONet(preset("aonet_ibn", 3, backbone=backbone, image_size=(64, 32)))
    norms = [
        name.split(".")
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.InstanceNorm2d)
    ]
    # The first norm of every block, as IBN-Net places it.
    assert {(stage, norm) for _, stage, _, norm, _ in norms} == {
        (stage, "bn1") for stage in ("layer1", "layer2", "layer3")
    }
    assert len(norms) == blocks
    assert {tensor.dtype for tensor in model.half().parameters()} == {torch.float16}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"backbone": "vgg"}, "backbone must be one of resnet50.*got 'vgg'"),
        ({"landmark_features": "gap"}, "num_landmarks must be 1, got 6"),
        ({"num_ids": 0}, "num_ids must be 1 to 10000000, got 0"),
        ({"image_size": (8, 8)}, "each 32 to 2048, got"),
        ({"memory_momentum": 1.0}, r"in \[0, 1\), got 1.0"),
    ],
)
def test_bad_configurations_say_what_was_expected(values, message):
    with pytest.raises(ValueError, match=message):
        AONetConfig(**({"num_ids": 3} | values))


def test_unknown_preset_and_fields():
    with pytest.raises(ValueError, match="preset must be one of base_gap.*got 'nope'"):
        preset("nope", 3)
    with pytest.raises(ValueError, match="unknown fields: colour"):
        AONetConfig.from_dict({"num_ids": 3, "colour": 1})
    with pytest.raises(ValueError, match="num_ids"):
        AONetConfig.from_dict({"backbone": "resnet18"})


def test_bad_images_say_what_was_expected(tiny_model):
    with pytest.raises(ValueError, match=r"images must be \(B, 3, H, W\), got \(3, 64, 32\)"):
        tiny_model()(torch.randn(3, 64, 32))


@pytest.mark.parametrize("scale", [True, False])
def test_awareness_learns_through_the_scale_of_oa_features_only_when_asked(scale, tiny_model):
    model = tiny_model("aonet", oa_scale_gradient=scale)
    # Where all pixels are alike, a map changes its features in scale alone.
    model.backbone.forward = lambda images: torch.full((2, 512, 4, 2), 0.3)
    output = model(torch.randn(2, 3, 64, 32))
    torch.testing.assert_close(
        output.oa_features, output.sl_features * output.awareness[:, :, None]
    )
    (gradient,) = torch.autograd.grad(output.oa_features.square().sum(), model.activation.patterns)
    assert (gradient.abs().max() > 1e-3) == scale


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_maps_feel_only_a_share_of_what_features_are_asked_for(tiny_model, share):
    images = torch.randn(2, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    whole, held = (tiny_model(map_gradient=value) for value in (1.0, share))
    gradients = []
    for model in (whole, held):
        output = model(images)
        output.oa_features.square().sum().backward()
        gradients.append(model.activation.patterns.grad)
    torch.testing.assert_close(held(images).oa_features, whole(images).oa_features)
    expected = share * gradients[0]
    got = torch.zeros_like(expected) if gradients[1] is None else gradients[1]
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize(("backbone", "stage"), [("mobilenet_v2", 10), ("resnet18", 6)])
def test_landmarks_of_a_middle_stage(backbone, stage, tiny_model):
    model = tiny_model("aonet_lens", backbone=backbone, landmark_stage="middle")
    images = torch.randn(2, 3, 64, 32)
    output = model(images)
    middle = last = images
    for index, layer in enumerate(model.backbone):
        last = layer(last)
        middle = last if index == stage else middle
    torch.testing.assert_close(output.landmark_map, model.landmark_norm(middle))
    torch.testing.assert_close(output.feature_map, model.feature_norm(last))
    unit = torch.nn.functional.normalize
    cosine = torch.einsum(
        "bchw,kc->bkhw", unit(output.landmark_map, dim=1), unit(model.activation.patterns, dim=1)
    )
    torch.testing.assert_close(output.landmark_logits, 16 * cosine)
    torch.testing.assert_close(
        output.sl_features,
        torch.einsum("bkhw,bchw->bkc", output.response_map, output.feature_map),
    )
    plain = tiny_model("aonet_lens", backbone=backbone)
    assert model.backbone.state_dict().keys() == plain.backbone.state_dict().keys()
    with pytest.raises(ValueError, match="pass the output's landmark_map"):
        model.memory.update(output.feature_map, output.referenced_response_map)


def test_a_middle_stage_of_another_resolution_is_refused(tiny_model):
    with pytest.raises(ValueError, match=r"resolution only, \(4, 2\), got \(8, 4\)"):
        tiny_model("aonet_lens", landmark_stage="middle", stride_one_stage="layer3")
