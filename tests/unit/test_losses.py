"""The losses on cases worked out by hand, their gradients and their refusals."""

import math
from types import SimpleNamespace

import pytest
import torch

from aonet_core import losses
from aonet_core.losses import (
    band_loss,
    consistency_loss,
    landmark_cross_entropy,
    match_loss,
    orthogonal_loss,
    position_loss,
)


def test_cross_entropy_of_a_coin():
    # Two classes with odds 3:1; the second landmark counts half, the mean over K divides by 2.
    logits = torch.tensor([[[math.log(3.0), 0.0], [0.0, 0.0]]])
    loss = landmark_cross_entropy(logits, torch.tensor([0]), torch.tensor([[1.0, 0.5]]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + 0.5 * math.log(2)) / 2)


def test_a_hidden_landmark_gives_no_gradient():
    logits = torch.zeros(2, 2, 3, requires_grad=True)
    weight = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    landmark_cross_entropy(logits, torch.tensor([0, 2]), weight).backward()
    assert logits.grad[:, 1].abs().max() == 0 and logits.grad[:, 0].abs().min() > 0


@pytest.mark.parametrize(
    ("second", "cosine"), [([0.0, 2.0], 0.0), ([-3.0, 0.0], 0.0), ([1.0, 1.0], math.sqrt(0.5))]
)
def test_orthogonal_of_two_directions(second, cosine):
    loss = orthogonal_loss(torch.tensor([[[1.0, 0.0], second]]))
    assert loss.item() == pytest.approx(-math.log(1 - cosine + 1e-6) / 4, abs=1e-6)


def test_orthogonal_is_largest_and_finite_where_features_coincide():
    features = torch.randn(1, 1, 64, generator=torch.Generator().manual_seed(0))
    same = features.expand(2, 6, 64).contiguous().requires_grad_()
    loss = orthogonal_loss(same)
    loss.backward()
    assert loss.item() == pytest.approx(-15 * math.log(1e-6) / 36, rel=0.1)
    assert same.grad.isfinite().all()


def test_a_cosine_that_rounding_brought_above_one_counts_as_one_and_still_parts(monkeypatch):
    monkeypatch.setattr(losses.functional, "normalize", lambda features, dim: features)
    features = torch.tensor([[[1.0, 0.5], [1.0, 0.4]]], requires_grad=True)  # a product of 1.2
    loss = orthogonal_loss(features)
    loss.backward()
    assert loss.item() == pytest.approx(-math.log(1e-6) / 4)
    assert features.grad.abs().min() > 0


def test_a_pair_of_one_person_among_others():
    features = torch.tensor([[[2.0, 0.0]], [[1.0, 0.0]], [[0.0, 3.0]]])
    one = torch.ones(3, 1), torch.tensor([0, 0, 1]), torch.arange(3)
    # Cosines of 1 and 0; the third has nobody to find.
    expected = math.log(1 + math.exp(-1))
    assert match_loss(features, *one, temperature=1.0).item() == pytest.approx(expected)


def test_bands_are_measured_where_the_maps_are():
    assert band_loss(torch.empty(1, 2, 4, 3, device="meta")).device.type == "meta"


def test_orthogonal_parts_features_that_nearly_coincide():
    generator = torch.Generator().manual_seed(1)
    features = torch.randn(1, 1, 16, generator=generator).expand(4, 6, 16)
    features = features + 1e-3 * torch.randn(4, 6, 16, generator=generator)
    features.requires_grad_()
    optimizer = torch.optim.Adam([features], lr=0.05)
    before = orthogonal_loss(features).item()
    for _ in range(100):
        optimizer.zero_grad()
        orthogonal_loss(features).backward()
        optimizer.step()
    assert orthogonal_loss(features).item() < 0.2 * before


def test_orthogonal_survives_a_feature_of_zero():
    features = torch.zeros(1, 3, 8, requires_grad=True)
    orthogonal_loss(features).backward()
    assert features.grad.isfinite().all()


def test_position_is_zero_apart_and_largest_together():
    apart, together = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    for k in range(3):
        apart[0, k].view(-1)[k] = 1.0
    together[:, :, 0, 0] = 1.0
    assert position_loss(apart).item() == 0.0
    assert position_loss(together).item() == pytest.approx(2 / 3)
    assert position_loss(torch.cat([apart, together])).item() == pytest.approx(1 / 3)


def test_a_landmark_is_free_in_its_band_and_a_quarter_beyond():
    maps = torch.zeros(1, 2, 8, 4)  # bands of four rows: the first may go down to row 4
    maps[0, 0, 4, 1], maps[0, 1, 3, 2] = 1.0, 1.0
    assert band_loss(maps).item() == 0.0
    down = maps.roll(2, dims=2)  # the first in row 6, 1.5 rows too far; the second in row 5
    assert band_loss(down).item() == pytest.approx(1.5 / 8 / 2)
    right = maps.roll(1, dims=3)  # the second in the last column, half a column too far
    assert band_loss(right).item() == pytest.approx(0.5 / 4 / 2)


def test_a_match_alone_in_its_batch_has_nothing_to_find():
    features = torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(0))
    ones, rows = torch.ones(3, 2), torch.arange(3)
    assert match_loss(features, ones, rows, rows).item() == 0.0
    # Two pictures of one person, and no others: found for certain.
    assert match_loss(features[:2], ones[:2], torch.zeros(2), rows[:2]).item() == 0.0


def outputs(maps, awareness=None):
    return SimpleNamespace(
        referenced_response_map=maps,
        awareness=maps.sum(dim=(2, 3)) if awareness is None else awareness,
    )


def test_consistency_of_a_half_hidden_landmark():
    # The clean map has .3 + .1; the occluder hides the .3. A network that sees nothing of it is
    # wrong by .3 in the map and by .3 in the awareness: .3 + 2 * .3.
    maps = torch.tensor([[[[0.3, 0.1]]]])
    visible = torch.tensor([[[0.0, 1.0]]])
    assert consistency_loss(outputs(maps), outputs(maps), visible).item() == pytest.approx(0.9)
    right = outputs(maps * visible[:, None])
    assert consistency_loss(outputs(maps), right, visible).item() == 0.0
    assert consistency_loss(outputs(maps), outputs(maps), torch.ones(1, 1, 2)).item() == 0.0


def test_consistency_teaches_the_occluded_side_only():
    generator = torch.Generator().manual_seed(0)
    clean = torch.rand(2, 3, 4, 2, generator=generator, requires_grad=True)
    occluded = torch.rand(2, 3, 4, 2, generator=generator, requires_grad=True)
    consistency_loss(outputs(clean), outputs(occluded), torch.rand(2, 4, 2)).backward()
    assert clean.grad is None and occluded.grad.abs().min() > 0


def test_a_wrong_certainty_is_dear_but_no_more_than_dear():
    none, whole = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    free, one = torch.ones(1, 1, 1), torch.tensor([[1.0]])
    sure = consistency_loss(outputs(none), outputs(none, one), free, "divergence")
    assert sure.item() == pytest.approx(2 * math.log(1e6), rel=5e-3)
    right = consistency_loss(outputs(whole), outputs(whole, one), free, "divergence")
    assert right.item() == 0.0


def test_a_match_nobody_sees_is_finite_and_the_temperature_a_tenth():
    features = torch.randn(4, 2, 4, generator=torch.Generator().manual_seed(0))
    labels, picture = torch.tensor([0, 0, 1, 1]), torch.arange(4)
    weight = torch.tensor([[1.0, 0.5], [0.0, 0.0], [0.2, 0.9], [0.7, 0.1]])
    loss = match_loss(features, weight, labels, picture)
    assert loss.isfinite() and loss == match_loss(features, weight, labels, picture, 0.1)


def every_loss(dtype):
    """All losses of what has been rounded to half precision, in another one."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape):
        made = torch.randn(*shape, generator=generator)
        return made.to(torch.bfloat16).to(dtype)

    features, weight = drawn(4, 3, 8), drawn(4, 3).abs()
    maps, other = drawn(4, 3, 6, 4).abs(), drawn(4, 3, 6, 4).abs()
    labels, visible = torch.tensor([0, 0, 1, 1]), drawn(4, 6, 4).abs()
    sides = outputs(maps / 32, weight), outputs(other / 32, drawn(4, 3).abs() / 8)
    return {
        "cross entropy": landmark_cross_entropy(features, labels, weight),
        "orthogonal": orthogonal_loss(features),
        "position": position_loss(maps / 32),
        "band": band_loss(maps / 32),
        "match": match_loss(features, weight, labels, torch.arange(4)),
        "consistency": consistency_loss(*sides, visible),
        "divergence": consistency_loss(*sides, visible, "divergence"),
    }


@pytest.mark.parametrize("mixed", [True, False])
def test_losses_are_single_precision_whatever_comes(mixed):
    expected = every_loss(torch.float32)
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        found = every_loss(torch.bfloat16)
    for name, loss in found.items():
        assert loss.dtype == torch.float32, name
        torch.testing.assert_close(
            loss, expected[name], msg=lambda text, name=name: f"{name}: {text}"
        )


@pytest.mark.parametrize(
    ("call", "got"),
    [
        (lambda: landmark_cross_entropy(torch.ones(2, 5), torch.ones(2), torch.ones(2)), "(2, 5)"),
        (
            lambda: landmark_cross_entropy(torch.ones(2, 3, 5), torch.ones(3), torch.ones(2, 3)),
            "(3,)",
        ),
        (
            lambda: landmark_cross_entropy(torch.ones(2, 3, 5), torch.ones(2), torch.ones(2, 4)),
            "(2, 4)",
        ),
        (lambda: orthogonal_loss(torch.ones(2, 5)), "(2, 5)"),
        (lambda: position_loss(torch.ones(2, 5)), "(2, 5)"),
        (lambda: band_loss(torch.ones(2, 5)), "(2, 5)"),
        (lambda: match_loss(torch.ones(2, 3, 5), *torch.ones(3, 2)), "(2,)"),
        (
            lambda: match_loss(torch.ones(2, 3, 5), torch.ones(2, 4), *torch.ones(2, 2)),
            "(2, 4)",
        ),
        (
            lambda: match_loss(torch.ones(2, 3, 5), torch.ones(2, 3), torch.ones(3), torch.ones(2)),
            "(3,)",
        ),
        (
            lambda: match_loss(torch.ones(2, 3, 5), torch.ones(2, 3), torch.ones(2), torch.ones(4)),
            "(4,)",
        ),
        (
            lambda: consistency_loss(
                outputs(torch.ones(1, 2, 4, 2)), outputs(torch.ones(1, 2, 4, 2)), torch.ones(1, 4)
            ),
            "(1, 4)",
        ),
        (
            lambda: consistency_loss(
                outputs(torch.ones(1, 2, 4, 2)),
                outputs(torch.ones(1, 3, 4, 2)),
                torch.ones(1, 4, 2),
            ),
            "(1, 3, 4, 2)",
        ),
    ],
)
def test_wrong_shapes_are_named(call, got):
    with pytest.raises(ValueError, match="must") as error:
        call()
    assert got in str(error.value)
