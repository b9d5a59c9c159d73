"""Networks fitted to pictures: robust references, what is written, what is said."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aonet_core.adaptation.adapt import AdaptOptions, adapt, average_logit, spread, trusted
from aonet_core.adaptation.features import (
    find_landmarks,
    landmark_norm,
    statistics,
    tapped_features,
)
from aonet_core.adaptation.report import notes
from aonet_core.adaptation.robust import WAYS
from aonet_core.analysis.photographs.shift import CARD_KEY, familiar, familiar_of
from aonet_core.cli import main
from aonet_core.data.pictures import PicturesRead
from aonet_core.model import load_checkpoint, read_card, save_checkpoint

NETWORKS = ("aonet", {}), ("aonet_lens", {}), ("aonet_lens", {"landmark_stage": "middle"})


def pixels(count, size=(64, 32), seed=0):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 8, 4, generator=generator) * 255
    return torch.nn.functional.interpolate(coarse, size).to(torch.uint8)


@pytest.fixture(scope="module")
def net(tiny_model):
    return tiny_model("aonet_lens", landmark_stage="middle", backbone="mobilenet_v2")


@pytest.fixture(scope="module")
def adapted(net):
    return adapt(net, pixels(24), "test", AdaptOptions("plain", norm=True))


# --- which pictures tell -------------------------------------------------------------------


def test_ways_by_hand():
    logits = np.array([0.0, 5.0, 5.2, 5.1, 1.0, 9.0])
    assert WAYS["plain"](logits) == pytest.approx(np.full(6, 1 / 6))
    assert WAYS["upper_half"](logits) == pytest.approx([0, 0, 1 / 3, 1 / 3, 0, 1 / 3])
    assert WAYS["mode"](logits) == pytest.approx([0, 0.25, 0.25, 0.25, 0, 0.25])
    # Median 5.05, distances 5.05, .05, .15, .05, 4.05, 3.95: those within 1.5 x 1.4826 x 2.05.
    assert WAYS["near_median"](logits) == pytest.approx([0, *[0.2] * 5])


def test_robust_ways_find_the_visible_ones():
    rng = np.random.default_rng(0)
    logits = np.concatenate([rng.normal(10, 1, 70), rng.normal(3, 1, 30)])
    for way in ("mode", "near_median"):
        assert WAYS[way](logits) @ logits == pytest.approx(10, abs=0.5)
    assert WAYS["plain"](logits) @ logits < 8.5


@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=40), st.sampled_from([*WAYS]))
def test_weights_are_shares_whatever_the_logits(logits, way):
    logits = np.array(logits, dtype=np.float64)
    weights = WAYS[way](logits)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    mean = weights @ logits
    assert logits.min() - 1e-6 <= mean <= logits.max() + 1e-6


# --- the network ---------------------------------------------------------------------------


@pytest.mark.parametrize("preset, changes", NETWORKS)
def test_tapped_features_give_what_the_network_gives(tiny_model, preset, changes):
    from aonet_core.data.transforms import normalise

    backbone = {"backbone": "mobilenet_v2"} if changes else {}
    model = tiny_model(preset, **changes, **backbone)
    shown = pixels(5)
    told = []
    tapped = tapped_features(model, shown, lambda *step: told.append(step))
    found = find_landmarks(model, tapped)
    with torch.inference_mode():
        output = model(normalise(shown))
    assert torch.allclose(found.best_logit, output.landmark_logits.amax((2, 3)), atol=0.05)
    assert torch.allclose(found.awareness, output.awareness, atol=0.02)
    assert torch.allclose(torch.from_numpy(average_logit(model)), output.average_logit, atol=1e-5)
    assert told[-1] == (5, 5) and not landmark_norm(model)._forward_pre_hooks


def test_statistics_are_those_of_all_pixels():
    tapped = torch.randn(70, 3, 4, 2, generator=torch.Generator().manual_seed(0)) * 3 + 1
    mean, variance = statistics(tapped)
    flat = tapped.transpose(0, 1).flatten(1)
    assert torch.allclose(mean, flat.mean(1), atol=1e-5)
    assert torch.allclose(variance, flat.var(1, correction=0), rtol=1e-5)


def test_adapting_measures_norm_and_memory_anew(net, adapted):
    tapped = tapped_features(net, pixels(24)).float()
    norm, flat = landmark_norm(adapted.model), tapped.transpose(0, 1).flatten(1)
    assert torch.allclose(norm.running_mean, flat.mean(1), atol=1e-5)
    assert torch.allclose(norm.running_var, flat.var(1, correction=0), rtol=1e-3)
    found = find_landmarks(adapted.model, tapped)
    # The average logit is nearly the mean best logit, as far as that change is no chance.
    mean, old = found.best_logit.mean(0).numpy(), (1 - adapted.share) * average_logit(net)
    assert adapted.average_after == pytest.approx(old + adapted.share * mean, abs=1e-3)
    assert (adapted.interval[:, 0] <= adapted.average_after).all()
    assert (adapted.interval[:, 1] >= adapted.average_after).all()
    assert adapted.after.awareness.mean() > 0.5


def test_the_parent_is_left_alone(net):
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    adapt(net, pixels(20), "test")
    assert all(torch.equal(tensor, state[name]) for name, tensor in net.state_dict().items())


def test_a_change_is_believed_as_far_as_it_is_no_chance(net):
    assert trusted(np.array([3.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])) == pytest.approx(
        [1.0, 0.5, 0.0]
    )
    found = adapt(net, pixels(24), "test")
    assert found.norm_moved is None and found.norm_scaled is None
    before, logits = average_logit(net), found.before.best_logit.numpy()
    weights = np.stack([WAYS["near_median"](column) for column in logits.T], axis=1)
    measured = (weights * logits).sum(axis=0)
    expected = before + found.share * (measured - before)
    assert found.average_after == pytest.approx(expected, abs=1e-3)
    assert (found.share > 0).all() and (found.share < 1).all()


def test_what_cannot_be_adapted_is_refused(net, tiny_model):
    with pytest.raises(ValueError, match="at least 20 different pictures, got 19"):
        adapt(net, pixels(19), "test")
    with pytest.raises(ValueError, match="preset base_gap has no landmarks"):
        adapt(tiny_model("base_gap"), pixels(20), "test")
    with pytest.raises(ValueError, match="way must be one of plain"):
        AdaptOptions("best")


def test_large_sets_are_looked_at_in_part():
    assert spread("abc") == [0, 1, 2]
    assert spread(range(101), 3) == [0, 50, 100]


# --- what is said --------------------------------------------------------------------------


def read_of(count, **fields):
    return PicturesRead("test", [str(i) for i in range(count)], list(range(count)),
                        fields.pop("camids", [0] * count), **fields)  # fmt: skip


def test_notes_tell_cameras_apart_and_name_what_is_left_out(adapted):
    camids = [1] * 12 + [2] * 12
    said = notes(adapted, read_of(24, camids=camids), None)
    assert len(said) == 1 and "of 2 cameras, whose typical best logits differ by up to" in said[0]
    shifted = adapted.after.best_logit.clone()
    shifted[12:] += 30
    apart = replace(adapted, after=replace(adapted.after, best_logit=shifted))
    assert "a network for each camera" in notes(apart, read_of(24, camids=camids), None)[0]
    gone = read_of(24, duplicates=["a.png", "b.png"], refused=[("c.png", "no"), ("d.png", "no")])
    said = notes(adapted, gone, None)
    assert said == [
        "Left out: 2 that cannot be read and 2 that hold the same as another (a.png, b.png, "
        "c.png and 1 more)."
    ]


def test_notes_tell_of_nobody_and_of_a_landmark_that_is_always_hidden(adapted):
    logits = adapted.before.best_logit
    known = familiar(logits.numpy(), "test")
    steady = replace(adapted, average_after=adapted.average_before)
    assert notes(steady, read_of(24), known) == []
    spread = torch.tensor(known.spread)
    away = replace(steady, before=replace(adapted.before, best_logit=logits - 9 * spread))
    assert notes(away, read_of(24), known)[0].startswith("24 of 24 pictures lie beyond")
    drop = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 6.0]) * known.spread
    low = replace(adapted, average_after=adapted.average_before - drop)
    assert "reference of landmark 6 fell further" in notes(low, read_of(24), known)[0]
    # Pictures that are familiar but for two landmarks, whose references fell alike.
    unseen = adapted.before.awareness.clone()
    unseen[:, :4], unseen[:, 4:] = 0.9, 0.1
    low = replace(
        adapted,
        average_after=adapted.average_before - np.array([0, 0, 0, 0, 1, 1]) * known.spread,
        before=replace(adapted.before, awareness=unseen),
    )
    assert "reference of landmarks 5, 6 fell further" in notes(low, read_of(24), known)[0]


# --- how unlike ----------------------------------------------------------------------------


def test_shift_is_the_better_half_below_the_typical():
    rng = np.random.default_rng(0)
    known = familiar(rng.normal(10, 2, (400, 4)), "x")
    assert known.typical == pytest.approx([10] * 4, abs=0.5)
    assert known.spread == pytest.approx([2] * 4, abs=0.4)
    shifts = known.shift(rng.normal(10, 2, (400, 4)))
    assert (shifts > known.limit).mean() < 0.06
    half_hidden = known.shift(np.array([[10, 10, 0, 0.0]]))
    assert half_hidden < known.limit < known.shift(np.full((1, 4), 5.0))
    again = familiar_of({CARD_KEY: json.loads(json.dumps(known.to_card()))})
    assert again.shift(np.full((1, 4), 5.0)) == pytest.approx(
        known.shift(np.full((1, 4), 5.0)), abs=1e-2
    )
    assert familiar_of({}) is None
    with pytest.raises(ValueError, match="'familiar' cannot be read"):
        familiar_of({CARD_KEY: {"limit": 1}})
    with pytest.raises(ValueError, match="20 pictures or more, got 3"):
        familiar(np.zeros((3, 4)), "x")


# --- the command ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crops(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crops")
    for number, picture in enumerate(pixels(21).permute(0, 2, 3, 1).numpy()):
        Image.fromarray(picture).save(folder / f"0001_c{1 + number % 2}s1_{number:06d}_00.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def parent(net, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parent")
    return save_checkpoint(folder / "parent", net, {"metrics": {"a": 1}, "command": "test"})


def test_adapt_writes_a_checkpoint_that_says_how_it_was_made(parent, crops, tmp_path, capsys):
    words = ["adapt", "--data", str(crops), "--checkpoint", str(parent), "--device", "cpu"]
    assert main([*words, "--out", str(tmp_path / "mine")]) == 0
    printed = capsys.readouterr().out
    assert "broken.jpg" in printed and "of 2 cameras" in printed and "mine.safetensors" in printed
    model, card = load_checkpoint(tmp_path / "mine.safetensors")
    said = card["adapted"]
    assert said["parent"]["sha256"] == read_card(parent)["sha256"] != card["sha256"]
    assert said["pictures"] == 21 and said["refused"] == 1
    assert said["cameras"] == {"1": 11, "2": 10}
    assert card["command"] == "test" and "metrics" not in card
    for k, row in enumerate(said["landmarks"]):
        assert row["average_logit"] == pytest.approx(average_logit(model)[k], abs=0.02)
        low, high = row["average_logit_interval"]
        assert low - 1e-3 <= row["average_logit"] <= high + 1e-3
    assert familiar_of(card).pictures == 21


def test_the_command_says_in_one_sentence_what_is_wrong(parent, crops, tmp_path, capsys):
    def refused(folder):
        words = ["adapt", "--data", str(folder), "--checkpoint", str(parent), "--device", "cpu"]
        assert main([*words, "--out", str(tmp_path / "out")]) == 2
        assert not (tmp_path / "out.safetensors").exists()
        return capsys.readouterr().err

    same = tmp_path / "same"
    same.mkdir()
    content = next(crops.glob("*.png")).read_bytes()
    for number in range(100):
        (same / f"{number}.png").write_bytes(content)
    assert "different pictures, got 1; 99 more hold the same as one of them" in refused(same)
    few = tmp_path / "few"
    few.mkdir()
    for path in sorted(crops.glob("*.png"))[:19]:
        (few / path.name).write_bytes(path.read_bytes())
    assert "different pictures, got 19\n" in refused(few)
    assert "no such folder" in refused(tmp_path / "nowhere")


def test_remember_writes_what_is_known_into_the_card(parent, crops, capsys):
    before = read_card(parent)
    words = ["adapt", "--data", str(crops), "--checkpoint", str(parent), "--device", "cpu"]
    assert main([*words, "--remember"]) == 0
    assert "21 pictures, limit" in capsys.readouterr().out
    card = read_card(parent)
    assert familiar_of(card).pictures == 21
    assert {name: card[name] for name in before} == before
