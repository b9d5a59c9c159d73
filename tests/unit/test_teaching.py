"""Heads that learn from what covers hide: covers, what is to be found under them, training."""

import numpy as np
import pytest
import torch

from aonet_core.adaptation import head
from aonet_core.adaptation.adapt import AdaptOptions, adapt
from aonet_core.adaptation.covers import HIDDEN_RANGE, IN_FRONT, KINDS, Pasted, paste
from aonet_core.adaptation.features import tapped_features
from aonet_core.adaptation.head import can_be_taught, looks, teach
from aonet_core.adaptation.people import Person, found_people, rendered_people
from aonet_core.adaptation.report import adapted_card
from aonet_core.adaptation.taught import Truth, answers, taught_loss, under_covers
from aonet_core.data.pictures import PicturesRead
from aonet_core.types import Landmarks


def pixels(count, size=(64, 32), seed=0):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 8, 4, generator=generator) * 255
    return torch.nn.functional.interpolate(coarse, size).to(torch.uint8)


def crowd(count, seed=0):
    """Boxes of people: a head above a torso above legs."""
    group = np.zeros((256, 128), np.uint8)
    for part, (top, bottom) in enumerate([(20, 60), (60, 100), (100, 130), (130, 180)], 1):
        group[top:bottom, 40:88] = part
    alpha = np.where(group > 0, 255, 0).astype(np.uint8)
    shown = pixels(count, (256, 128), seed).permute(0, 2, 3, 1).numpy()
    return tuple(Person(each, group, alpha) for each in shown)


@pytest.fixture
def net(tiny_model, monkeypatch):
    for name, fewer in (("VERSIONS", 2), ("RENDERED", 4), ("RENDERED_VERSIONS", 1)):
        monkeypatch.setattr(head, name, fewer)
    monkeypatch.setattr(head, "rendered_people", lambda: crowd(4, seed=9))
    return tiny_model("aonet_context", backbone="mobilenet_v2")


# --- covers --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, IN_FRONT])
def test_every_kind_of_cover_hides_a_part_and_is_drawn_by_the_seed_alone(kind):
    people = crowd(3)

    def pasted(seed):
        return paste(people, 0, np.random.default_rng(seed), [kind])

    first, again, other = pasted(1), pasted(1), pasted(2)
    assert first.kind == kind
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.hidden, again.hidden)
    assert not np.array_equal(first.hidden, other.hidden)
    assert HIDDEN_RANGE[0] <= first.hidden.mean() <= HIDDEN_RANGE[1]
    assert not first.front[~first.hidden].any()
    assert first.pixels.dtype == np.uint8 and first.pixels.shape == (256, 128, 3)
    shows_people = kind in ("window", IN_FRONT)
    assert any(pasted(seed).front.any() for seed in range(6)) == shows_people


def test_people_are_where_the_network_sees_them():
    parts = torch.zeros(1, 8, 32, 16)
    parts[:, 0] = 1.0
    parts[0, :, 8:24, 4:12] = torch.eye(8)[2][:, None, None]
    (person,) = found_people(pixels(1, (256, 128)), parts)
    assert person.group[128, 64] == 2 and person.group[10, 10] == 0


def test_rendered_people_are_whole():
    (person,) = rendered_people(1)
    assert set(range(7)) <= set(np.unique(person.group).tolist()) <= set(range(8))
    assert (person.alpha[person.group > 0] > 100).mean() > 0.95


# --- what is to be found -------------------------------------------------------------------


def test_nothing_is_to_be_found_where_a_cover_is():
    landmark = torch.tensor([[0.2, 0.6], [0.4, 0.8]]).reshape(1, 2, 1, 2)  # none, one
    anybody = torch.eye(8)[[3, 4]].T.reshape(1, 8, 1, 2)
    maps = torch.tensor([0.3, 0.5]).reshape(1, 1, 1, 2)
    clean = Truth(landmark, anybody, maps, torch.tensor([[0.8]]))
    hidden = np.zeros((256, 128), bool)
    hidden[:, 64:] = True  # the right pixel, as it is in the end
    front = np.where(hidden, 6, 0).astype(np.uint8)
    for mirrored, kept in ((False, 0), (True, 1)):
        pasted = Pasted("window", np.zeros((256, 128, 3), np.uint8), hidden, front, mirrored)
        found = under_covers(clean, torch.tensor([0]), [pasted])
        left, right = found.landmark[0, :, 0].T
        assert left.tolist() == pytest.approx(landmark[0, :, 0, kept].tolist())
        assert right.tolist() == [1.0, 0.0]
        assert found.anybody[0, :, 0].argmax(dim=0).tolist() == [3 + kept, 6]
        assert found.maps.flatten().tolist() == pytest.approx([maps.flatten()[kept].item(), 0])
        share = maps.flatten()[kept].item() / 0.8
        assert found.awareness.item() == pytest.approx(0.8 * share)


def test_the_loss_is_its_definition():
    """One picture, one landmark, two pixels, by hand."""
    logits = torch.tensor([1.0, -2.0]).reshape(1, 1, 1, 2)
    average = torch.tensor([3.0])
    maps = torch.tensor([0.2, 0.1]).reshape(1, 1, 1, 2)
    found = Landmarks(torch.zeros(1, 4, 1, 2), logits, average, maps, maps, torch.tensor([[0.3]]))
    truth = Truth(
        torch.tensor([[0.0, 1.0], [1.0, 0.0]]).reshape(1, 2, 1, 2),  # the left pixel shows it
        torch.eye(8)[[1, 0]].T.reshape(1, 8, 1, 2),
        torch.tensor([0.6, 0.0]).reshape(1, 1, 1, 2),
        torch.tensor([[0.5]]),
    )
    parts = torch.zeros(1, 8, 1, 2)
    score = np.array([1.0, -2.0]) - 3.0 + 4.0
    shown, none = np.log1p(np.exp(-score[0])), np.log1p(np.exp(score[1]))
    expected = (
        2.0 * (3 * shown + 1 * none) / 2
        - (0.5 * np.log(0.3) + 0.5 * np.log(0.7))
        + (0.4 + 0.1)
        + (2 + 1) / 2 * np.log(8)
    )
    assert taught_loss(found, parts, truth).item() == pytest.approx(expected, rel=1e-5)


# --- training ------------------------------------------------------------------------------


def under_the_covers(model, shown, tapped):
    """Response of a network where covers are, per picture; it did not learn from these covers."""
    people = found_people(head._resized(shown, (256, 128)), answers(model, tapped).anybody)
    pasted = head._covers(people, 1, KINDS, [99, 0])
    seen, _ = head._covered(model, answers(model, tapped), pasted, 1, lambda *_: None)
    hidden = torch.from_numpy(np.stack([each.hidden for each in pasted])).float()[:, None]
    maps = answers(model, seen).maps
    hidden = torch.nn.functional.adaptive_avg_pool2d(hidden, maps.shape[2:])
    return float((maps * hidden).sum() / len(shown))


def test_a_taught_head_responds_less_where_covers_are(net, tiny_model):
    shown = pixels(20)
    tapped = tapped_features(net, shown)
    before = under_the_covers(net, shown, tapped)
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    how = teach(net, shown, tapped, KINDS, 30, 0, lambda *_: None)
    assert how.loss[1] < how.loss[0]
    assert sum(how.covered.values()) == 40 and set(how.covered) == set(KINDS)
    after = under_the_covers(net, shown, tapped)
    assert after < 0.9 * before
    changed = {name for name, old in state.items() if not torch.equal(net.state_dict()[name], old)}
    assert changed and {name.partition(".")[0] for name in changed} <= {
        "landmark_head", "activation",
    }  # fmt: skip
    assert all(parameter.grad is None for parameter in net.parameters())


def test_the_seed_decides(net):
    shown, told = pixels(20), []
    options = AdaptOptions(head=True, steps=2)
    first = adapt(net, shown, "test", options, lambda *step: told.append(step))
    again = adapt(net, shown, "test", options)
    other = adapt(net, shown, "test", AdaptOptions(head=True, steps=2, seed=1))
    name = "landmark_head.join.0.weight"
    taught = [each.model.state_dict()[name] for each in (first, again, other)]
    assert torch.equal(taught[0], taught[1]) and not torch.equal(taught[0], taught[2])
    assert not torch.equal(taught[0], net.state_dict()[name])
    assert told == sorted(told) and told[-1] == (20 + looks(20, 2),) * 2
    card = adapted_card(
        {"sha256": "0"}, "x", first, PicturesRead("test", images=list(shown)), options
    )
    assert card["adapted"]["head"]["steps"] == 2 and card["adapted"]["head"]["renders"] == 4


def test_a_head_is_left_alone_where_it_cannot_or_shall_not_learn(net, tiny_model):
    alone = adapt(net, pixels(20), "test")
    assert alone.taught is None
    same = (torch.equal(alone.model.state_dict()[k], v) for k, v in net.state_dict().items()
            if not k.startswith("memory"))  # fmt: skip
    assert all(same)
    for name in ("aonet_lens", "aonet_parts"):
        other = tiny_model(name, backbone="mobilenet_v2")
        assert not can_be_taught(other)
        with pytest.raises(ValueError, match=f"preset {name} has no head that can be taught"):
            adapt(other, pixels(20), "test", AdaptOptions(head=True))
    with pytest.raises(ValueError, match="at least 20 different pictures, got 19"):
        adapt(net, pixels(19), "test", AdaptOptions(head=True))
    with pytest.raises(ValueError, match="at least one step, got 0"):
        AdaptOptions(steps=0)
    with pytest.raises(ValueError, match="covers must be of colour, texture, window, got hats"):
        AdaptOptions(covers=("hats",))


def test_large_sets_are_covered_in_part():
    assert looks(1000, 0) == 500 + 24 * 9
    assert looks(20, 10) == 200 + 24 * 9 + 240
