"""Maps that the engine makes: kept on disk, extended, belonging to what they were made of."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from aonet_core.engine import connect, embedded
from aonet_core.engine.local.projection import map_file
from aonet_core.model import save_checkpoint
from aonet_core.results.projection import Projection, ProjectionSpec

SPEC = ProjectionSpec(neighbours=6)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def kept_there(monkeypatch, cache):
    monkeypatch.setenv("AONET_CACHE", str(cache))


@pytest.fixture(scope="module")
def engine(cache, small_samples, tiny_model):
    network = save_checkpoint(cache / "net", tiny_model("aonet_lens"), {})
    return connect(checkpoint=network, samples=small_samples, galleries=cache / "galleries")


@pytest.fixture
def found(engine):
    return engine.project("sample", SPEC)


def test_points_belong_to_pictures_and_landmarks(engine, found):
    gallery, queries = engine.gallery("sample"), engine.queries("sample")
    assert found.names.tolist() == [*gallery.names, *queries.names]
    assert found.is_query.sum() == len(queries.names)
    assert len(found) == 6 * len(found.names) and found.coordinates.shape == (len(found), 2)
    assert found.image[13] == 2 and found.landmark[13] == 1
    np.testing.assert_array_equal(found.of_points("pids")[12:18], [found.pids[2]] * 6)
    stored = engine.embedded_of("sample", [found.names[2]])
    np.testing.assert_allclose(found.of_points("awareness")[12:18], stored.awareness[0], atol=1e-6)


def test_truth_is_that_of_twins_and_of_pictures_with_nothing_in_front(engine, found):
    evaluation = engine.evaluate("sample")
    rows = [found.names.tolist().index(name) for name in evaluation.names]
    np.testing.assert_allclose(found.visibility[rows], evaluation.visibility, atol=1e-5)
    assert (found.visibility[found.occluder == ""] == 1).all()


def test_average_precision_is_there_once_queries_were_evaluated(engine):
    evaluation = engine.evaluate("sample")
    found = engine.project("sample", SPEC)
    rows = [found.names.tolist().index(name) for name in evaluation.names]
    np.testing.assert_allclose(
        found.average_precision[rows], evaluation.average_precision, rtol=1e-6
    )
    assert np.isnan(found.average_precision[~found.is_query]).all()


def test_a_map_is_kept_by_all_that_it_depends_on(engine, found, cache, small_samples, monkeypatch):
    assert engine.projection_ready("sample", SPEC)
    assert not engine.projection_ready("sample", replace(SPEC, seed=9))
    other = connect(checkpoint=cache / "net.safetensors", samples=small_samples,
                    galleries=cache / "galleries")  # fmt: skip
    monkeypatch.setattr(other, "_fit", None)  # it must not be needed
    again = other.project("sample", SPEC)
    for field in fields(Projection):
        value, kept = getattr(found, field.name), getattr(again, field.name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(kept, value)
        else:
            assert kept == value or is_dataclass(value)
    place = [each.place(engine.embedded_of("sample", found.names[:2]), "sample", SPEC)
             for each in (engine, other)]  # fmt: skip
    np.testing.assert_array_equal(place[0].coordinates, place[1].coordinates)


def test_a_damaged_file_is_made_anew(engine, found, cache, caplog):
    for file in (cache / "projections").glob("*.aonet"):
        file.write_bytes(file.read_bytes()[:1000])
    engine._maps.clear()
    again = engine.project("sample", SPEC)
    np.testing.assert_array_equal(again.coordinates, found.coordinates)
    assert "is made anew" in caplog.text


def test_new_pictures_lie_where_the_same_pictures_lie(engine, found):
    name = found.names[0]
    placed = engine.place([engine.picture("sample", name)], "sample", SPEC)
    assert placed.coordinates.shape == (1, 6, 2) and placed.landmark.tolist() == list(range(6))
    spread = np.ptp(found.coordinates, axis=0).max()
    away = np.linalg.norm(placed.coordinates[0] - found.coordinates[:6], axis=1)
    assert np.median(away) < 0.15 * spread
    np.testing.assert_allclose(placed.awareness[0], found.awareness[0], atol=2e-2)


def test_whole_pictures_have_a_point_each(engine):
    found = engine.project("sample", replace(SPEC, kind="images", dimensions=3, queries=False))
    assert len(found) == len(found.names) == len(engine.gallery("sample").names)
    assert found.star_landmark.tolist() == [-1] and np.isnan(found.quality.landmark)
    expected = np.nanmean(found.awareness, axis=1)
    np.testing.assert_allclose(found.of_points("awareness"), expected, rtol=1e-5)


def test_stars_are_memory_rows_where_those_can_be_compared(cache, small_samples, tiny_model):
    for name, kind in (("aonet_oafea", "mean"), ("aonet", "memory")):
        overrides = {"retrieval_features": "oa"} if kind == "memory" else {}
        model = tiny_model(name, seed=len(name), num_landmarks=2, **overrides)
        network = save_checkpoint(cache / name, model, {})
        engine = connect(checkpoint=network, samples=small_samples, galleries=cache / name)
        found = engine.project("sample", SPEC)
        assert found.star_kind == kind and found.stars.shape == (2, 2)
        assert set(found.landmark.tolist()) == {0, 1}


def test_peaks_are_centres_of_the_brightest_pixels(engine, found):
    names = found.names[[0, 5]].tolist()
    analyses = engine.analyze([engine.picture("sample", name) for name in names])
    peaks = engine.peaks("sample", names)
    for row, analysis in enumerate(analyses):
        for k, response in enumerate(analysis.referenced_response_map):
            height, width = response.shape
            y, x = divmod(int(response.argmax()), width)
            assert peaks[row, k].tolist() == pytest.approx([(x + 0.5) / width, (y + 0.5) / height])


def test_what_is_not_there_is_refused_in_a_sentence(engine):
    with pytest.raises(ValueError, match="there is no gallery 'nowhere'"):
        engine.project("nowhere", SPEC)
    with pytest.raises(ValueError, match="at least one picture, got none"):
        engine.place([], "sample", SPEC)
    assert embedded(engine.analyze([engine.picture("sample", engine.gallery().names[0])]))


def test_another_spec_or_gallery_is_another_file():
    files = {
        map_file(spec, *belongs)
        for spec in (SPEC, replace(SPEC, min_distance=0.2))
        for belongs in (("a", "b"), ("a", "c"))
    }
    assert len(files) == 4


def test_one_person_alone_is_told(engine, small_samples):
    pictures = [file for file in sorted((small_samples / "bounding_box_test").glob("7001_*"))]
    engine.build_gallery("one", [(file.name, file.read_bytes()) for file in pictures])
    found = engine.project("one", SPEC)
    assert set(found.pids.tolist()) <= {0, 7001}
    if found.pids.any():
        assert "show one person" in " ".join(found.notes) and found.quality.identity == 1
