"""Attribution and counterfactuals against brute force."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import spearmanr

from aonet_core.analysis.occlusion.attribution import Attributor, window_means
from aonet_core.analysis.occlusion.counterfactual import Contest, explain_first_place
from aonet_core.analysis.occlusion.smallest_box import (
    GRID,
    LARGEST_SHARE,
    area,
    grid_boxes,
    smallest_box,
)
from aonet_core.data.transforms import normalise
from aonet_core.occlusion import Windows
from aonet_core.retrieval import Embedding, gallery_side, landmark_share, similarity

SIZE = (32, 64)


def blotches(seed):
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (8, 4, 3), dtype=np.uint8))
    return np.asarray(coarse.resize(SIZE, Image.Resampling.BICUBIC))


def to_input(pixels):
    return normalise(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])


@pytest.fixture(params=["last", "middle"])
def model(request, tiny_model):
    return tiny_model("aonet_lens", backbone="resnet18", landmark_stage=request.param)


def awareness(landmark):
    return lambda output: output.awareness[:, landmark]


def explain(model, method, score, window=1, seed=0):
    """From another picture: without biases, a blank one has no features to start from."""
    images, start = to_input(blotches(seed)), to_input(blotches(90))
    return Attributor(model).attribute(images, start, score, method, window, SIZE)


def test_occlusion_equals_a_loop_over_windows(model):
    pixels, start = to_input(blotches(0)), to_input(blotches(90))
    attribution = explain(model, "occlusion", awareness(1))
    total, count = np.zeros((2, 64, 32))
    with torch.no_grad():
        whole = model(pixels).awareness[0, 1].item()
        for top in range(0, 64, 16):
            for left in range(0, 32, 16):
                hidden = pixels.clone()
                place = slice(top, top + 16), slice(left, left + 16)
                hidden[:, :, *place] = start[:, :, *place]
                total[place] += whole - model(hidden).awareness[0, 1].item()
                count[place] += 1
        blank = model(start).awareness[0, 1].item()
    np.testing.assert_allclose(attribution.map, total / count, atol=2e-3)
    assert attribution.value == pytest.approx(whole, abs=1e-3)
    assert attribution.blank == pytest.approx(blank, abs=1e-3)
    assert attribution.window == (16, 16) and attribution.residual is None


def similarity_to(other, form, landmark=None):
    def score(output):
        embedding = Embedding(output.retrieval_features, output.weight)
        shares = landmark_share(embedding, other, form)[:, 0]
        return shares.sum(dim=1) if landmark is None else shares[:, landmark]

    return score


@pytest.mark.parametrize("method", ["integrated_gradients", "layer_integrated_gradients"])
@pytest.mark.parametrize("target", ["awareness", "similarity", "share"])
def test_gradients_explain_the_whole_difference(model, method, target):
    """Completeness, which also shows that the gradient reaches the awareness."""
    with torch.no_grad():
        # An untrained network finds all pictures alike: compare with what sets these two apart.
        ends = [model(to_input(blotches(seed))) for seed in (0, 90)]
        features = ends[0].retrieval_features - ends[1].retrieval_features
        telling = (ends[0].awareness - ends[1].awareness)[0].abs().argmax().item()
    other = Embedding(features, torch.rand(features.shape[:2]))
    score = {
        "awareness": awareness(telling),
        "similarity": similarity_to(other, "eq8"),
        "share": similarity_to(other, "eq8", 3),
    }[target]
    attribution = explain(model, method, score)
    difference = attribution.value - attribution.blank
    assert abs(difference) > 1e-4
    assert abs(attribution.residual) < 0.1 * abs(difference)
    # Windows of one feature pixel side by side: the mean over pixels, times their number, is all.
    total = attribution.map.mean() * (64 * 32) / (16 * 16)
    assert total == pytest.approx(difference + attribution.residual, rel=1e-3)


@pytest.mark.parametrize("shape", [(8, 6), (9, 7)])
def test_window_means_equal_a_loop_over_pixels(shape):
    values = np.random.default_rng(0).normal(size=shape)
    result = window_means(values, (4, 3), (2, 2))
    tops = [top for top in range(0, shape[0], 2) if top == 0 or top + 4 - 2 < shape[0]]
    lefts = [left for left in range(0, shape[1], 2) if left == 0 or left + 3 - 2 < shape[1]]
    for row in range(shape[0]):
        for column in range(shape[1]):
            sums = [
                values[top : top + 4, left : left + 3].sum()
                for top in tops
                for left in lefts
                if top <= row < top + 4 and left <= column < left + 3
            ]
            assert result[row, column] == pytest.approx(np.mean(sums))


@pytest.mark.parametrize(
    "method", ["occlusion", "integrated_gradients", "layer_integrated_gradients"]
)
def test_other_weights_change_the_map(model, tiny_model, method):
    """A map that did not depend on what was learnt would explain nothing."""
    other = tiny_model("aonet_lens", backbone="resnet18", seed=1)
    correlations = []
    for seed, landmark in ((0, 0), (1, 3), (2, 0), (3, 3)):
        maps = [
            explain(network, method, awareness(landmark), seed=seed).map
            for network in (model, other)
        ]
        coarse = [map[8::16, 8::16].ravel() for map in maps]
        correlations.append(spearmanr(*coarse).statistic)
    again = explain(model, method, awareness(landmark), seed=seed).map
    np.testing.assert_allclose(again, maps[0], atol=1e-6)
    print(correlations)
    assert np.mean(correlations) < 0.5


def margins_of(weights, threshold):
    """Hiding removes the weights below it; the margin is what is left above a threshold."""

    def margins(boxes):
        hidden = [weights[top:bottom, left:right].sum() for top, bottom, left, right in boxes]
        return weights.sum() - threshold - np.array(hidden)

    return margins


@pytest.mark.parametrize("seed", range(4))
def test_smallest_box_is_no_larger_than_any_on_the_grid(seed):
    rng = np.random.default_rng(seed)
    weights = rng.random((64, 32)) ** 8
    margins = margins_of(weights, 0.8 * weights.sum())
    told = []
    found = smallest_box(margins, SIZE, report=told.append)
    best = min(
        (
            (bottom - top) * (right - left)
            for top in range(0, 64, 8)
            for bottom in range(top + 8, 65, 8)
            for left in range(0, 32, 8)
            for right in range(left + 8, 33, 8)
            if margins(np.array([[top, bottom, left, right]]))[0] < 0
        ),
    )
    assert area(found.box) <= best and found.margin == margins(found.box[None])[0] < 0
    # No side can move in by another pixel.
    if told[-1] - told[0] < 160:
        for side, inwards in ((0, 1), (1, -1), (2, 1), (3, -1)):
            smaller = found.box.copy()
            smaller[side] += inwards
            assert margins(smaller[None])[0] >= 0
    assert told[-1] == found.evaluations and told == sorted(told)


def test_no_box_where_none_does_it():
    found = smallest_box(lambda boxes: np.ones(len(boxes)), SIZE)
    assert found.box is None and found.margin is None
    assert found.evaluations == len(grid_boxes(SIZE))


def test_grid_holds_every_rectangle_once_and_small_ones_first():
    boxes = grid_boxes(SIZE)
    assert len({tuple(box) for box in boxes}) == len(boxes)
    assert (np.diff(area(boxes)) >= 0).all()
    assert area(boxes).max() <= LARGEST_SHARE * 64 * 32
    rows, columns = GRID
    everything = rows * (rows + 1) // 2 * columns * (columns + 1) // 2
    assert 0.8 * everything < len(boxes) < everything
    # A picture with fewer pixels than cells.
    assert (area(grid_boxes((3, 5))) > 0).all()


def test_counterfactual_equals_brute_force(model):
    """Every rectangle of the grid is hidden and ranked in a plain loop."""

    def look(pixels):
        with torch.no_grad():
            return model(normalise(torch.tensor(pixels).permute(0, 3, 1, 2)))

    pixels = blotches(0)
    gallery = look(np.stack([blotches(0) // 2 + blotches(1) // 2, *map(blotches, range(2, 7))]))
    gallery = Embedding(gallery.retrieval_features, gallery.weight)
    names = [f"g{n}" for n in range(6)]
    windows = Windows(pixels, np.zeros_like(pixels), SIZE[::-1])

    def margins(pictures, without=None):
        output = look(pictures)
        weight = output.weight.clone()
        if without is not None:
            weight[:, without] = 0
        scores = similarity(Embedding(output.retrieval_features, weight), gallery, "normalised")
        return [(row[right].max() - row[~right].max()).item() for row in scores]

    def margin(picture, without=None):
        return margins(picture[None], without)[0]

    first = int(
        similarity(
            Embedding(look(pixels[None]).retrieval_features, look(pixels[None]).weight),
            gallery,
            "normalised",
        ).argmax()
    )
    right = torch.arange(6) == first
    contest = Contest(gallery_side(gallery, "normalised"), names, right, "normalised")
    answer = explain_first_place(look, windows, SIZE, contest)
    assert answer.match == names[first]
    assert answer.margin == pytest.approx(margin(pixels), abs=1e-4)
    for removal in answer.landmarks:
        expected = margin(pixels, removal.landmark)
        assert removal.margin == pytest.approx(expected, abs=1e-4)
        assert removal.falls == (removal.margin < 0)
    falls = [removal for removal in answer.landmarks if removal.falls]
    expected = min(falls, key=lambda removal: removal.margin).landmark if falls else None
    assert answer.landmark == expected
    fallen = []
    for boxes in np.array_split(grid_boxes(SIZE), 10):
        hidden = np.repeat(pixels[None], len(boxes), axis=0)
        for picture, (top, bottom, left, side) in zip(hidden, boxes, strict=True):
            picture[top:bottom, left:side] = 0
        falls = np.array(margins(hidden)) < 0
        fallen += [(bottom - top) * (side - left) for top, bottom, left, side in boxes[falls]]
    if fallen:
        box = np.array(answer.box)
        assert area(box) <= min(fallen) and answer.box_margin < 0
        hidden = pixels.copy()
        hidden[box[0] : box[1], box[2] : box[3]] = 0
        assert margin(hidden) == pytest.approx(answer.box_margin, abs=1e-4)
        assert answer.box_winner != answer.match and answer.box_share == area(box) / (64 * 32)
    else:
        assert answer.box is None and "no rectangle of a 8 x 4 grid" in answer.note
    wrong = Contest(contest.gallery, names, torch.arange(6) == (first + 1) % 6, "normalised")
    lost = explain_first_place(look, windows, SIZE, wrong)
    assert lost.margin < 0 and lost.box is None and lost.evaluations == 0
    assert lost.note.startswith("No right match is first to begin with")
