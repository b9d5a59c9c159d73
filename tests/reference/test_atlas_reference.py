"""The atlas against plain loops over pictures and landmarks."""

import math

import numpy as np
import pytest

from aonet_core.analysis.atlas import Collector, Looked
from aonet_core.analysis.fidelity import REGIONS
from aonet_core.results.atlas import UNKNOWN, cosines

COUNT, K, HEIGHT, WIDTH, CHANNELS, SHOWN = 11, 3, 4, 2, 5, 4
QUERIES = 3


@pytest.fixture(scope="module")
def seen():
    """Pictures with maps, labels and features that are all different."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (COUNT, K, HEIGHT, WIDTH)).astype(np.float32)
    exponentials = np.exp(logits)
    total = exponentials.sum(axis=(2, 3))
    labels = rng.integers(0, 11, (COUNT, 8, 4)).astype(np.uint8)
    labels[5:, :4] |= 16
    return {
        "logits": logits,
        "maps": exponentials / (total + 2)[:, :, None, None],
        "awareness": total / (total + 2),
        "features": rng.normal(size=(COUNT, K, CHANNELS)),
        "pictures": rng.integers(0, 256, (COUNT, 6, 3, 3)).astype(np.uint8),
        "labels": [None if row == 2 else labels[row] for row in range(COUNT)],
        "kinds": ["whole"] * 5 + ["occluded"] * 5 + [""],
        "names": [f"p{row:02d}" for row in range(COUNT)],
    }


def collect(seen, batch):
    collector = Collector(SHOWN)
    for role, rows in (("gallery", range(COUNT - QUERIES)), ("query", range(COUNT)[-QUERIES:])):
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            fields = {name: [values[row] for row in part] for name, values in seen.items()}
            for name in ("logits", "maps", "awareness", "features", "pictures"):
                fields[name] = np.array(fields[name])
            collector.add(Looked(role=role, **fields))
    return collector.atlas("digest", "sample", COUNT)


@pytest.fixture(scope="module")
def atlas(seen):
    return collect(seen, batch=4)


def test_mean_map_and_picture_are_of_the_gallery_alone(atlas, seen):
    for k, i, j in np.ndindex(K, HEIGHT, WIDTH):
        values = [float(seen["maps"][row, k, i, j]) for row in range(COUNT - QUERIES)]
        assert atlas.mean_map[k, i, j] == pytest.approx(sum(values) / len(values), rel=1e-5)
    for i, j, c in np.ndindex(6, 3, 3):
        values = [int(seen["pictures"][row, i, j, c]) for row in range(COUNT - QUERIES)]
        assert abs(atlas.mean_picture[i, j, c] - sum(values) / len(values)) <= 0.5


def test_extremes_are_those_of_a_sorted_list(atlas, seen):
    for k in range(K):
        excitement = [
            math.log(sum(math.exp(float(v)) for v in seen["logits"][row, k].ravel()))
            for row in range(COUNT)
        ]
        order = sorted(range(COUNT), key=lambda row: (-excitement[row], row))
        assert atlas.most[k].tolist() == order[:SHOWN]
        assert atlas.least[k].tolist() == order[::-1][:SHOWN]
        # By awareness the order is the same: both grow with the sum.
        by_awareness = sorted(range(COUNT), key=lambda row: -seen["awareness"][row, k])
        assert order == by_awareness
        for rows, maps in ((atlas.most, atlas.most_maps), (atlas.least, atlas.least_maps)):
            for place in range(SHOWN):
                np.testing.assert_array_equal(maps[k, place], seen["maps"][rows[k, place], k])


def slow_region(response, label):
    """Region under the peak of a map (4, 2) on a label (8, 4): cells of 2 x 2 pixels."""
    i, j = np.unravel_index(response.argmax(), response.shape)
    cell = label[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].ravel()
    shares = [
        sum(1 for pixel in cell if pixel < 16 and pixel in ids) / 4 for ids in REGIONS.values()
    ]
    best = shares.index(max(shares))
    return best if shares[best] > 1 - sum(shares) else -1


def test_body_shares_count_peaks_on_whole_gallery_pictures(atlas, seen):
    names = list(REGIONS)
    for k in range(K):
        counts = dict.fromkeys([*range(len(names)), -1], 0)
        known = 0
        for row in range(COUNT - QUERIES):
            label = seen["labels"][row]
            if seen["kinds"][row] == "whole" and label is not None:
                counts[slow_region(seen["maps"][row, k], label)] += 1
                known += 1
        assert known == 4
        np.testing.assert_allclose(atlas.body_shares()[k], [n / known for n in counts.values()])
    assert (atlas.regions[2] == UNKNOWN).all() and atlas.region_names == tuple(names)


@pytest.mark.parametrize("kind", ["whole", "occluded", ""])
def test_histogram_counts_every_picture_once(atlas, seen, kind):
    bins = 5
    counts = [[0] * bins for _ in range(K)]
    for row in range(COUNT):
        if kind in ("", seen["kinds"][row]):
            for k in range(K):
                counts[k][min(bins - 1, int(seen["awareness"][row, k] * bins))] += 1
    assert atlas.histogram(kind, bins).tolist() == counts


def test_cosines_of_mean_directions(atlas, seen):
    means = np.zeros((K, CHANNELS))
    for row in range(COUNT - QUERIES):
        for k in range(K):
            vector = seen["features"][row, k]
            means[k] += vector / math.sqrt(sum(v * v for v in vector))
    for a, b in np.ndindex(K, K):
        expected = means[a] @ means[b] / math.sqrt((means[a] @ means[a]) * (means[b] @ means[b]))
        assert atlas.feature_cosine[a, b] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("batch", [1, 3, 11])
def test_batches_do_not_matter(atlas, seen, batch):
    other = collect(seen, batch)
    for name, value in vars(atlas).items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            np.testing.assert_allclose(getattr(other, name), value, rtol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(getattr(other, name), value, err_msg=name)


def test_equal_pictures_stay_in_their_order_and_few_are_enough():
    same = Looked(
        ["a", "b", "c"], "gallery", [""] * 3, np.ones((3, 2, 2, 2)), np.full((3, 2, 2, 2), 0.1),
        np.full((3, 2), 0.4), np.ones((3, 2, 4)), np.zeros((3, 4, 2, 3), np.uint8), [None] * 3,
    )  # fmt: skip
    collector = Collector()
    collector.add(same)
    found = collector.atlas("d", "g", 3)
    assert found.most.tolist() == found.least.tolist() == [[0, 1, 2]] * 2
    assert np.isnan(found.body_shares()).all()
    np.testing.assert_allclose(found.feature_cosine, 1, atol=1e-6)
    assert found.histogram("", 4).tolist() == [[0, 3, 0, 0]] * 2
    assert not found.histogram("whole").any()


def test_nothing_to_look_at_is_refused():
    with pytest.raises(ValueError, match="at least one picture of the gallery g, got none"):
        Collector().atlas("d", "g", 2)


def test_vectors_without_length_have_no_cosine():
    found = cosines(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[4.0, 3.0], [1.0, 0.0]]))
    assert found[0] == pytest.approx([24 / 25, 3 / 5]) and np.isnan(found[1]).all()
