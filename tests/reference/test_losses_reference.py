"""Every loss, recomputed by plain loops in float64."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from aonet_core.losses import (
    consistency_loss,
    landmark_cross_entropy,
    orthogonal_loss,
    position_loss,
)


def slow_cross_entropy(logits, labels, weight):
    batch, landmarks, _ = logits.shape
    total = 0.0
    for b in range(batch):
        for k in range(landmarks):
            probability = math.exp(logits[b, k, labels[b]]) / sum(np.exp(logits[b, k]))
            total -= weight[b, k] * math.log(probability) / landmarks
    return total / batch


def slow_orthogonal(features, eps):
    batch, landmarks, _ = features.shape
    total = 0.0
    for b in range(batch):
        for i in range(landmarks):
            for j in range(i + 1, landmarks):
                first, second = features[b, i], features[b, j]
                inner = sum(x * y for x, y in zip(first, second, strict=True))
                lengths = math.sqrt(sum(x * x for x in first) * sum(y * y for y in second))
                total -= math.log(1.0 - max(0.0, inner / lengths) + eps) / landmarks**2
    return total / batch


def slow_position(maps):
    batch, landmarks, height, width = maps.shape
    total = 0.0
    for b in range(batch):
        covered = 0.0
        for h in range(height):
            for w in range(width):
                covered += max(maps[b, k, h, w] for k in range(landmarks))
        total += 1.0 - covered / landmarks
    return total / batch


def slow_consistency(clean, occluded, awareness, visible):
    batch, landmarks, height, width = clean.shape
    maps = scores = 0.0
    for b in range(batch):
        for k in range(landmarks):
            free = 0.0
            for h in range(height):
                for w in range(width):
                    target = clean[b, k, h, w] * visible[b, h, w]
                    free += target
                    maps += abs(occluded[b, k, h, w] - target)
            scores += abs(awareness[b, k] - free)
    return (maps + 2.0 * scores) / (batch * landmarks)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_cross_entropy(rng):
    logits = 3.0 * rng.standard_normal((4, 3, 7))
    labels, weight = rng.integers(0, 7, 4), rng.random((4, 3))
    got = landmark_cross_entropy(*map(torch.from_numpy, (logits, labels, weight)))
    assert got.item() == pytest.approx(slow_cross_entropy(logits, labels, weight), rel=1e-5)


@pytest.mark.parametrize("eps", [1e-6, 1e-2])
def test_orthogonal(rng, eps):
    features = rng.standard_normal((3, 6, 5))
    got = orthogonal_loss(torch.from_numpy(features), eps)
    assert got.item() == pytest.approx(slow_orthogonal(features, eps), rel=1e-5)


def test_position(rng):
    maps = rng.dirichlet(np.full(32, 0.2), size=(3, 4)).reshape(3, 4, 8, 4)
    assert position_loss(torch.from_numpy(maps)).item() == pytest.approx(
        slow_position(maps), rel=1e-5
    )


def test_consistency(rng):
    clean, occluded = rng.random((2, 3, 4, 8, 4)) / 32.0
    awareness, visible = rng.random((3, 4)), rng.random((3, 8, 4))
    got = consistency_loss(
        SimpleNamespace(referenced_response_map=torch.from_numpy(clean)),
        SimpleNamespace(
            referenced_response_map=torch.from_numpy(occluded),
            awareness=torch.from_numpy(awareness),
        ),
        torch.from_numpy(visible),
    )
    expected = slow_consistency(clean, occluded, awareness, visible)
    assert got.item() == pytest.approx(expected, rel=1e-5)
