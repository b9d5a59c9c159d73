"""Landmark activation by hand, and the pooling under a map."""

import math

import pytest
import torch

from aonet_core.model.landmark_head import landmark_head
from aonet_core.model.landmarks import (
    GlobalAverage,
    LandmarkActivation,
    coarsen,
    patterned,
    pool,
    response_maps,
)

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


def test_the_head_keeps_the_size_and_centres_what_it_gives():
    head = landmark_head(4, 6).train()
    made = head(torch.randn(8, 4, 5, 3, generator=torch.Generator().manual_seed(0)))
    assert made.shape == (8, 6, 5, 3)
    torch.testing.assert_close(made.mean(dim=(0, 2, 3)), torch.zeros(6), atol=1e-5, rtol=0)
    # No bias, and neither scale nor shift after the last norm.
    shapes = [tuple(each.shape) for each in head.parameters()]
    assert shapes == [(6, 4, 1, 1), (6,), (6,), (6, 6, 3, 3), (6,), (6,), (6, 6, 3, 3)]


def test_a_finer_map_is_summed_over_the_pixels_that_share_a_feature():
    fine = torch.arange(24.0).reshape(1, 1, 4, 6)
    coarse = torch.tensor([[[[14.0, 22, 30], [62, 70, 78]]]])
    torch.testing.assert_close(coarsen(fine, (2, 3)), coarse)
    torch.testing.assert_close(coarsen(fine, (4, 3))[0, 0, 0], torch.tensor([1.0, 5, 9]))
    torch.testing.assert_close(coarsen(fine, (2, 6))[0, 0, :, 0], torch.tensor([6.0, 30]))
    assert coarsen(fine, (4, 6)) is fine
    torch.testing.assert_close(coarsen(fine[0, 0], (2, 3)), coarse[0, 0])
    features = torch.randn(1, 2, 2, 3, generator=torch.Generator().manual_seed(0))
    expected = (features[0] * coarse[0]).sum(dim=(1, 2))
    torch.testing.assert_close(pool(features, fine)[0, 0], expected)


@pytest.mark.parametrize("size", [(3, 6), (4, 4)])
def test_a_map_that_does_not_divide_is_refused(size):
    words = "maps of 4 x 6 do not divide into features of {} x {}".format(*size)
    with pytest.raises(ValueError, match=words):
        coarsen(torch.ones(1, 1, 4, 6), size)


def test_patterns_are_asked_of_an_activation_that_has_them():
    made = activation()
    assert patterned(made) is made
    with pytest.raises(ValueError, match="expected landmark patterns, got GlobalAverage"):
        patterned(GlobalAverage())
