"""Every equation of the forward pass, recomputed by plain loops in float64."""

import math

import numpy as np
import pytest
import torch

from aonet_core.model import PRESETS
from aonet_core.model.attention import LandmarkAttention
from aonet_core.model.landmarks import LandmarkActivation, pool, response_maps
from aonet_core.model.memory import LandmarkMemory

TOLERANCE = 1e-5


def slow_logits(feature_map, patterns, memory, temperature=None):
    """i_k . F(p) and i_k . m_k; with a temperature, cosines of pattern and pixel."""
    batch, channels, height, width = feature_map.shape
    logits = np.zeros((batch, len(patterns), height, width))
    average = np.zeros(len(patterns))
    for k, pattern in enumerate(patterns):
        norm = 1.0 if temperature is None else math.sqrt(sum(x * x for x in pattern)) / temperature
        average[k] = sum(pattern[c] * memory[k, c] for c in range(channels)) / norm
        for b in range(batch):
            for h in range(height):
                for w in range(width):
                    pixel = feature_map[b, :, h, w]
                    inner = sum(pattern[c] * pixel[c] for c in range(channels))
                    length = 1.0 if temperature is None else math.sqrt((pixel**2).sum())
                    logits[b, k, h, w] = inner / norm / length
    return logits, average


def slow_response(logits, average):
    """Eqs. 2, 3, 4 for one landmark of one image."""
    response = np.exp(logits)
    total = sum(response.ravel())
    referenced = response / (math.exp(average) + total)
    return response / total, referenced, sum(referenced.ravel())


def slow_pool(feature_map, response):
    channels, height, width = feature_map.shape
    feature = np.zeros(channels)
    for h in range(height):
        for w in range(width):
            feature += feature_map[:, h, w] * response[h, w]
    return feature


def slow_attention(features, attention):
    """Attention of one image's (K, C) landmark features."""
    query, key, value = (
        layer.weight.detach().double().numpy()
        for layer in (attention.query, attention.key, attention.value)
    )
    result = features.copy()
    for i in range(len(features)):
        scores = [
            (query @ features[i]) @ (key @ features[j]) / math.sqrt(len(query))
            for j in range(len(features))
        ]
        shares = np.exp(scores) / np.exp(scores).sum()
        for j in range(len(features)):
            result[i] += attention.gate.item() * shares[j] * (value @ features[j])
    return result


@pytest.mark.parametrize("logits_form", ["inner_product", "cosine"])
def test_landmark_logits(logits_form):
    torch.manual_seed(1)
    activation = LandmarkActivation(7, 3, logits=logits_form, temperature=16.0)
    feature_map, memory = torch.randn(2, 7, 3, 2), torch.randn(3, 7)
    logits, average = activation(feature_map, memory)
    expected, expected_average = slow_logits(
        feature_map.double().numpy(),
        activation.patterns.detach().double().numpy(),
        memory.double().numpy(),
        16.0 if logits_form == "cosine" else None,
    )
    np.testing.assert_allclose(logits.detach().numpy(), expected, atol=TOLERANCE)
    np.testing.assert_allclose(average.detach().numpy(), expected_average, atol=TOLERANCE)


def test_response_maps_and_awareness():
    generator = torch.Generator().manual_seed(2)
    logits = 3 * torch.randn(2, 3, 4, 2, generator=generator)
    average = torch.randn(3, generator=generator)
    response, referenced, awareness = response_maps(logits, average)
    for b in range(2):
        for k in range(3):
            expected = slow_response(logits[b, k].double().numpy(), average[k].item())
            np.testing.assert_allclose(response[b, k], expected[0], atol=TOLERANCE)
            np.testing.assert_allclose(referenced[b, k], expected[1], atol=TOLERANCE)
            assert awareness[b, k].item() == pytest.approx(expected[2], abs=TOLERANCE)


def test_pool():
    generator = torch.Generator().manual_seed(3)
    feature_map = torch.randn(2, 5, 4, 2, generator=generator)
    response = torch.rand(2, 3, 4, 2, generator=generator)
    features = pool(feature_map, response)
    for b in range(2):
        for k in range(3):
            expected = slow_pool(feature_map[b].double().numpy(), response[b, k].double().numpy())
            np.testing.assert_allclose(features[b, k], expected, atol=TOLERANCE)


def test_attention():
    torch.manual_seed(4)
    attention = LandmarkAttention(16)
    torch.nn.init.constant_(attention.gate, 0.7)
    features = torch.randn(2, 3, 16)
    attended = attention(features).detach().numpy()
    for b in range(2):
        expected = slow_attention(features[b].double().numpy(), attention)
        np.testing.assert_allclose(attended[b], expected, atol=TOLERANCE)


@pytest.mark.parametrize("weighting", ["uniform", "awareness"])
@pytest.mark.parametrize("unit_features", [False, True])
def test_memory_update(weighting, unit_features):
    generator = torch.Generator().manual_seed(5)
    feature_map = torch.randn(4, 6, 3, 2, generator=generator)
    response = torch.rand(4, 2, 3, 2, generator=generator) / 6
    response[0, 0] = 0.1  # all pixels tie
    memory = LandmarkMemory(6, 2, 0.9, weighting, unit_features)
    memory.vectors.copy_(torch.randn(2, 6, generator=generator))
    before = memory.vectors.double().numpy().copy()
    memory.update(feature_map, response)
    for k in range(2):
        total, votes = np.zeros(6), 0.0
        for b in range(4):
            peaks = [
                (h, w)
                for h in range(3)
                for w in range(2)
                if response[b, k, h, w] == response[b, k].max()
            ]
            pixels = [feature_map[b, :, h, w].double().numpy() for h, w in peaks]
            if unit_features:
                pixels = [pixel / np.sqrt((pixel**2).sum()) for pixel in pixels]
            vote = response[b, k].double().sum().item() if weighting == "awareness" else 1.0
            total += vote * sum(pixels) / len(pixels)
            votes += vote
        expected = 0.9 * before[k] + 0.1 * total / votes
        np.testing.assert_allclose(memory.vectors[k], expected, atol=TOLERANCE)


def slow_blocks(fine, size):
    """Sum a map finer than the features over the pixels that share one."""
    coarse = np.zeros(size)
    for row in range(fine.shape[0]):
        for column in range(fine.shape[1]):
            place = row * size[0] // fine.shape[0], column * size[1] // fine.shape[1]
            coarse[place] += fine[row, column]
    return coarse


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "base_gap"])
def test_forward_composes_the_equations(name, tiny_model):
    backbone = "resnet50_ibn" if name == "aonet_ibn" else "resnet18"
    model = tiny_model(name, backbone=backbone)
    if model.config.attention:
        torch.nn.init.constant_(model.attention.gate, 0.5)
    images = torch.randn(2, 3, 64, 32, generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        output = model(images)
    features = output.feature_map.double().numpy()
    logits = output.landmark_logits.double().numpy()
    for b in range(2):
        pooled = []
        for k in range(6):
            average = output.average_logit[k].item()
            response, referenced, awareness = slow_response(logits[b, k], average)
            np.testing.assert_allclose(output.response_map[b, k], response, atol=TOLERANCE)
            np.testing.assert_allclose(
                output.referenced_response_map[b, k], referenced, atol=TOLERANCE
            )
            assert output.awareness[b, k].item() == pytest.approx(awareness, abs=TOLERANCE)
            expected_weight = {"one": 1.0, "max_response": response.max(), "awareness": awareness}
            assert output.weight[b, k].item() == pytest.approx(
                expected_weight[model.config.weight], abs=TOLERANCE
            )
            coarse = (slow_blocks(each, features.shape[2:]) for each in (response, referenced))
            sl, oa = (slow_pool(features[b], each) for each in coarse)
            np.testing.assert_allclose(output.sl_features[b, k], sl, atol=TOLERANCE)
            np.testing.assert_allclose(output.oa_features[b, k], oa, atol=TOLERANCE)
            pooled.append(oa if model.config.landmark_features == "oa" else sl)
        pooled = np.stack(pooled)
        np.testing.assert_allclose(output.landmark_features[b], pooled, atol=TOLERANCE)
        attended = slow_attention(pooled, model.attention) if model.config.attention else pooled
        # Untrained features reach 9: float32 keeps its digits relative to the largest of the sums.
        largest = max(1.0, np.abs(attended).max())
        np.testing.assert_allclose(
            output.attended_features[b] / largest, attended / largest, atol=TOLERANCE
        )


def test_base_gap_is_global_average_pooling(tiny_model):
    model = tiny_model("base_gap")
    with torch.no_grad():
        output = model(torch.randn(2, 3, 64, 32))
    expected = output.feature_map.mean(dim=(2, 3))
    torch.testing.assert_close(output.retrieval_features[:, 0], expected, atol=1e-5, rtol=0)
    assert output.awareness.eq(1).all() and output.weight.eq(1).all()
