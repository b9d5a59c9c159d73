"""Comparing answers of two implementations, where rounding may order near ties differently."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from PIL import Image

from aonet_core.engine import Atlas, Evaluation, Matches

TOLERANCE = 1e-3
"""What two engines' numbers may differ by; pictures with nearer scores may change places."""
OF_THE_RUN = {"milliseconds", "revision"}
"""Fields that differ between two runs: time, and how many steps a gallery's making took."""
UNSTEADY = {"coordinates", "stars", "trustworthiness", "landmark_map", "identity_map"}
"""Fields that rounding moves as it likes: layouts by UMAP, and what is measured of them."""


def assert_same_ranking(
    found: tuple[Sequence, Sequence[float]],
    expected: tuple[Sequence, Sequence[float]],
    tolerance: float,
    everyone: Mapping | None = None,
    where: str = "ranking",
) -> None:
    """Two rank lists are equal up to ties: scores agree, and names do but for those within it.

    Scores must agree rank by rank. A name must have the same score in both lists, so that it can
    only have changed places with names whose scores are within the tolerance of its own. A name
    that is in one list alone must lie within the tolerance of the last rank of the other: it was
    cut off by a near tie.

    Args:
        found: Names and scores, best first.
        expected: The same of the other implementation.
        tolerance: What rounding can do to a score.
        everyone: Scores by name, of names beyond the end of the lists too, where they are known:
            whoever takes another's place must really have that score.
        where: What is compared, for the message.
    """
    (names, scores), (others, other_scores) = (
        (list(names), np.asarray(scores, dtype=float)) for names, scores in (found, expected)
    )
    assert len(names) == len(set(names)) == len(scores), f"{where}: a name comes twice"
    assert len(names) == len(others), f"{where}: {len(names)} ranks, expected {len(others)}"
    np.testing.assert_allclose(scores, other_scores, rtol=0, atol=tolerance, err_msg=where)
    assert (np.diff(scores) <= tolerance).all(), f"{where}: scores rise from one rank to the next"
    here, there = (
        dict(zip(*each, strict=True)) for each in ((names, scores), (others, other_scores))
    )
    for name in here.keys() | there.keys():
        score, other = here.get(name, scores[-1]), there.get(name, other_scores[-1])
        assert abs(score - other) <= 2 * tolerance, f"{where}: {name} has {score}, expected {other}"
        if everyone is not None:
            assert abs(everyone[name] - score) <= 2 * tolerance, f"{where}: {name} is out of place"


def assert_same_rank(
    found: float, expected: float, scores: Sequence[float], tolerance: float, where: str = "rank"
) -> None:
    """Two ranks, from 1, are the same, or those of scores within the tolerance.

    Args:
        found: A rank; NaN for none.
        expected: The rank by the other implementation.
        scores: Of all ranks, best first.
        tolerance: What rounding can do to a score.
        where: What is compared, for the message.
    """
    if found == expected or np.isnan([found, expected]).all():
        return
    assert np.isfinite([found, expected]).all(), f"{where}: {found}, expected {expected}"
    first, second = (scores[int(rank) - 1] for rank in (found, expected))
    assert abs(first - second) <= 2 * tolerance, (
        f"{where}: {found}, expected {expected}: their scores are {first} and {second}"
    )


def assert_alike(a: object, b: object, where: str = "answer") -> None:
    """Two answers of engines say the same: numbers within the tolerance, rankings up to ties."""
    assert type(a) is type(b), where
    if type(a) in RANKED:
        RANKED[type(a)](a, b, where)
    elif is_dataclass(a) or hasattr(a, "_fields"):
        _assert_fields(a, b, where)
    elif isinstance(a, np.ndarray) and a.dtype.kind == "f":
        assert a.dtype == b.dtype and a.shape == b.shape, where
        np.testing.assert_allclose(a, b, atol=TOLERANCE, rtol=TOLERANCE, err_msg=where)
    elif isinstance(a, np.ndarray | Image.Image):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b), err_msg=where)
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), where
        for row, pair in enumerate(zip(a, b, strict=True)):
            assert_alike(*pair, f"{where}[{row}]")
    elif isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            assert_alike(a[key], b[key], f"{where}[{key!r}]")
    elif isinstance(a, float):
        assert a == pytest.approx(b, abs=TOLERANCE, nan_ok=True), where
    else:
        assert a == b, where


def _assert_fields(a: object, b: object, where: str, without: set[str] = frozenset()) -> None:
    names = set(a._fields if hasattr(a, "_fields") else (f.name for f in fields(a))) - without
    for name in names & UNSTEADY:
        one, two = np.asarray(getattr(a, name)), np.asarray(getattr(b, name))
        assert (one.dtype, one.shape) == (two.dtype, two.shape), f"{where}.{name}"
        assert np.array_equal(np.isfinite(one), np.isfinite(two)), f"{where}.{name}"
    for name in names - OF_THE_RUN - UNSTEADY:
        assert_alike(getattr(a, name), getattr(b, name), f"{where}.{name}")


def _assert_matches(a: Matches, b: Matches, where: str) -> None:
    ranked = {"names", "similarity", "shares"}
    _assert_fields(a, b, where, without=ranked)
    lists = ((each.names, each.similarity) for each in (a, b))
    assert_same_ranking(*lists, TOLERANCE, where=where)
    one, two = (dict(zip(each.names, each.shares, strict=True)) for each in (a, b))
    for name in one.keys() & two.keys():
        assert_alike(one[name], two[name], f"{where}.shares of {name}")


def _assert_evaluations(a: Evaluation, b: Evaluation, where: str) -> None:
    """Queries whose rank lists are the same to the last name agree in everything.

    Where near ties changed places, scores still agree, and ranks are those of the same scores.
    """
    lists = {"top_names", "top_similarity", "top_right"}
    ranks = {"first_rank", "other_camera_rank"}
    by_order = {"average_precision", "inverse_penalty", "rank_without", "lead_by_landmark"}
    over_all = {"cmc", "mean_ap", "mean_inp", "scores", "right", "wrong"}
    _assert_fields(a, b, where, without=lists | ranks | by_order | over_all)
    same = (a.top_names == b.top_names).all(axis=1)
    for row in range(len(a)):
        at = f"{where} of {a.names[row]}"
        kept = [each.top_names[row] != "" for each in (a, b)]
        assert_same_ranking(
            *(
                (each.top_names[row][some], each.top_similarity[row][some])
                for each, some in zip((a, b), kept, strict=True)
            ),
            TOLERANCE,
            where=at,
        )
        one, two = (dict(zip(e.top_names[row], e.top_right[row], strict=True)) for e in (a, b))
        assert all(one[name] == two[name] for name in one.keys() & two.keys()), at
        for name in ranks:
            pair = (getattr(each, name)[row] for each in (a, b))
            assert_same_rank(*pair, a.top_similarity[row], TOLERANCE, f"{at}: {name}")
    for name in by_order | ranks:
        assert_alike(getattr(a, name)[same], getattr(b, name)[same], f"{where}.{name}")
    for name in ("right", "wrong"):
        one, two = getattr(a, name), getattr(b, name)
        assert_alike(one.similarity, two.similarity, f"{where}.{name}")
        for field in fields(one):
            values = (getattr(each, field.name)[same] for each in (one, two))
            assert_alike(*values, f"{where}.{name}.{field.name}")
    if same.all():
        for name in ("cmc", "mean_ap", "mean_inp"):
            assert_alike(getattr(a, name), getattr(b, name), f"{where}.{name}")
    _assert_histograms(a.scores, b.scores, f"{where}.scores")


def _assert_histograms(a, b, where: str) -> None:
    """As many pairs, and at most those beside the edge of a bin in the next one."""
    assert type(a) is type(b), where
    if a is None:
        return
    _assert_fields(a, b, where, without={"genuine", "impostor"})
    for name in ("genuine", "impostor"):
        one, two = getattr(a, name), getattr(b, name)
        assert one.dtype == two.dtype and one.sum() == two.sum(), where
        reach = int(np.ceil(TOLERANCE / (a.edges[1] - a.edges[0])))
        up_to = np.pad(np.cumsum(two), reach, constant_values=(0, two.sum()))
        low, high = up_to[: len(one)], up_to[2 * reach :]
        counted = np.cumsum(one)
        assert ((low <= counted) & (counted <= high)).all(), f"{where}.{name}"


def _assert_atlases(a: Atlas, b: Atlas, where: str) -> None:
    chosen = {"most", "least", "most_maps", "least_maps"}
    _assert_fields(a, b, where, without=chosen)
    for name in ("most", "least"):
        for k in range(a.num_landmarks):
            sign = 1 if name == "most" else -1
            rows = [getattr(each, name)[k] for each in (a, b)]
            lists = ((row, sign * a.excitement[row, k]) for row in rows)
            assert_same_ranking(*lists, TOLERANCE, where=f"{where}.{name} of landmark {k}")
            same = rows[0] == rows[1]
            maps = (getattr(each, f"{name}_maps")[k][same] for each in (a, b))
            assert_alike(*maps, f"{where}.{name}_maps of landmark {k}")


RANKED = {Matches: _assert_matches, Evaluation: _assert_evaluations, Atlas: _assert_atlases}
"""Answers that hold rankings."""
