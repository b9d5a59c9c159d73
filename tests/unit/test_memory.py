"""The memorised dictionary by hand (Eq. 1)."""

import pytest
import torch

from aonet_core.model import memory as module
from aonet_core.model.memory import LandmarkMemory

# Two images of two channels and three pixels each.
FEATURES = torch.tensor([[[[3.0, 0.0, 2.0]], [[4.0, 5.0, 0.0]]], [[[1.0, 9.0, 9.0]], [[0.0] * 3]]])
MAPS = torch.tensor([[[[0.1, 0.5, 0.2]]], [[[0.1, 0.0, 0.05]]]])
"""Peaks at the second pixel of the first image, (0, 5), and at the first of the second, (1, 0)."""


def updated(maps=MAPS, features=FEATURES, times=1, start=0.0, **options):
    made = LandmarkMemory(2, 1, **options)
    made.vectors.fill_(start)
    for _ in range(times):
        made.update(features, maps)
    return made.vectors[0]


def close(found, *expected):
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, torch.tensor(expected))


def test_it_starts_empty_and_moves_a_tenth_towards_the_mean_of_the_peaks():
    empty = LandmarkMemory(2, 3)
    assert empty.vectors.shape == (3, 2) and not empty.vectors.any()
    assert empty.weighting == "uniform"
    close(updated(), 0.05, 0.25)
    close(updated(start=1.0), 0.95, 1.15)
    close(updated(times=2), 0.095, 0.475)
    close(updated(momentum=0.0), 0.5, 2.5)


def test_votes_by_awareness():
    close(updated(momentum=0.0, weighting="awareness"), 0.15 / 0.95, 4.0 / 0.95)


def test_unit_features():
    close(updated(momentum=0.0, unit_features=True), 0.5, 0.5)
    peak_first = torch.tensor([[[[0.9, 0.5, 0.2]]]])
    close(updated(peak_first, FEATURES[:1], momentum=0.0, unit_features=True), 0.6, 0.8)


def test_tied_peaks_share_the_vote_of_their_image():
    tied = MAPS.clone()
    tied[0, 0, 0, 0] = 0.5
    close(updated(tied, momentum=0.0), (1.5 + 1) / 2, 4.5 / 2)


def test_a_landmark_that_nobody_sees_keeps_its_memory():
    # All pixels tie at a response of zero; weighted by awareness nobody votes.
    close(updated(0 * MAPS, momentum=0.5, weighting="awareness", start=2.0), 2.0, 2.0)


def test_only_images_that_may_teach_a_landmark_do():
    made = LandmarkMemory(2, 2, momentum=0.0)
    made.vectors.fill_(3.0)
    may = torch.tensor([[True, False], [False, False]])
    made.update(FEATURES, MAPS.expand(2, 2, 1, 3), may)
    close(made.vectors[0], 0.0, 5.0)
    close(made.vectors[1], 3.0, 3.0)


def test_landmarks_do_not_know_each_other():
    both = LandmarkMemory(2, 2, momentum=0.0)
    both.update(FEATURES, torch.cat([MAPS, MAPS.flip(3)], dim=1))
    close(both.vectors[0], 0.5, 2.5)
    close(both.vectors[1], 4.5, 2.5)


def test_it_stays_single_precision_and_knows_no_gradient():
    features = FEATURES.to(torch.bfloat16).requires_grad_()
    maps = MAPS.to(torch.bfloat16).requires_grad_()
    made = LandmarkMemory(2, 1)
    made.update(features, maps)
    close(made.vectors[0], 0.05, 0.25)
    assert not made.vectors.requires_grad and list(made.state_dict()) == ["vectors"]
    assert not list(made.parameters())
    weighted = updated(maps.detach(), features.detach(), weighting="awareness", momentum=0.0)
    torch.testing.assert_close(weighted, torch.tensor([0.15, 4.0]) / 0.95, rtol=4e-3, atol=0)


def test_the_mean_runs_over_the_images_of_all_ranks(monkeypatch):
    """Another rank with one image, whose peak is at (7, 1)."""

    def all_reduce(tensor):
        tensor += torch.tensor([[7.0, 1.0]]) if tensor.ndim == 2 else 1.0

    monkeypatch.setattr(module.distributed, "all_reduce", all_reduce)
    close(updated(momentum=0.0), 0.5, 2.5)  # no other ranks
    monkeypatch.setattr(module.distributed, "is_initialized", lambda: True)
    close(updated(momentum=0.0), 8 / 3, 2.0)
    monkeypatch.setattr(module.distributed, "is_available", lambda: False)
    close(updated(momentum=0.0), 0.5, 2.5)


def test_features_of_another_width_are_refused():
    with pytest.raises(ValueError, match="features of 3 channels, got 2: pass .* landmark_map"):
        LandmarkMemory(3, 1).update(FEATURES, MAPS)
