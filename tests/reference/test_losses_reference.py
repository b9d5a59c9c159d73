"""Every loss, recomputed by plain loops in float64."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from aonet_core.losses import (
    band_loss,
    consistency_loss,
    landmark_cross_entropy,
    match_loss,
    orthogonal_loss,
    position_loss,
)


def slow_cross_entropy(logits, labels, weight, smoothing=0.0):
    batch, landmarks, _ = logits.shape
    total = 0.0
    for b in range(batch):
        for k in range(landmarks):
            for n, logit in enumerate(logits[b, k]):
                target = (1 - smoothing) * (n == labels[b]) + smoothing / len(logits[b, k])
                probability = math.exp(logit) / sum(np.exp(logits[b, k]))
                total -= weight[b, k] * target * math.log(probability) / landmarks
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


def slow_band(maps):
    batch, landmarks, height, width = maps.shape
    total = 0.0
    for b in range(batch):
        for k in range(landmarks):
            top, bottom = (k - 0.25) / landmarks, (k + 1.25) / landmarks
            for h in range(height):
                for w in range(width):
                    row, column = (h + 0.5) / height, (w + 0.5) / width
                    away = max(0.0, top - row, row - bottom)
                    away += max(0.0, 0.25 - column, column - 0.75)
                    total += away * maps[b, k, h, w]
    return total / (batch * landmarks)


def slow_match(features, weight, labels, picture, temperature):
    def similarity(i, j):
        cosines = [
            sum(x * y for x, y in zip(a, b, strict=True))
            / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
            for a, b in zip(features[i], features[j], strict=True)
        ]
        weights = [a * b for a, b in zip(weight[i], weight[j], strict=True)]
        return sum(w * c for w, c in zip(weights, cosines, strict=True)) / sum(weights)

    losses = []
    for i in range(len(labels)):
        others = [j for j in range(len(labels)) if picture[j] != picture[i]]
        scores = {j: math.exp(similarity(i, j) / temperature) for j in others}
        matches = [j for j in others if labels[j] == labels[i]]
        if matches:
            chances = [scores[j] / sum(scores.values()) for j in matches]
            losses.append(-sum(math.log(chance) for chance in chances) / len(matches))
    return sum(losses) / len(losses)


def slow_consistency(clean, occluded, awareness, visible, form):
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
            got = awareness[b, k]
            if form == "absolute":
                scores += abs(got - free)
            else:
                scores += free * math.log(free / got)
                scores += (1 - free) * math.log((1 - free) / (1 - got))
    return (maps + 2.0 * scores) / (batch * landmarks)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy(rng, smoothing):
    logits = 3.0 * rng.standard_normal((4, 3, 7))
    labels, weight = rng.integers(0, 7, 4), rng.random((4, 3))
    tensors = map(torch.from_numpy, (logits, labels, weight))
    got = landmark_cross_entropy(*tensors, smoothing)
    expected = slow_cross_entropy(logits, labels, weight, smoothing)
    assert got.item() == pytest.approx(expected, rel=1e-5)


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


def test_band(rng):
    maps = rng.dirichlet(np.full(32, 0.2), size=(3, 4)).reshape(3, 4, 8, 4)
    assert band_loss(torch.from_numpy(maps)).item() == pytest.approx(slow_band(maps), rel=1e-5)


def test_match(rng):
    features, weight = rng.standard_normal((7, 3, 5)), 0.1 + rng.random((7, 3))
    # Picture 3 is the only one of its person; the last two are copies of others.
    labels, picture = np.array([0, 0, 1, 2, 1, 0, 1]), np.array([0, 1, 2, 3, 4, 0, 2])
    got = match_loss(*map(torch.from_numpy, (features, weight, labels, picture)), 0.3)
    expected = slow_match(features, weight, labels, picture, 0.3)
    assert got.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("form", ["absolute", "divergence"])
def test_consistency(rng, form):
    clean, occluded = rng.random((2, 3, 4, 8, 4)) / 32.0
    awareness, visible = rng.random((3, 4)), rng.random((3, 8, 4))
    got = consistency_loss(
        SimpleNamespace(referenced_response_map=torch.from_numpy(clean)),
        SimpleNamespace(
            referenced_response_map=torch.from_numpy(occluded),
            awareness=torch.from_numpy(awareness),
        ),
        torch.from_numpy(visible),
        form,
    )
    expected = slow_consistency(clean, occluded, awareness, visible, form)
    assert got.item() == pytest.approx(expected, rel=1e-5)
