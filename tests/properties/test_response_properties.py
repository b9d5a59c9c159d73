"""What holds for response maps of any logits."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aonet_core.model.landmarks import pool, response_maps

TOLERANCE = {"atol": 2e-5, "rtol": 2e-5}


def floats(most):
    return st.floats(-most, most, width=32)


@st.composite
def cases(draw, most=80.0):
    """Landmark logits (B, K, H, W) and average logit (K,); real ones reach some tens."""
    batch, landmarks, height, width = (draw(st.integers(1, 4)) for _ in range(4))
    logits = draw(arrays(np.float32, (batch, landmarks, height, width), elements=floats(most)))
    average = draw(arrays(np.float32, (landmarks,), elements=floats(most)))
    return torch.from_numpy(logits), torch.from_numpy(average)


@given(cases())
def test_maps_are_distributions_and_the_awareness_is_what_the_reference_leaves(case):
    logits, average = case
    response, referenced, awareness = response_maps(logits, average)
    assert response.shape == referenced.shape == logits.shape
    assert awareness.shape == logits.shape[:2]
    for values in (response, referenced, awareness):
        assert (values >= 0).all() and (values <= 1).all()
    assert (referenced <= response + TOLERANCE["atol"]).all()
    torch.testing.assert_close(response.sum(dim=(2, 3)), torch.ones_like(awareness), **TOLERANCE)
    torch.testing.assert_close(referenced.sum(dim=(2, 3)), awareness, **TOLERANCE)
    torch.testing.assert_close(referenced, response * awareness[:, :, None, None], **TOLERANCE)


@given(cases(), st.floats(0.0, 50.0, width=32))
def test_a_higher_average_logit_never_raises_a_response(case, step):
    logits, average = case
    response, referenced, awareness = response_maps(logits, average)
    same, lower_map, lower = response_maps(logits, average + step)
    torch.testing.assert_close(same, response)
    assert (lower <= awareness + TOLERANCE["atol"]).all()
    assert (lower_map <= referenced + TOLERANCE["atol"]).all()


@given(cases(most=20.0), st.floats(-20.0, 20.0, width=32))
def test_only_differences_of_logits_count(case, shift):
    logits, average = case
    moved = response_maps(logits + shift, average + shift)
    for found, expected in zip(moved, response_maps(logits, average), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@given(cases(), st.randoms(use_true_random=False))
def test_landmarks_and_images_do_not_know_each_other(case, random):
    logits, average = case
    images, landmarks = list(range(len(logits))), list(range(len(average)))
    random.shuffle(images)
    random.shuffle(landmarks)
    mixed = response_maps(logits[images][:, landmarks], average[landmarks])
    for found, expected in zip(mixed, response_maps(logits, average), strict=True):
        torch.testing.assert_close(found, expected[images][:, landmarks])


@given(cases(), st.integers(1, 5))
def test_pooled_features_lie_within_those_of_the_pixels(case, channels):
    logits, average = case
    generator = torch.Generator().manual_seed(channels)
    features = torch.randn(len(logits), channels, *logits.shape[2:], generator=generator)
    response, _, _ = response_maps(logits, average)
    pooled = pool(features, response)
    assert pooled.shape == (*logits.shape[:2], channels)
    low, high = features.flatten(2).amin(2)[:, None], features.flatten(2).amax(2)[:, None]
    assert (pooled >= low - 1e-4).all() and (pooled <= high + 1e-4).all()
