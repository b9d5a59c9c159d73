"""The engine: pictures become the model's own numbers, and what does not fit is explained."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core.adaptation.carry import KEPT
from aonet_core.data.transforms import preprocess
from aonet_core.engine import EngineInfo, connect, read_samples
from aonet_core.model import load_checkpoint, save_checkpoint
from aonet_core.model.backbone import build_backbone
from aonet_core.model.precision import autocast, fold_batch_norms, for_looking
from aonet_core.types import AONetOutput

PARTS = ("head", "upper_torso", "upper_legs", "lower_legs")


@pytest.fixture
def photos():
    rng = np.random.default_rng(1)
    shapes = [(90, 40), (33, 71), (64, 32)]
    return [Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for shape in shapes]


def test_info_tells_what_runs(tiny_checkpoint):
    info = connect(checkpoint=tiny_checkpoint).info()
    assert isinstance(info, EngineInfo) and info.checkpoint == "tiny"
    assert info.digest == json.loads(tiny_checkpoint.with_suffix(".json").read_text())["sha256"]
    assert (info.preset, info.backbone, info.num_landmarks) == ("aonet_lens", "resnet18", 6)
    assert info.image_size == (64, 32) and info.map_size == (4, 2)
    assert info.metrics == {} and info.device and info.precision in ("float32", "bfloat16")


def test_analysis_equals_the_model(tiny_checkpoint, photos):
    analyses = connect(checkpoint=tiny_checkpoint).analyze(photos)
    model, _ = load_checkpoint(tiny_checkpoint)
    # Memory layout changes the order of sums, which shows in half precision.
    model = model.to(memory_format=torch.channels_last)
    images = preprocess(photos, model.config.image_size)
    with torch.inference_mode(), autocast("cpu"):
        output = model(images.contiguous(memory_format=torch.channels_last))
    for field in fields(AONetOutput):
        if field.name == "landmark_map":  # the feature map, or what nobody looks at
            continue
        expected = getattr(output, field.name).float().numpy()
        for row, analysis in enumerate(analyses):
            wanted = expected if field.name == "average_logit" else expected[row]
            got = getattr(analysis, field.name)
            assert got.dtype == np.float32 and got.shape == wanted.shape
            # Sums in another order differ by a part of the largest, on some processors more.
            close = {"atol": 1e-4 * max(1.0, np.abs(wanted).max()), "rtol": 0}
            np.testing.assert_allclose(got, wanted, **close, err_msg=field.name)
    for analysis in analyses:
        np.testing.assert_allclose(analysis.response_map.sum((1, 2)), 1, atol=1e-5)
        mass = analysis.referenced_response_map.sum((1, 2))
        np.testing.assert_allclose(mass, analysis.awareness, atol=1e-5)
        assert (analysis.best_logit == analysis.landmark_logits.max((1, 2))).all()
        assert analysis.milliseconds > 0


def test_folded_backbone_gives_the_same_features():
    for name in ("mobilenet_v2", "resnet18", "resnet18_ibn"):
        torch.manual_seed(3)
        backbone, _ = build_backbone(name)
        for layer in backbone.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(layer.running_mean, -0.5, 0.5)
                torch.nn.init.uniform_(layer.running_var, 0.5, 2)
                torch.nn.init.uniform_(layer.bias, -0.5, 0.5)
        images = torch.randn(2, 3, 64, 32)
        with torch.inference_mode():
            expected = backbone.eval()(images)
            folded = fold_batch_norms(backbone)
            got = folded(images)
        np.testing.assert_allclose(got.numpy(), expected.numpy(), atol=1e-4, err_msg=name)
        kept = [layer for layer in folded.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
        assert bool(kept) == name.endswith("ibn")


def test_parts_that_may_be_adapted_are_not_folded(tiny_model):
    net = tiny_model("aonet_context", backbone="mobilenet_v2", landmark_head=8, landmark_context=4)
    ready = for_looking(net)
    assert net.backbone.state_dict().keys() - ready.backbone.state_dict().keys()  # it was folded
    for name, part in net.named_children():
        if name not in KEPT:
            assert part.state_dict().keys() == getattr(ready, name).state_dict().keys(), name


def test_engine_folds_where_the_backbone_runs_in_float32(tiny_checkpoint):
    info = connect(checkpoint=tiny_checkpoint).info()
    assert info.batch_norms_folded == (info.device == "cpu" and info.precision == "float32")


def test_no_pictures(tiny_checkpoint):
    engine = connect(checkpoint=tiny_checkpoint)
    assert engine.analyze([]) == []
    with pytest.raises(ValueError, match="at least one picture, got none"):
        engine.embed([])


def test_embedding_is_what_the_analysis_says(tiny_checkpoint, photos):
    engine = connect(checkpoint=tiny_checkpoint)
    embedded, analyses = engine.embed(photos), engine.analyze(photos)
    assert embedded.features.shape == (3, 6, 512) and embedded.awareness.shape == (3, 6)
    for row, analysis in enumerate(analyses):
        np.testing.assert_array_equal(embedded.features[row], analysis.retrieval_features)
        np.testing.assert_array_equal(embedded.awareness[row], analysis.weight)


def test_threads_get_what_one_thread_gets(tiny_checkpoint, photos):
    engine = connect(checkpoint=tiny_checkpoint)
    alone = [engine.analyze([photo])[0].awareness for photo in photos]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda photo: engine.analyze([photo])[0], photos * 4))
    for analysis, expected in zip(together, alone * 4, strict=True):
        np.testing.assert_allclose(analysis.awareness, expected, atol=1e-6)


def test_checkpoint_that_does_not_fit_is_explained(tiny_model, tmp_path):
    checkpoint = save_checkpoint(tmp_path / "tiny", tiny_model("aonet_lens"), {})
    card = json.loads(checkpoint.with_suffix(".json").read_text())
    card["config"]["num_landmarks"] = 4
    checkpoint.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(ValueError, match=r"does not fit its configuration: .* must be .*, got"):
        connect(checkpoint=checkpoint)


def test_missing_checkpoint_and_bad_address_are_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        connect(checkpoint=tmp_path / "none.safetensors")
    with pytest.raises(ValueError, match="address must be like http://host:8700, got 'host:1'"):
        connect("host:1")
    with pytest.raises(ValueError, match="expected its address too"):
        connect(token="secret")


def test_shipped_samples_pair_an_occluded_picture_with_its_twin():
    samples = read_samples()
    left, right = samples.default_pair()
    occluded, twin = samples.samples[left], samples.samples[right]
    assert occluded.role == "query" and occluded.hidden > 0 and occluded.twin == right
    assert twin.role == "twin" and twin.path.is_file() and not twin.twin
    assert set(PARTS) <= set(occluded.visible)


def test_folder_without_samples_is_empty_and_a_broken_table_is_explained(tmp_path):
    assert len(read_samples(tmp_path)) == 0 and read_samples(tmp_path).default_pair() is None
    (tmp_path / "visibility.parquet").write_text("no table")
    with pytest.raises(ValueError, match="visibility.parquet of the samples cannot be read"):
        read_samples(tmp_path)
