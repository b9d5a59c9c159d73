"""Landmark activation by hand, and the pooling under a map."""

import math

import pytest
import torch

from aonet_core.model.landmarks import GlobalAverage, LandmarkActivation, pool, response_maps

# Two channels, a row of three pixels.
FEATURES = torch.tensor([[[[3.0, 0.0, 2.0]], [[4.0, 5.0, 0.0]]]])  # (1, 2, 1, 3)
PATTERNS = torch.tensor([[1.0, 2.0], [0.0, -3.0]])
MEMORY = torch.tensor([[1.0, 1.0], [2.0, 4.0]])


def activation(**options):
    made = LandmarkActivation(2, 2, **options)
    made.patterns.data.copy_(PATTERNS)
    return made


def test_inner_products_with_pixels_and_with_the_memory():
    logits, average = activation()(FEATURES, MEMORY)
    torch.testing.assert_close(logits, torch.tensor([[[[11.0, 10, 2]], [[-12.0, -15, 0]]]]))
    torch.testing.assert_close(average, torch.tensor([3.0, -12.0]))


@pytest.mark.parametrize(("options", "scale"), [({}, 16.0), ({"temperature": 4.0}, 4.0)])
def test_cosines_times_a_temperature(options, scale):
    logits, average = activation(logits="cosine", **options)(FEATURES, MEMORY)
    root = math.sqrt(5.0)
    cosines = [[11 / 5 / root, 10 / 5 / root, 1 / root], [-0.8, -1.0, 0.0]]
    torch.testing.assert_close(logits[0, :, 0], scale * torch.tensor(cosines))
    # The memory holds means of unit features, which are no unit vectors: it stays as it is.
    torch.testing.assert_close(average, scale * torch.tensor([3 / root, -4.0]))


def test_patterns_start_as_a_convolution_would():
    torch.manual_seed(0)
    patterns = LandmarkActivation(400, 5).patterns
    assert patterns.shape == (5, 400) and patterns.requires_grad
    assert 0.049 < patterns.max() <= 0.05 and -0.05 <= patterns.min() < -0.049


def test_the_memory_learns_nothing_by_gradients():
    memory = MEMORY.clone().requires_grad_()
    layer = activation()
    _, average = layer(FEATURES, memory)
    average.sum().backward()
    assert memory.grad is None
    torch.testing.assert_close(layer.patterns.grad, MEMORY)


def test_without_a_reference_all_pixels_count_alike():
    logits, average = GlobalAverage()(FEATURES, MEMORY)
    assert logits.shape == (1, 1, 1, 3) and average.tolist() == [-math.inf]
    response, referenced, awareness = response_maps(logits, average)
    assert awareness.tolist() == [[1.0]]
    torch.testing.assert_close(response, torch.full((1, 1, 1, 3), 1 / 3))
    torch.testing.assert_close(referenced, response)
    torch.testing.assert_close(pool(FEATURES, response), FEATURES.mean(dim=(2, 3))[:, None])


def test_one_pixel_against_the_reference_is_the_logistic_function():
    logits = torch.tensor([[[[2.0]], [[500.0]]]])
    response, referenced, awareness = response_maps(logits, torch.tensor([0.5, 900.0]))
    assert response.flatten().tolist() == [1.0, 1.0]
    expected = torch.tensor([[1 / (1 + math.exp(-1.5)), 0.0]])
    torch.testing.assert_close(awareness, expected)
    torch.testing.assert_close(referenced[:, :, 0, 0], expected)
