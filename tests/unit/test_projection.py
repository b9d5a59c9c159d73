"""Maps of embeddings: vectors, spaces, layouts, and what they say of themselves."""

import io
import threading

import numpy as np
import pytest
from tqdm import tqdm

from aonet_core.analysis.projection.quality import measure
from aonet_core.analysis.projection.space import as_euclidean, find_space, point_vectors
from aonet_core.analysis.projection.umap_projection import MIN_POINTS, lay_out
from aonet_core.occlusion import Cancelled
from aonet_core.results.projection import ProjectionSpec, stage_at, within
from aonet_core.retrieval import Embedding, similarity


def clusters(count, kinds=6, channels=20, seed=0, spread=0.3):
    """Points around some centres, in turn."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((kinds, channels))
    noise = spread * rng.standard_normal((count, channels))
    return (centres[np.arange(count) % kinds] + noise).astype(np.float32)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "people"}, {"metric": "hamming"}, {"dimensions": 4}, {"neighbours": 1},
     {"min_distance": 1.0}, {"components": -1}, {"seed": -1}],
)  # fmt: skip
def test_a_spec_refuses_what_cannot_be(wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name} must be .*got {value!r}"):
        ProjectionSpec(**wrong)


def test_vectors_of_pictures_multiply_to_eq8():
    rng = np.random.default_rng(0)
    features, awareness = rng.standard_normal((5, 3, 7)), rng.random((5, 3))
    vectors = point_vectors(features, awareness, "images")
    embedding = Embedding(features.astype(np.float32), awareness.astype(np.float32))
    expected = similarity(embedding, embedding, "eq8").numpy()
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-6)
    landmarks = point_vectors(features, awareness, "landmarks")
    np.testing.assert_allclose(landmarks[4], features[1, 1], rtol=1e-6)


def test_metrics_become_distances():
    a, b = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0]], np.float32), np.float32([[1, 0, 1]])
    for metric, centred in (("cosine", False), ("correlation", True)):
        u, v = (x - x.mean(axis=1, keepdims=True) if centred else x for x in (a, b))
        cosine = (u @ v.T)[:, 0] / np.linalg.norm(u, axis=1) / np.linalg.norm(v)
        away = np.linalg.norm(as_euclidean(a, metric) - as_euclidean(b, metric), axis=1)
        np.testing.assert_allclose(away**2, 2 - 2 * cosine, atol=1e-6)
    assert as_euclidean(a, "euclidean") is a
    assert np.isfinite(as_euclidean(np.zeros((2, 3), np.float32), "cosine")).all()


def test_principal_components_keep_what_they_say():
    rng = np.random.default_rng(0)
    flat = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 40))
    points = (flat + 5).astype(np.float32)
    space = find_space(points, ProjectionSpec(components=3, metric="euclidean"))
    assert space.variance == pytest.approx(1, abs=1e-5) and space.axes.shape == (3, 40)
    reduced = space.reduce(points)
    away = np.linalg.norm(points[0] - points[1:], axis=1)
    np.testing.assert_allclose(np.linalg.norm(reduced[0] - reduced[1:], axis=1), away, rtol=1e-3)
    half = find_space(points, ProjectionSpec(components=1, metric="euclidean"))
    assert 0.3 < half.variance < 0.95
    everything = find_space(points, ProjectionSpec(components=0, metric="euclidean"))
    assert everything.variance == 1 and everything.reduce(points).shape == (200, 40)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_layout_keeps_clusters_and_is_the_same_again(dimensions):
    points, told = clusters(120), []
    spec = ProjectionSpec(dimensions=dimensions, neighbours=8, seed=5)
    layout = lay_out(points, spec, lambda done, total: told.append((done, total)))
    assert layout.method == "umap" and layout.coordinates.shape == (120, dimensions)
    np.testing.assert_array_equal(layout.coordinates, lay_out(points, spec).coordinates)
    assert told == sorted(told) and told[-1] == (85, 100)
    centres = np.stack([layout.coordinates[k::6].mean(axis=0) for k in range(6)])
    away = np.linalg.norm(layout.coordinates[:, None] - centres[None], axis=2)
    assert (away.argmin(axis=1) == np.arange(120) % 6).mean() > 0.95


def test_new_points_come_to_lie_among_their_kind_and_move_nothing():
    points = clusters(120)
    layout = lay_out(points, ProjectionSpec(neighbours=8))
    before = layout.coordinates.copy()
    placed = layout.place(clusters(12, seed=0, spread=0.0))
    centres = np.stack([layout.coordinates[k::6].mean(axis=0) for k in range(6)])
    away = np.linalg.norm(placed[:, None] - centres[None], axis=2)
    assert away.argmin(axis=1).tolist() == [0, 1, 2, 3, 4, 5] * 2
    np.testing.assert_array_equal(placed, layout.place(clusters(12, seed=0, spread=0.0)))
    np.testing.assert_array_equal(layout.coordinates, before)


@pytest.mark.parametrize("count", [1, 2, 3, MIN_POINTS - 1])
def test_few_points_lie_by_their_principal_components(count):
    points = clusters(count, kinds=MIN_POINTS)
    layout = lay_out(points, ProjectionSpec(dimensions=3, metric="euclidean"))
    same = count == 1
    assert layout.method == ("one place" if same else "principal components")
    assert layout.coordinates.shape == (count, 3) and np.isfinite(layout.coordinates).all()
    if count == 3:  # three points span a plane: nothing is lost
        away = np.linalg.norm(layout.coordinates[0] - layout.coordinates[1])
        assert away == pytest.approx(np.linalg.norm(points[0] - points[1]), rel=1e-4)
    with pytest.raises(ValueError, match=f"takes no new pictures: expected {MIN_POINTS} points"):
        layout.place(points)


def test_the_fewest_points_for_umap_and_fewer_than_neighbours_asked_for():
    layout = lay_out(clusters(MIN_POINTS), ProjectionSpec(neighbours=200, dimensions=3))
    assert layout.method == "umap" and layout.neighbours.shape == (MIN_POINTS, MIN_POINTS - 1)
    assert np.isfinite(layout.coordinates).all()


def test_identical_vectors_lie_in_one_place_and_repeated_ones_do_not_break_it():
    same = lay_out(np.full((60, 5), 0.3, np.float32), ProjectionSpec())
    assert same.method == "one place" and not same.coordinates.any()
    quality, _ = measure(np.full((60, 5), 0.3, np.float32), same, np.arange(60) // 6,
                         np.arange(60) % 6, np.arange(60) // 12)  # fmt: skip
    assert np.isfinite([quality.trustworthiness, quality.landmark]).all()
    repeated = lay_out(np.repeat(clusters(3), 20, axis=0), ProjectionSpec())
    assert repeated.method == "umap" and np.isfinite(repeated.coordinates).all()


@pytest.mark.parametrize("points", [np.empty((0, 4)), np.array([[1.0, np.nan]] * 20)])
def test_nothing_and_what_is_not_a_number_are_refused(points):
    with pytest.raises(ValueError, match="finite points, and one at least"):
        lay_out(points.astype(np.float32), ProjectionSpec())


@pytest.mark.parametrize("last", [16, 30, 60])
def test_a_fit_can_be_stopped_at_any_stage(last):
    def progress(done, total):
        if done >= last:
            raise Cancelled

    with pytest.raises(Cancelled):
        lay_out(clusters(200, channels=60), ProjectionSpec(), progress)

    # Nothing that another thread's map waits for is left behind.
    def draw():
        with tqdm(range(2), file=io.StringIO()) as bar:
            bar.refresh()

    other = threading.Thread(target=draw, daemon=True)
    other.start()
    other.join(60)
    assert not other.is_alive()


def test_quality_of_two_landmarks_by_hand():
    # Four pictures of two landmarks, far apart; the map mixes them up for one picture.
    vectors = np.array([[0, 0], [9, 0], [0, 1], [9, 1], [0, 2], [9, 2], [0, 3], [9, 3]], np.float32)
    layout = lay_out(vectors, ProjectionSpec(metric="euclidean"))
    image, landmark = np.arange(8) // 2, np.arange(8) % 2
    quality, purity = measure(vectors, layout, image, landmark, np.zeros(8, int))
    # Three neighbours: the same landmark of the three other pictures.
    assert (quality.neighbours, quality.measured) == (3, 8)
    assert quality.landmark == quality.landmark_map == 1 and quality.landmark_chance == 0.5
    assert np.isnan([quality.identity, quality.identity_map, quality.identity_chance]).all()
    assert (purity[:, 0] == 1).all() and np.isnan(purity[:, 1]).all()
    # Of whole pictures there is no landmark to tell; two people of two pictures each.
    whole = np.array([[0.0], [1], [9], [10]], np.float32)
    layout = lay_out(whole, ProjectionSpec(metric="euclidean", kind="images"))
    quality, _ = measure(whole, layout, np.arange(4), np.full(4, -1), np.array([1, 1, 2, 2]))
    assert np.isnan(quality.landmark) and quality.neighbours == 1
    assert quality.identity == 1 and quality.identity_chance == pytest.approx(1 / 3)
    assert quality.trustworthiness == 1


def test_stages_are_told_by_percent():
    told = []
    within(lambda done, total: told.append((done, total)), 3)(1, 2)
    assert told == [(60, 100)] and within(None, 0) is None
    assert stage_at(0) == "reading embeddings and truth"
    assert stage_at(35) == stage_at(84) == "laying the points out"
    assert stage_at(100) == "measuring what the picture keeps"
