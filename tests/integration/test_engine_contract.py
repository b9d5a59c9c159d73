"""Every method of `Engine`, here and far away: the same answers, the same refusals."""

import io
import os
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core.engine import (
    Adaptation,
    Cancelled,
    EditError,
    Fill,
    GalleryError,
    ImageError,
    MatchOptions,
    ProjectionSpec,
    Queries,
    SweepSpec,
    Target,
    connect,
    read_samples,
)
from aonet_core.engine.http.rpc_methods import methods
from tests.comparing import assert_alike

IMAGES = ProjectionSpec("images", neighbours=5)


@pytest.fixture(scope="module")
def here(served, tmp_path_factory):
    """An engine in this process, with one thread like the server's: the same sums."""
    home, threads = tmp_path_factory.mktemp("here"), torch.get_num_threads()
    torch.set_num_threads(1)
    kept, os.environ["AONET_CACHE"] = os.environ.get("AONET_CACHE"), str(home / "cache")
    yield connect(
        checkpoint=served.checkpoint, samples=served.samples, galleries=home / "galleries"
    )
    torch.set_num_threads(threads)
    os.environ.pop("AONET_CACHE") if kept is None else os.environ.update(AONET_CACHE=kept)


@pytest.fixture(scope="module")
def far(served):
    return connect(served.url, served.token)


@pytest.fixture(scope="module", params=["here", "far"])
def engine(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def photos(served):
    chosen = [s for s in read_samples(served.samples).samples.values() if s.role == "query"]
    return [Image.open(sample.path).convert("RGB") for sample in chosen[:3]]


@pytest.fixture(scope="module")
def query(served):
    found = read_samples(served.samples).samples.values()
    return next(s for s in found if s.role == "query" and s.twin)


def png(seed, size=(40, 80)):
    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def uploads(photos):
    return Queries(photos, [7001] * 3, [1, 2, 3], name="mine")


def crowd(count=24):
    return [(f"{number}.png", png(number)) for number in range(count)]


@contextmanager
def gallery_of_one(engine, name="cases"):
    """A gallery of one picture, for as long as it is needed: tests come in any order."""
    engine.build_gallery(name, [("a.png", png(1))])
    try:
        yield
    finally:
        if name in [gallery.name for gallery in engine.galleries()]:
            engine.delete_gallery(name)


def within_gallery(ask):
    """A call that a gallery `cases` is there for."""

    def asked(engine, photos):
        with gallery_of_one(engine):
            return ask(engine, photos)

    return asked


def built(engine, pictures):
    """What is said of building a gallery that is not there before, nor after."""
    try:
        return engine.build_gallery("built", pictures)
    finally:
        engine.delete_gallery("built")


def changed(engine, **values):
    """An adaptation that fits but for some of its values."""
    fits = Adaptation(engine.info().digest, {"memory.vectors": np.ones((6, 512), "f4")}, {})
    return replace(fits, **values)


def member(engine, place=0):
    return engine.gallery().names[place]


CASES = {
    "info": [lambda e, p: e.info()],
    "analyze": [
        lambda e, p: e.analyze(p),
        lambda e, p: e.analyze([]),
        lambda e, p: e.analyze([p[0].convert("L"), p[1].convert("P"), p[2].convert("RGBA")]),
    ],
    "adapt": [lambda e, p: e.adapt(crowd()), lambda e, p: e.adapt(gallery="sample")],
    "embed": [lambda e, p: e.embed(p), lambda e, p: e.embed(p * 15)],
    "compare": [
        lambda e, p: e.compare(p[:1], e.embed(p)),
        lambda e, p: e.compare(e.embed(p), p[1:], form="eq8"),
    ],
    "sweep": [
        lambda e, p: e.sweep(p[0], SweepSpec(size=40, step=32)),
        lambda e, p: e.sweep(
            p[0],
            SweepSpec("right", 24, 16, (10, 60), Fill("picture", "other"), 3),
            p[1],
            maps=True,
            pictures={"other": p[2]},
        ),
    ],
    "attribute": [
        lambda e, p: e.attribute(p[0], Target("awareness", 1)),
        lambda e, p: e.attribute(
            p[0], Target("similarity", None), "layer_integrated_gradients", p[1], seed=4
        ),
        lambda e, p: e.attribute(p[0], Target("rank", match=member(e)), fill=Fill("noise")),
    ],
    "counterfactual": [lambda e, p: e.counterfactual(p[0], fill=Fill("blur"))],
    "galleries": [within_gallery(lambda e, p: e.galleries())],
    "gallery_ready": [lambda e, p: e.gallery() and e.gallery_ready()],
    "gallery": [lambda e, p: e.gallery()],
    "queries": [lambda e, p: e.queries()],
    "picture": [lambda e, p: e.picture("sample", member(e))],
    "thumbnail": [lambda e, p: e.thumbnail("sample", member(e), height=50)],
    "embedded_of": [lambda e, p: e.embedded_of("sample", [member(e), member(e, 3)])],
    "build_gallery": [lambda e, p: built(e, [("a.png", png(1)), ("b", b"no")])],
    "replace_picture": [
        within_gallery(lambda e, p: e.replace_picture("cases", "a.png", png(2), 4, 2))
    ],
    "delete_pictures": [within_gallery(lambda e, p: e.delete_pictures("cases", ["a.png"]))],
    "delete_gallery": [within_gallery(lambda e, p: e.delete_gallery("cases"))],
    "rank": [
        lambda e, p: e.rank(p[0], top_k=7, skip=[member(e)], without=[1]),
        lambda e, p: e.rank(
            e.embed(p[:1]), options=MatchOptions(only=(0, 2), rerank=True), cameras=(1, 2)
        ),
    ],
    "shares": [lambda e, p: e.shares(p[0], options=MatchOptions("unweighted"))],
    "evaluate": [
        lambda e, p: e.evaluate(),
        lambda e, p: e.evaluate(queries=uploads(p), options=MatchOptions(without=(0,))),
    ],
    "evaluation_ready": [
        lambda e, p: e.evaluation_ready(),
        lambda e, p: e.evaluation_ready(queries=uploads(p)),
    ],
    "pair": [lambda e, p: e.pair(p[0], member(e, 2), pid=7001, camid=1, skip=[member(e)])],
    "project": [
        lambda e, p: e.project(spec=IMAGES),
    ],
    "projection_ready": [
        lambda e, p: e.projection_ready(spec=IMAGES),
        lambda e, p: e.projection_ready(),
    ],
    "place": [lambda e, p: e.place(p[:2], spec=IMAGES)],
    "peaks": [lambda e, p: e.peaks("sample", [member(e), member(e, 3)])],
    "atlas_ready": [lambda e, p: e.atlas_ready()],
    "atlas": [lambda e, p: e.atlas()],
    "facts": [lambda e, p: e.facts()],
    "costs": [lambda e, p: e.costs()],
    "networks": [lambda e, p: e.networks()],
    "query_picture": [
        lambda e, p: e.query_picture(e.queries().names[0]),
        lambda e, p: e.query_picture("picture 2", queries=uploads(p)),
    ],
}
"""Calls of every method; none needs another one before it."""


def test_every_method_has_a_case():
    assert set(CASES) == set(methods()), "give every method of Engine a call in CASES"


@pytest.mark.parametrize("name", CASES)
def test_answers_are_the_same(name, here, far, photos):
    for number, ask in enumerate(CASES[name]):
        assert_alike(ask(here, photos), ask(far, photos), f"{name} {number}")


@pytest.fixture(scope="module")
def own(here):
    """Somebody's network."""
    return here.adapt(crowd())


@pytest.mark.parametrize("name", CASES)
def test_answers_with_somebodys_network_are_the_same(name, here, far, photos, own):
    near, away = here.adapted(own), far.adapted(own)
    for number, ask in enumerate(CASES[name]):
        assert_alike(ask(near, photos), ask(away, photos), f"{name} {number}")


def test_somebodys_network_is_seen_by_nobody_else(engine, photos, own):
    before = engine.analyze(photos)
    mine = engine.adapted(own)
    assert mine.info().digest == own.digest != engine.info().digest
    assert mine.info().card["adapted"] == own.adapted
    again = mine.analyze(photos)
    assert all(
        not np.array_equal(a.awareness, b.awareness) for a, b in zip(before, again, strict=True)
    )
    assert_alike(engine.analyze(photos), before)
    assert engine.info().digest not in (mine.gallery().checkpoint, own.digest)
    assert engine.gallery().checkpoint == engine.info().digest


REFUSALS = {
    "larger than the picture": (EditError, lambda e, p: e.sweep(p[0], SweepSpec(size=4000))),
    "which picture": (EditError, lambda e, p: e.attribute(p[0], Target("similarity", None))),
    "at least 20 different pictures, got 3": (ValueError, lambda e, p: e.adapt(crowd(3))),
    "at least 20 different pictures, got 0": (ValueError, lambda e, p: e.adapt()),
    "no gallery 'nobody'": (GalleryError, lambda e, p: e.adapt(gallery="nobody")),
    "belongs to another checkpoint": (
        ValueError,
        lambda e, p: e.adapted(changed(e, parent="0" * 64)).info(),
    ),
    "adapted memory.vectors does not fit": (
        ValueError,
        lambda e, p: e.adapted(changed(e, arrays={"memory.vectors": np.ones((2, 3), "f4")})).info(),
    ),
    "adapted backbone.0.0.0.weight does not fit": (
        ValueError,
        lambda e, p: e.adapted(
            changed(e, arrays={"backbone.0.0.0.weight": np.ones(1, "f4")})
        ).info(),
    ),
    "at least one picture": (ValueError, lambda e, p: e.embed([])),
    "numbered 0 to": (ValueError, lambda e, p: e.rank(p[0], without=[99])),
    "there is no gallery": (GalleryError, lambda e, p: e.gallery("nowhere")),
    "no picture nobody": (GalleryError, lambda e, p: e.picture("sample", "nobody")),
    "name must be": (GalleryError, lambda e, p: e.build_gallery("../up", [("a", png(0))])),
    "image this application": (
        ImageError,
        within_gallery(lambda e, p: e.replace_picture("cases", "a.png", b"none")),
    ),
}


@pytest.mark.parametrize("words", REFUSALS)
def test_refusals_are_the_same(words, engine, photos, served):
    kind, ask = REFUSALS[words]
    with pytest.raises(kind, match=words) as caught:
        ask(engine, photos)
    assert type(caught.value) is kind and "\n" not in str(caught.value)


def test_nothing_at_a_path_is_told(engine, served):
    with pytest.raises(FileNotFoundError, match="no pictures at"):
        engine.build_gallery("x", served.folder / "nothing")


def test_arguments_that_do_not_fit_are_refused_before_anything_is_sent(engine, photos):
    with pytest.raises(TypeError):
        engine.sweep(photos[0], SweepSpec(), nothing_of_the_kind=1)


def test_progress_is_told_and_ends_the_work(engine, photos):
    told = []
    engine.sweep(photos[0], SweepSpec(step=1), progress=lambda *done: told.append(done))
    assert told and told == sorted(told) and told[-1][0] <= told[-1][1]

    def stop(done, total):
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        engine.sweep(photos[0], SweepSpec(step=1), progress=stop)
    assert engine.info().num_landmarks > 0


def test_a_folder_becomes_a_gallery_wherever_the_engine_is(engine, tmp_path):
    for number, name in enumerate(("0001_c1.png", "sub/0002_c2.png")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(png(number))
    report = engine.build_gallery("folder", tmp_path)
    info = engine.gallery("folder")
    assert report.added == 2 and (info.pids, info.camids) == ((1, 2), (1, 2))
    assert engine.build_gallery("folder", str(tmp_path)).present == 2
    engine.delete_gallery("folder")


def test_query_folders_must_be_opened_to_callers(far, here, served):
    with pytest.raises(PermissionError, match="not one that the engine's machine opens"):
        far.evaluate(queries=served.samples)
    with pytest.raises(PermissionError):
        far.evaluate(queries=f"{served.folder}/../..")
    for number, role in enumerate(("query", "query", "bounding_box_test", "bounding_box_train")):
        (served.folder / role).mkdir(exist_ok=True)
        (served.folder / role / f"7001_c{number + 1}s1_000000_00.png").write_bytes(png(number))
    assert_alike(here.evaluate(queries=served.folder), far.evaluate(queries=str(served.folder)))
