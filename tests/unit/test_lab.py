"""The engine's answers about matches and hidden parts, on a tiny network and gallery."""

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aonet_core.engine import (
    Cancelled,
    Circle,
    Edit,
    EditError,
    Fill,
    GalleryInfo,
    SweepSpec,
    Target,
    apply_edit,
    connect,
    embedded,
    hidden_landmarks,
    read_samples,
    sample_cutout,
)
from aonet_core.model import save_checkpoint

PIDS = (1, 1, 1, 2, 2, 3, 3, 0)
CAMIDS = (1, 2, 3, 1, 2, 1, 2, 1)


def picture(seed, size=(32, 64)):
    """Blotches, so that a tiny network tells pictures apart."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def samples(tmp_path):
    folder = tmp_path / "set"
    rows = []
    for number, (pid, camid) in enumerate(zip(PIDS, CAMIDS, strict=True)):
        rows.append(row := {"file": f"gallery/{number}.png", "role": "gallery", "pid": pid})
        row["camid"] = camid
    rows.append({"file": "query/0.png", "role": "query", "pid": 1, "camid": 1})
    for seed, row in enumerate(rows):
        row |= {"split": "test", "occluder": "", "hidden": 0.0, "visible_head": 1.0, "twin": ""}
        row["mask"] = f"masks/{seed}.png"
        for name in ("file", "mask"):
            (folder / row[name]).parent.mkdir(parents=True, exist_ok=True)
        picture(row["pid"] * 10 + row["camid"]).save(folder / row["file"])
        label = np.zeros((64, 32), dtype=np.uint8)
        label[10:50, 8:20], label[40:60, 8:20] = 2, 16 + 6
        Image.fromarray(label).save(folder / row["mask"])
    pd.DataFrame(rows).to_parquet(folder / "visibility.parquet")
    return folder


@pytest.fixture
def engine(tiny_checkpoint, samples, tmp_path, monkeypatch):
    monkeypatch.setenv("AONET_CACHE", str(tmp_path / "cache"))
    return connect(checkpoint=tiny_checkpoint, samples=samples)


@pytest.fixture
def photo():
    return picture(99, (50, 110))


def test_comparison_takes_pictures_or_embeddings_and_its_shares_sum_up(engine, photo):
    pictures = [picture(1), picture(2), picture(3)]
    comparison = engine.compare([photo, pictures[0]], pictures)
    assert comparison.similarity.shape == (2, 3) and comparison.shares.shape == (2, 3, 6)
    assert (comparison.shares.sum(axis=2) == comparison.similarity).all()
    assert comparison.similarity[1, 0] == pytest.approx(1, abs=1e-5)
    again = engine.compare(embedded(engine.analyze([photo, pictures[0]])), engine.embed(pictures))
    np.testing.assert_allclose(again.shares, comparison.shares, atol=1e-5)
    assert comparison.form == engine.info().similarity
    with pytest.raises(ValueError, match="at least one picture, got none"):
        engine.compare([], pictures)
    with pytest.raises(ValueError, match="form must be one of"):
        engine.compare([photo], pictures, form="best")


def test_sweep_equals_one_picture_at_a_time(engine, photo):
    other = picture(3)
    spec = SweepSpec("down", size=30, step=13, across=(5, 40), fill=Fill("noise"), seed=4)
    told = []
    sweep = engine.sweep(photo, spec, other, maps=True, progress=lambda *done: told.append(done))
    count = len(sweep.boxes)
    assert told[-1] == (count, count) and [done for done, _ in told] == sorted(
        done for done, _ in told
    )
    clean = engine.analyze([photo])[0]
    np.testing.assert_allclose(sweep.clean_awareness, clean.awareness, atol=1e-2)
    for row, box in enumerate(sweep.boxes):
        frame = spec.frame(photo, box)
        analysis = engine.analyze([frame])[0]
        # Pixels may differ by one grey level.
        np.testing.assert_allclose(sweep.awareness[row], analysis.awareness, atol=0.02)
        maps = analysis.referenced_response_map
        np.testing.assert_allclose(sweep.maps[row], maps, atol=0.02)
        comparison = engine.compare([frame], [photo, other])
        np.testing.assert_allclose(sweep.self_shares[row], comparison.shares[0, 0], atol=0.02)
        np.testing.assert_allclose(sweep.other_shares[row], comparison.shares[0, 1], atol=0.02)
        mask = np.zeros((110, 50), dtype=bool)
        mask[box[0] : box[1], box[2] : box[3]] = True
        np.testing.assert_allclose(sweep.hidden[row], hidden_landmarks(clean, mask), atol=0.02)
    assert (sweep.self_shares.sum(axis=1) == sweep.self_similarity).all()
    assert (sweep.other_shares.sum(axis=1) == sweep.other_similarity).all()
    plain = engine.sweep(photo, spec)
    assert plain.maps is plain.other_shares is plain.other_similarity is None


def test_sweep_is_exact_where_nothing_is_resized(engine):
    photo, spec = picture(5), SweepSpec("right", size=9, step=5, fill=Fill("black"))
    sweep = engine.sweep(photo, spec)
    for row, box in enumerate(sweep.boxes):
        awareness = engine.analyze([spec.frame(photo, box)])[0].awareness
        np.testing.assert_allclose(sweep.awareness[row], awareness, atol=1e-4)


def test_hidden_landmarks_are_where_the_mask_is(engine, photo):
    clean = engine.analyze([photo])[0]
    everything = np.ones((110, 50), dtype=bool)
    assert hidden_landmarks(clean, ~everything) == pytest.approx(0)
    np.testing.assert_allclose(hidden_landmarks(clean, everything), 1)
    mask = apply_edit(photo, Edit((Circle(20, 40, 22),))).mask
    inside, outside = hidden_landmarks(clean, mask), hidden_landmarks(clean, ~mask)
    np.testing.assert_allclose(inside + outside, 1, atol=1e-5)


def test_gallery_is_kept_on_disk_by_checkpoint(engine, tiny_checkpoint, samples, tmp_path, photo):
    assert not engine.gallery_ready()
    told = []
    info = engine.gallery(progress=lambda *done: told.append(done))
    # Its query is kept with it.
    assert isinstance(info, GalleryInfo) and told == [(9, 9)] and engine.gallery_ready()
    assert info.names == tuple(f"gallery/{n}.png" for n in range(8))
    assert info.pids == PIDS and info.camids == CAMIDS
    assert engine.queries().names == ("query/0.png",) and engine.queries().camids == (1,)
    (kept,) = (tmp_path / "cache" / "galleries").glob("sample-*/sample/images.lance/data/*.lance")
    expected = engine.rank(photo, top_k=8)

    def never(done, total):
        raise AssertionError("embedded again")

    fresh = connect(checkpoint=tiny_checkpoint, samples=samples)
    assert fresh.gallery_ready()
    fresh.gallery(progress=never)
    np.testing.assert_array_equal(fresh.rank(photo, top_k=8).similarity, expected.similarity)
    kept.write_bytes(kept.read_bytes()[:1000])
    damaged = connect(checkpoint=tiny_checkpoint, samples=samples)
    assert damaged.rank(photo, top_k=8).names == expected.names
    assert not kept.exists()


def test_another_checkpoint_or_set_has_another_gallery(
    engine, samples, tiny_model, tiny_checkpoint, tmp_path
):
    engine.gallery()
    other = save_checkpoint(tmp_path / "other", tiny_model("aonet_lens", seed=1), {})
    assert not connect(checkpoint=other, samples=samples).gallery_ready()
    picture(77).resize((20, 40)).save(samples / "gallery/3.png")
    same = connect(checkpoint=tiny_checkpoint, samples=samples)
    assert not same.gallery_ready()


def test_cancelled_gallery_goes_on_where_it_stopped(engine, monkeypatch):
    from aonet_core.gallery import build

    monkeypatch.setattr(build, "BATCH", 3)

    def stop(done, total):
        if done == 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.gallery(progress=stop)
    assert not engine.gallery_ready()
    looked_at = []
    embed = engine._registry._embed
    monkeypatch.setattr(
        engine._registry, "_embed", lambda images: looked_at.append(len(images)) or embed(images)
    )
    assert len(engine.gallery().names) == 8 and looked_at == [3]


def test_cache_that_cannot_be_written_is_no_obstacle(engine, tmp_path, photo, caplog):
    (tmp_path / "cache").write_text("a file in the way")
    assert len(engine.rank(photo).names) == 8
    assert "the gallery is not kept" in caplog.text


def test_ranking_equals_sorting_all_comparisons(engine, photo, samples):
    shown = read_samples(samples)
    pictures = [Image.open(samples / f"gallery/{n}.png") for n in range(8)]
    similarity = engine.compare([photo], pictures).similarity[0]
    matches = engine.rank(photo, top_k=5)
    assert matches.total == 8 and len(matches.names) == 5
    order = np.argsort(-similarity, kind="stable")
    assert matches.names == tuple(f"gallery/{n}.png" for n in order[:5])
    np.testing.assert_allclose(matches.similarity, similarity[order[:5]], atol=1e-5)
    assert (matches.shares.sum(axis=1) == matches.similarity).all()
    query = shown.samples["query/0.png"]
    assert shown.junk(query) == ("gallery/0.png",)
    assert shown.right_matches(query) == ("gallery/1.png", "gallery/2.png")
    left = engine.rank(engine.embed([photo]), top_k=50, skip=shown.junk(query))
    assert left.total == 7 and "gallery/0.png" not in left.names


def test_ranking_without_a_landmark_leaves_it_no_share(engine, photo):
    for form in ("eq8", "normalised", "unweighted", "query_weighted"):
        matches = engine.rank(photo, top_k=8, without=[2, 4], form=form)
        assert not matches.shares[:, [2, 4]].any() and matches.shares[:, 0].any()
        assert matches.form == form


def test_ranking_refuses_what_it_cannot_rank(engine, photo):
    names = engine.gallery().names
    with pytest.raises(ValueError, match="there is no gallery 'x': expected one of sample"):
        engine.rank(photo, gallery="x")
    with pytest.raises(ValueError, match="the gallery sample has no picture x"):
        engine.rank(photo, skip=["x"])
    with pytest.raises(ValueError, match="got 0 and 20"):
        engine.rank(photo, skip=names)
    with pytest.raises(ValueError, match="landmarks are numbered 0 to 5, got 6"):
        engine.rank(photo, without=[6])
    with pytest.raises(ValueError, match="embedding of one picture, got 2"):
        engine.rank(engine.embed([photo, photo]))


def test_cancelling_leaves_nothing_locked(engine, photo):
    def stop(done, total):
        raise Cancelled

    work = [
        lambda: engine.sweep(photo, SweepSpec("down", 20, 2), progress=stop),
        lambda: engine.attribute(photo, Target("awareness", 0), progress=stop),
        lambda: engine.attribute(
            photo, Target("awareness", 0), "layer_integrated_gradients", progress=stop
        ),
    ]
    for task in work:
        with pytest.raises(Cancelled):
            task()
    done = threading.Thread(
        target=lambda: engine.attribute(photo, Target("awareness", 0)), daemon=True
    )
    done.start()
    done.join(60)
    assert not done.is_alive() and engine.analyze([photo])


def test_attribution_refuses_what_does_not_go_together(engine, photo):
    for target, options, message in (
        (Target("similarity", None), {}, "A similarity to which picture"),
        (Target("awareness", 0), {"method": "guess"}, "A method must be one of occlusion"),
        (Target("awareness", 0), {"window": 3}, "must measure 1 to 2 feature pixels, got 3"),
        (
            Target("rank", match="gallery/1.png"),
            {"method": "integrated_gradients"},
            "A rank has no gradient",
        ),
    ):
        with pytest.raises(EditError, match=message):
            engine.attribute(photo, target, **options)
    with pytest.raises(ValueError, match="landmarks are numbered 0 to 5, got 9"):
        engine.attribute(photo, Target("awareness", 9))
    with pytest.raises(ValueError, match="has no picture x"):
        engine.attribute(photo, Target("rank", match="x"))
    for kind, message in (("fame", "A target must be"), ("rank", "The rank of which")):
        with pytest.raises(EditError, match=message):
            Target(kind)
    with pytest.raises(EditError, match="The awareness of which landmark"):
        Target("awareness", None)


def test_counterfactual_needs_right_and_wrong(engine, photo):
    names = engine.gallery().names
    for right, skip in ((names, ()), (names[:1], names[:1]), (names[:1], names[1:])):
        with pytest.raises(ValueError, match="needs right and wrong pictures in the gallery"):
            engine.counterfactual(photo, right=right, skip=skip)


def test_counterfactual_counts_all_pictures_of_the_first_person_as_right(engine, samples):
    query = Image.open(samples / "gallery/3.png")
    answer = engine.counterfactual(query)
    assert answer.match == "gallery/3.png" and answer.margin > 0
    assert answer.rival not in ("gallery/3.png", "gallery/4.png")
    assert answer == replace(
        engine.counterfactual(query, right=["gallery/3.png", "gallery/4.png"]),
        milliseconds=answer.milliseconds,
    )


def test_person_is_cut_out_along_the_labels(samples):
    sample = read_samples(samples).samples["query/0.png"]
    cutout = sample_cutout(sample)
    # Rows 40 to 60 are behind an occluder.
    assert cutout.mode == "RGBA" and cutout.size == (12, 30)
    alpha = np.asarray(cutout)[:, :, 3]
    assert alpha[15, 6] == 255 and 0 < alpha[0, 0] < 255
    assert sample_cutout(replace(sample, mask=None)) is None
