"""The shipped samples: complete, small, balanced, and with nothing in them that betrays anyone."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.stats import binom

from aonet_core.synthetic.dataset import VERSION
from aonet_core.synthetic.picture import take_picture

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
LIMIT = 15_000_000
"""Bytes of all files together."""
# Parts as the balance is promised; arms are taken together as well as one by one.
REGIONS = {
    "head": (1,), "upper torso": (2,), "lower torso": (3,), "arms": (4, 5), "left arm": (4,),
    "right arm": (5,), "upper legs": (6,), "lower legs": (7,), "feet": (8,),
}  # fmt: skip
OCCLUDED = 16
LEVEL = 0.001
"""How often guessing alone would find more people than the test of the background allows."""
SHUFFLES = 200


@pytest.fixture(scope="module")
def table():
    return pd.read_parquet(SAMPLES / "visibility.parquet")


@pytest.fixture(scope="module")
def occluded(table):
    return table[table["occluder"] != ""]


def label(row):
    return np.asarray(Image.open(SAMPLES / row.mask))


def test_the_samples_are_whole_and_small():
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= LIMIT
    lines = (SAMPLES / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in lines)}
    names = {path.relative_to(SAMPLES).as_posix() for path in files} - {"SHA256SUMS"}
    assert names == set(digests)
    wrong = [
        name
        for name, digest in digests.items()
        if hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest() != digest
    ]
    assert wrong == []


def test_this_generator_made_them(table):
    summary = json.loads((SAMPLES / "synth.json").read_text(encoding="utf-8"))
    assert summary["version"] == VERSION and summary["counts"]["images"] == len(table)
    for row in table[table["role"] == "query"].iloc[[0, 100, 200, 299]].itertuples():
        index = int(row.file[-6:-4])
        picture = take_picture(summary["plan"]["seed"], row.pid, row.camid, index, occluded=True)
        assert picture.occluder == row.occluder
        assert (picture.label == label(row)).mean() > 0.995
        again, stored = (
            np.asarray(Image.open(source)).astype(int)
            for source in (io.BytesIO(picture.jpeg), SAMPLES / row.file)
        )
        # Another processor may round a pixel differently, and JPEG spreads that a little.
        assert np.abs(again - stored).mean() < 0.5, "pictures changed: raise VERSION, render anew"


def test_there_are_people_and_cameras_enough(table):
    people = table[table["pid"] > 0]
    assert people["pid"].nunique() >= 60 and people["camid"].nunique() >= 5
    assert (table["pid"] == 0).sum() >= 100  # distractors
    query, gallery = (people[people["role"] == role] for role in ("query", "gallery"))
    for row in query.itertuples():
        others = gallery[(gallery["pid"] == row.pid) & (gallery["camid"] != row.camid)]
        assert len(others), f"{row.file} has no match by another camera"


def test_every_occluded_query_has_twin_mask_and_row(table, occluded):
    queries = {f"query/{path.name}" for path in (SAMPLES / "query").iterdir()}
    rows = occluded[occluded["role"] == "query"]
    assert set(rows["file"]) == queries and len(rows) == len(queries)
    for row in occluded.itertuples():
        assert (SAMPLES / row.twin).is_file() and (SAMPLES / row.mask).is_file(), row.file
        assert (label(row) & OCCLUDED).any(), row.file
    assert (table["mask"] != "").all() and table["file"].is_unique
    assert occluded["hidden"].between(0.10, 0.62).all()


def test_every_part_is_hidden_in_a_fifth_of_the_occluded_images(occluded):
    labels = [label(row) for row in occluded.itertuples()]
    for name, numbers in REGIONS.items():
        hidden = []
        for image in labels:
            inside = np.isin(image % OCCLUDED, numbers)
            hidden.append(inside.any() and (image[inside] >= OCCLUDED).mean() > 0.5)
        print(f"{name}: more than half hidden in {np.mean(hidden):.1%} of {len(hidden)}")
        assert np.mean(hidden) >= 0.20, f"{name}: {np.mean(hidden):.2f}"


def test_all_occluders_occur(occluded):
    shares = occluded["occluder"].value_counts(normalize=True)
    assert len(shares) == 9 and shares.min() > 0.05 and shares.max() < 0.2


@pytest.fixture(scope="module")
def histograms(table):
    """Square roots of joint colour histograms (N, 512) of three areas of every image."""
    result = {"whole image": [], "person": [], "background": []}
    for row in table.itertuples():
        red, green, blue = np.moveaxis(np.asarray(Image.open(SAMPLES / row.file)) >> 5, 2, 0)
        colour, truth = red.astype(int) * 64 + green * 8 + blue, label(row)
        areas = {
            "whole image": truth >= 0,
            "person": (truth > 0) & (truth < OCCLUDED),
            "background": truth == 0,
        }
        for name, area in areas.items():
            counts = np.bincount(colour[area], minlength=512)
            result[name].append(np.sqrt(counts / max(1, counts.sum())))
    return {name: np.array(rows) for name, rows in result.items()}


def first_hits(features, table, asking):
    """Hits at rank 1 among other cameras' gallery, the number of queries, and the hits by chance.

    Args:
        features: (N, D); the dot product (Bhattacharyya's coefficient) is the similarity.
        table: N rows.
        asking: (N,) bool, the queries.
    """
    pid, camid = table["pid"].to_numpy(), table["camid"].to_numpy()
    gallery = (table["role"] == "gallery").to_numpy()
    similarity = features[asking] @ features[gallery].T  # (Q, G)
    valid = camid[asking][:, None] != camid[gallery]
    match = valid & (pid[asking][:, None] == pid[gallery])
    best = np.where(valid, similarity, -1).argmax(axis=1)
    chance = match.sum(axis=1) / valid.sum(axis=1)
    return int(match[np.arange(len(best)), best].sum()), len(best), float(chance.mean())


@pytest.mark.parametrize("role", ["query", "gallery"])
def test_the_background_finds_nobody(table, histograms, role):
    asking = ((table["role"] == role) & (table["pid"] > 0)).to_numpy()
    found = {}
    for name, features in histograms.items():
        found[name], queries, chance = first_hits(features, table, asking)
        print(f"{name}: {found[name]} of {queries} ({found[name] / queries:.1%})")
    limit = binom.ppf(1 - LEVEL, queries, chance)
    print(f"by chance: {queries * chance:.1f} of {queries}; the background may find {limit:.0f}")
    assert found["background"] <= limit
    # The same procedure does find people by what they wear, and more of them without the street.
    assert found["person"] > max(20 * queries * chance, found["whole image"])


def cramers_v(rows, columns):
    """Association of two lists of labels, 0 for none to 1."""
    rows, columns = (np.unique(labels, return_inverse=True)[1] for labels in (rows, columns))
    counts = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(counts, (rows, columns), 1)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    return np.sqrt(statistic / counts.sum() / (min(counts.shape) - 1))


@pytest.mark.parametrize("images", ["occluded", "all"])
@pytest.mark.parametrize("trait", ["occluder", "camid", "frame", "half of the body", "yaw"])
def test_nothing_else_depends_on_identity(table, trait, images):
    people = table[(table["pid"] > 0) & ((table["occluder"] != "") | (images == "all"))]
    values = {
        "occluder": people["occluder"],
        "camid": people["camid"],
        "frame": people["frame"] // 100_000,
        "half of the body": people["visible_head"] < people["visible_lower_legs"],
        "yaw": np.floor(people["yaw"] / (np.pi / 4)),
    }[trait].to_numpy()
    # Few images an identity: the law of V is drawn by shuffling, not taken from chi-square.
    rng = np.random.default_rng(0)
    drawn = [cramers_v(people["pid"], rng.permutation(values)) for _ in range(SHUFFLES)]
    measured = cramers_v(people["pid"], values)
    by_chance = f"shuffled {np.mean(drawn):.3f}, at most {max(drawn):.3f}"
    print(f"{trait}, {images} images: V = {measured:.3f}, {by_chance}")
    assert measured <= max(drawn)


def test_the_measure_of_association_knows_its_ends():
    assert cramers_v([0, 0, 1, 1], ["a", "a", "b", "b"]) == pytest.approx(1.0)
    assert cramers_v([0, 0, 1, 1], ["a", "b", "a", "b"]) == pytest.approx(0.0)
