"""The helper that compares rankings: near ties may change places, nothing else may."""

import numpy as np
import pytest

from aonet_core.engine import Matches
from tests.comparing import assert_alike, assert_same_rank, assert_same_ranking

EXPECTED = (["a", "b", "c", "d"], [0.9, 0.5, 0.5000001, 0.1])


@pytest.mark.parametrize(
    "found",
    [
        EXPECTED,
        (["a", "c", "b", "d"], [0.9, 0.5, 0.5, 0.1]),
        (["a", "c", "b", "x"], [0.9, 0.5, 0.5, 0.1000001]),  # cut off by a near tie
    ],
)
def test_near_ties_may_change_places(found):
    assert_same_ranking(found, EXPECTED, 1e-5)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((["b", "a", "c", "d"], [0.9, 0.5, 0.5, 0.1]), "[ab] has"),
        ((["a", "b", "c", "d"], [0.9, 0.501, 0.5, 0.1]), "Not equal to tolerance"),
        ((["a", "b", "c"], [0.9, 0.5, 0.5]), "3 ranks, expected 4"),
        ((["a", "b", "b", "d"], EXPECTED[1]), "a name comes twice"),
        ((["a", "x", "c", "d"], EXPECTED[1]), "[bx] has"),
    ],
)
def test_nothing_else_may(found, words):
    with pytest.raises(AssertionError, match=words):
        assert_same_ranking(found, EXPECTED, 1e-5)


def test_whoever_takes_a_place_must_have_its_score():
    found = (["a", "x"], [0.9, 0.5])
    everyone = {"a": 0.9, "b": 0.5, "x": 0.5}
    assert_same_ranking(found, (["a", "b"], [0.9, 0.5]), 1e-5, everyone)
    with pytest.raises(AssertionError, match="x is out of place"):
        assert_same_ranking(found, (["a", "b"], [0.9, 0.5]), 1e-5, everyone | {"x": 0.2})


def test_ranks_are_the_same_or_of_the_same_score():
    scores = EXPECTED[1]
    for pair in ((2, 2), (2, 3), (np.nan, np.nan)):
        assert_same_rank(*pair, scores, 1e-5)
    for pair in ((1, 2), (np.nan, 1), (3, 4)):
        with pytest.raises(AssertionError, match="expected"):
            assert_same_rank(*pair, scores, 1e-5)


def test_shares_belong_to_their_names():
    def matches(names, shares):
        return Matches(tuple(names), np.array([0.5, 0.5]), np.array(shares), 9, "eq8", 9)

    one, two = [0.1, 0.4], [0.3, 0.2]
    assert_alike(matches("ab", [one, two]), matches("ba", [two, one]))
    with pytest.raises(AssertionError, match="shares of"):
        assert_alike(matches("ab", [one, two]), matches("ba", [one, two]))
