"""The gallery's table and the file of vectors beside it, without a network."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.feature_file import FeatureFile
from aonet_core.gallery.records import EmbeddingSpec, Record
from aonet_core.gallery.store import GalleryStore

K, C = 2, 8
MADE = EmbeddingSpec("a" * 64, K, C, "tiny")


def record(number, role="gallery", **changes):
    rng = np.random.default_rng(number)
    name = f"{role}/{number} it's.jpg"
    content = name.encode()
    made = Record(
        name,
        role,
        number,
        number % 3,
        hashlib.sha256(content).digest(),
        content,
        "",
        rng.standard_normal((K, C)) * 50,
        rng.random(K),
    )
    return replace(made, **changes)


@pytest.fixture
def store(tmp_path):
    made = GalleryStore(tmp_path / "mine", MADE)
    made.add([record(number) for number in range(5)])
    made.add([record(9, "query"), *(record(number) for number in range(5, 7))])
    return made


def opened(store):
    """Names in order, and the rows that the vector file gives for them."""
    catalogue = store.catalogue().of("gallery")
    vectors, rows = FeatureFile(store, "gallery").open(catalogue)
    return catalogue, vectors[rows]


def assert_holds(store, numbers):
    catalogue, features = opened(store)
    assert catalogue.names == [record(number).name for number in numbers]
    for row, number in enumerate(numbers):
        unit = record(number).features
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        np.testing.assert_allclose(features[row], unit, atol=5e-4)
        np.testing.assert_allclose(catalogue.awareness[row], record(number).awareness, rtol=1e-6)
        length = np.linalg.norm(features[row].astype(np.float64), axis=1)
        np.testing.assert_allclose(catalogue.lengths[row], length, rtol=1e-6)


def test_what_is_added_is_there_in_its_order(store):
    assert_holds(store, range(7))
    catalogue = store.catalogue()
    assert catalogue.pids.tolist() == [0, 1, 2, 3, 4, 9, 5, 6] and len(catalogue) == 8
    assert catalogue.of("query").names == [record(9, "query").name]
    assert store.counts() == {"gallery": 7, "query": 1, "pid": 7, "camid": 4}
    again = GalleryStore(store.folder, MADE)
    assert_holds(again, range(7))
    assert again.image(record(3).name) == record(3).image
    assert again.spec == MADE and again.spec.network == "tiny"
    assert not (store.folder / "query.f16").exists()


def test_only_what_changed_is_written(store):
    opened(store)
    parts = set((store.folder / "images.lance/data").iterdir())
    vectors = (store.folder / "gallery.f16").read_bytes()
    store.add([record(7)])
    store.replace(record(2, features=record(20).features))
    assert parts < set((store.folder / "images.lance/data").iterdir())
    catalogue, _ = opened(store)
    assert catalogue.names == [record(n).name for n in (0, 1, 3, 4, 5, 6, 7, 2)]
    assert (store.folder / "gallery.f16").read_bytes()[: len(vectors)] == vectors


def test_parts_are_joined_once_they_are_many(store, monkeypatch):
    data = store.folder / "images.lance/data"
    store.finish("", complete=True)
    assert len(list(data.iterdir())) == 2
    monkeypatch.setattr("aonet_core.gallery.store.MANY_PARTS", 1)
    monkeypatch.setattr("aonet_core.gallery.store.KEPT_VERSIONS", timedelta(microseconds=1))
    store.delete([record(4).name])
    store.finish("", complete=True)
    (part,) = data.iterdir()
    assert record(3).image in part.read_bytes() and record(4).image not in part.read_bytes()
    assert_holds(store, (0, 1, 2, 3, 5, 6))


def test_replaced_and_deleted_pictures_are_gone(store):
    opened(store)
    old = record(2).digest
    new = replace(record(20), name=record(2).name)
    store.replace(new)
    FeatureFile(store, "gallery").forget({old})
    store.delete([record(5).name, record(0).name])
    FeatureFile(store, "gallery").forget({record(5).digest, record(0).digest})
    catalogue, features = opened(store)
    assert catalogue.names == [record(n).name for n in (1, 3, 4, 6, 2)]
    assert catalogue.pids.tolist() == [1, 3, 4, 6, 20]
    unit = new.features / np.linalg.norm(new.features, axis=1, keepdims=True)
    np.testing.assert_allclose(features[4], unit, atol=5e-4)
    blank = np.fromfile(store.folder / "gallery.f16", np.float16).reshape(-1, K, C)[[0, 2, 5]]
    assert not blank.any()
    with pytest.raises(GalleryError, match="has no picture gallery/5 it's.jpg"):
        store.image(record(5).name)
    with pytest.raises(GalleryError, match="has no picture"):
        store.replace(record(5))


def test_file_of_vectors_is_mended_after_a_crash_and_made_anew_when_gone(store):
    opened(store)
    data, keys = store.folder / "gallery.f16", store.folder / "gallery.sha256"
    whole = data.read_bytes()
    data.write_bytes(whole[: len(whole) // 2 + 3])
    assert_holds(store, range(7))
    assert data.read_bytes() == whole
    keys.write_bytes(keys.read_bytes()[:-50])
    assert_holds(store, range(7))
    assert data.read_bytes() == whole
    data.unlink()
    assert_holds(store, range(7))
    assert data.read_bytes() == whole


def test_file_of_vectors_is_made_anew_where_most_of_it_is_nobodys(store, monkeypatch):
    opened(store)
    keys = store.folder / "gallery.sha256"
    strangers = os.urandom(32 * 1020)
    (store.folder / "gallery.f16").write_bytes(bytes(1020 * K * C * 2))
    keys.write_bytes(strangers)
    assert_holds(store, range(7))
    assert keys.stat().st_size == 7 * 32


def test_damaged_row_is_named(store):
    store.add([record(7)])
    store._table.update(f"name = '{record(7).name.replace(chr(39), chr(39) * 2)}'", {"pid": 70})
    assert store.catalogue().pids.tolist()[-1] == 70  # the table can be changed behind our back
    for column, value in (("awareness", "[2.0, 0.5]"), ("lengths", "[1.0, -1.0]")):
        store._table.update("pid = 70", values_sql={column: f"arrow_cast({value}, {TYPE})"})
        with pytest.raises(GalleryError, match="damaged row, gallery/7 it's.jpg: expected aware"):
            store.catalogue()
        store.replace(record(7, pid=70))
    store._table.update("pid = 70", values_sql={"lengths": f"arrow_cast([0.5, 0.5], {TYPE})"})
    with pytest.raises(GalleryError, match="damaged row, gallery/7 it's.jpg: expected features as"):
        opened(store)
    store.delete([record(7).name])
    assert_holds(store, range(7))


TYPE = "'FixedSizeList(2, Float32)'"


def test_another_checkpoint_is_refused_with_the_reason(store):
    for other in (replace(MADE, checkpoint="b" * 64), replace(MADE, channels=4)):
        with pytest.raises(GalleryError, match="gallery mine was made with another checkpoint: ex"):
            GalleryStore(store.folder, other)
    assert GalleryStore(store.folder, replace(MADE, network="renamed")).spec == MADE
    assert GalleryStore(store.folder).spec == MADE
    with pytest.raises(GalleryError, match="there is no gallery in"):
        GalleryStore(store.folder.parent / "none")


def test_another_format_is_refused(store, monkeypatch):
    monkeypatch.setattr("aonet_core.gallery.schema.FORMAT", "2")
    with pytest.raises(GalleryError, match="another format: expected 2, got 1"):
        GalleryStore(store.folder, MADE)


@pytest.mark.parametrize("part", ["data/*.lance", "_versions/*.manifest"])
def test_damaged_table_is_explained(store, part):
    for file in (store.folder / "images.lance").glob(part):
        file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(GalleryError, match="gallery mine is damaged .*delete it and build it aga"):
        GalleryStore(store.folder, MADE).catalogue()


def test_damaged_state_is_explained(store):
    (store.folder / "state.json").write_text("{")
    with pytest.raises(GalleryError, match="mine is damaged: state.json cannot be read"):
        GalleryStore(store.folder, MADE).state  # noqa: B018


def test_what_does_not_fit_is_refused_and_nothing_is_stored(store):
    bad = record(8).features.copy()
    bad[1, 3] = np.nan
    for wrong, message in (
        (record(8, features=bad), "must be finite"),
        (record(8, awareness=np.array([np.inf, 0])), "must be finite"),
        (record(8, features=np.ones((K, 4))), r"2 landmarks and 8 channels cannot hold .*\(2, 4\)"),
    ):
        with pytest.raises(ValueError, match=message):
            store.add([wrong])
    store.add([])
    assert_holds(store, range(7))


WRITER = """
import sys
from pathlib import Path
from aonet_core.gallery.store import GalleryStore
with GalleryStore(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_one_process_writes_at_a_time(store):
    command = [sys.executable, "-c", WRITER, str(store.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout.readline() == "writing\n"
        for change in (
            lambda: store.add([record(7)]),
            lambda: store.replace(record(2)),
            lambda: store.delete([record(2).name]),
            store.remove,
        ):
            with pytest.raises(GalleryBusy, match="mine is being written by another process; try"):
                change()
        assert_holds(GalleryStore(store.folder, MADE), range(7))  # reading goes on
        other.stdin.close()
    store.add([record(7)])
    assert_holds(store, range(8))


def test_full_disk_loses_nothing(store, monkeypatch):
    def full(*_):
        # As the library tells of it.
        raise RuntimeError("lance error: LanceError(IO): No space left on device (os error 28), /x")

    table = type(store._table)
    with monkeypatch.context() as patch:
        patch.setattr(table, "add", full)
        with pytest.raises(OSError, match="the disk is full: the gallery mine keeps what was stor"):
            store.add([record(7)])
    with monkeypatch.context() as patch:
        patch.setattr(
            os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(OSError, match="the disk is full: the gallery mine keeps what was stor"):
            opened(store)
    assert_holds(store, range(7))
    store.add([record(7)])
    assert_holds(store, range(8))


def test_file_that_is_gone_or_another_is_explained(store, tmp_path):
    path = tmp_path / "there.jpg"
    path.write_bytes(record(8).image)
    store.add([record(8, image=None, path=str(path))])
    assert store.image(record(8).name) == record(8).image
    path.write_bytes(b"another")
    answers = []

    def asked():
        with pytest.raises(GalleryError, match="its file has changed") as error:
            store.image(record(8).name)
        answers.append(str(error.value))

    asked()
    path.unlink()
    asked()
    (tmp_path / "same.jpg").write_bytes(record(8).image)
    path.symlink_to(tmp_path / "same.jpg")  # a link leads anywhere, tomorrow if not today
    asked()
    assert len(set(answers)) == 1 and str(tmp_path) not in answers[0]


def test_state_tells_sources_and_changes(store):
    revision = store.state.revision
    store.finish("folder a", complete=True)
    store.finish("single pictures", complete=False)
    store.finish("folder a", complete=True)
    assert store.state.source == "single pictures; folder a" and store.state.complete
    assert store.state.revision > revision
    assert_holds(store, range(7))
    store.remove()
    assert not store.folder.exists()
