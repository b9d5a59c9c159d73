"""Integrated gradients of functions whose integrals are known."""

import numpy as np
import pytest
import torch

from aonet_core.analysis.occlusion.integrated_gradients import PIECES, integrated


def pieces(target, start, end):
    taken = []
    found = integrated(target, start, end, taken.append)
    return found, sum(taken)


def test_squares_contribute_their_difference_in_few_pieces():
    start, end = torch.tensor([[1.0, -2.0, 0.0]]), torch.tensor([[3.0, 1.0, 2.0]])
    weight = torch.tensor([1.0, 0.5, -2.0])
    found, taken = pieces(lambda x: (weight * x**2).sum(dim=1), (start,), (end,))
    expected = weight * (end**2 - start**2)[0]
    np.testing.assert_allclose(found[0], expected, atol=1e-5)
    assert taken == PIECES[0]


def test_a_product_is_shared_by_its_factors():
    one, none = torch.ones(1, 1), torch.zeros(1, 1)
    found, _ = pieces(lambda x, y: (x * y)[:, 0], (none, none), (4 * one, 2 * one))
    assert [each.item() for each in found] == pytest.approx([4, 4])


def test_a_kink_takes_more_pieces_none_of_them_twice():
    # All of the rise comes in the last eightieth of the way.
    start, end = torch.zeros(1, 1), torch.ones(1, 1)
    found, taken = pieces(lambda x: torch.relu(x - 0.9875)[:, 0], (start,), (end,))
    assert taken == PIECES[1] and found[0].item() == pytest.approx(1 / 72, abs=1e-6)


def test_an_input_that_does_not_count_contributes_nothing():
    start, end = torch.zeros(1, 2), torch.ones(1, 2)
    found, _ = pieces(lambda x, y: x.sum(dim=1) + 0 * x[:, 0], (start, start), (end, end))
    assert found[0].tolist() == [1, 1] and not found[1].any()
