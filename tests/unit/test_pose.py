"""Where points lie on a stick figure."""

import numpy as np
import pytest
from PIL import Image

from aonet_core.analysis.photographs import pose
from aonet_core.model import pose_reader as read


def figure():
    """Joints of somebody who stands upright in a picture twice as high as wide."""
    joints = np.full((read.JOINTS, 2), 0.1)
    joints[read.NOSE] = 0.12, 0.5
    for names, row, spread in (
        (read.EARS, 0.1, 0.05), (read.SHOULDERS, 0.22, 0.15), (read.ELBOWS, 0.36, 0.25),
        (read.WRISTS, 0.5, 0.3), (read.HIPS, 0.5, 0.1), (read.KNEES, 0.7, 0.1),
        (read.ANKLES, 0.9, 0.1), (read.HEELS, 0.93, 0.1), (read.TOES, 0.96, 0.12),
    ):  # fmt: skip
        joints[names[0]], joints[names[1]] = (row, 0.5 - spread), (row, 0.5 + spread)
    return joints


@pytest.mark.parametrize(
    "point, region",
    [
        ((0.1, 0.5), "head"), ((0.25, 0.5), "upper torso"), ((0.46, 0.5), "lower torso"),
        ((0.44, 0.78), "arms"), ((0.6, 0.4), "upper legs"), ((0.8, 0.6), "lower legs"),
        ((0.96, 0.62), "feet"), ((0.7, 0.98), ""), ((0.02, 0.02), ""),
    ],
)  # fmt: skip
def test_points_lie_on_the_nearest_bone(point, region):
    assert pose.region_at(np.array(point), figure(), 0.5) == region
    mirrored = figure()
    mirrored[:, 1] = 1 - mirrored[:, 1]
    assert pose.region_at(np.array((point[0], 1 - point[1])), mirrored, 0.5) == region


def test_shares_of_peaks_count_only_people_that_were_found():
    maps = np.zeros((3, 2, 10, 5))
    maps[:, 0, 1, 2] = maps[:, 1, 7, 1] = 1
    maps[1, 1] = np.roll(maps[1, 1], 2, axis=1)
    joints = np.stack([figure(), figure(), np.full((read.JOINTS, 2), np.nan)])
    found = pose.peak_parts(maps, joints, [(50, 100)] * 3)
    assert found[0] == {"head": 1.0}
    assert found[1] == {"lower legs": 1.0}
    assert pose.peak_parts(maps[2:], joints[2:], [(50, 100)]) == [{}, {}]


def test_without_the_model_one_sentence_says_so(monkeypatch):
    monkeypatch.delenv(read.MODEL, raising=False)
    with pytest.raises(ValueError, match="pose model is not installed: expected what requirements"):
        read.find_joints([Image.new("RGB", (30, 60))])
