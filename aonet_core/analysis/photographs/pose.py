"""On which part of the body a point lies, told by an external pose model; for measuring alone.

The model is MediaPipe's pose_landmark_full.tflite (Apache-2.0); requirements-pose.txt says how to
get it. Nothing of the product needs it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

MODEL = "AONET_POSE_MODEL"
"""Environment variable that says where the model's file lies."""
SIDE = 256
MARGIN = 0.125
"""Border that the model expects around a person, as a share of the picture's longer side."""
FEWEST_PRESENT = 0.5
"""Confidence below which a picture is not judged."""
NEAR = 0.4
"""Distance from a bone, in lengths of the torso, beyond which a point lies on nothing."""
JOINTS = 33
SHOULDERS, ELBOWS, WRISTS = (11, 12), (13, 14), (15, 16)
HIPS, KNEES, ANKLES, HEELS, TOES = (23, 24), (25, 26), (27, 28), (29, 30), (31, 32)
EARS, NOSE = (7, 8), 0


def find_joints(pictures: Sequence[Image.Image]) -> np.ndarray:
    """Find the joints of the person in every picture.

    Args:
        pictures: RGB, one upright person each.

    Returns:
        (N, 33, 2) row and column in shares of height and width; NaN where nobody was found.

    Raises:
        ValueError: The pose model is not installed.
    """
    network = _network()
    entry = network.get_input_details()[0]["index"]
    outputs = network.get_output_details()
    points = next(each["index"] for each in outputs if each["shape"][-1] == 195)
    present = next(each["index"] for each in outputs if tuple(each["shape"]) == (1, 1))
    found = np.full((len(pictures), JOINTS, 2), np.nan)
    for row, picture in enumerate(pictures):
        square, scale, corner = _letterboxed(picture)
        network.set_tensor(entry, np.asarray(square, dtype=np.float32)[None] / 255)
        network.invoke()
        if network.get_tensor(present)[0, 0] < FEWEST_PRESENT:
            continue
        across_down = network.get_tensor(points).reshape(-1, 5)[:JOINTS, :2]
        pixels = (across_down - corner) / scale
        found[row] = (pixels / picture.size)[:, ::-1]
    return found


def _letterboxed(picture: Image.Image) -> tuple[Image.Image, float, np.ndarray]:
    """A square with the picture in its middle; its scale, and where its upper left corner lies."""
    scale = (1 - 2 * MARGIN) * SIDE / max(picture.size)
    width, height = (max(1, round(scale * side)) for side in picture.size)
    corner = (SIDE - width) // 2, (SIDE - height) // 2
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(picture.resize((width, height), Image.Resampling.BILINEAR), corner)
    return square, scale, np.array(corner)


def _network():
    path = Path(os.environ.get(MODEL, ""))
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        Interpreter = None  # noqa: N806
    if Interpreter is None or not path.is_file():
        raise ValueError(
            "the pose model is not installed: expected what requirements-pose.txt lists, and its "
            f"file named by {MODEL}, got {str(path) if path.name else 'no file'}"
            + ("" if Interpreter else " and no ai-edge-litert")
        )
    network = Interpreter(model_path=str(path))
    network.allocate_tensors()
    return network


def bones(joints: np.ndarray) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Segments of every region of the body: (33, 2) joints -> ends (2,) each."""
    middle = {name: joints[list(pair)].mean(axis=0) for name, pair in
              (("neck", SHOULDERS), ("hips", HIPS), ("ears", EARS))}  # fmt: skip
    waist = (middle["neck"] + middle["hips"]) / 2
    pairs = {
        "arms": (*zip(SHOULDERS, ELBOWS, strict=True), *zip(ELBOWS, WRISTS, strict=True)),
        "upper legs": tuple(zip(HIPS, KNEES, strict=True)),
        "lower legs": tuple(zip(KNEES, ANKLES, strict=True)),
        "feet": (*zip(HEELS, TOES, strict=True), *zip(ANKLES, HEELS, strict=True)),
    }
    found = {
        "head": [(middle["ears"], joints[NOSE]), (middle["ears"], middle["neck"] * 0.3
                 + middle["ears"] * 0.7)],
        "upper torso": [(middle["neck"], waist), tuple(joints[list(SHOULDERS)])],
        "lower torso": [(waist, middle["hips"]), tuple(joints[list(HIPS)])],
    }  # fmt: skip
    return found | {name: [(joints[a], joints[b]) for a, b in each] for name, each in pairs.items()}


def region_at(point: np.ndarray, joints: np.ndarray, aspect: float) -> str:
    """The region whose bone is nearest to a point; "" where all are far.

    Args:
        point: (2,) row and column in shares of height and width.
        joints: (33, 2) likewise.
        aspect: Width of the picture over its height.
    """
    upright = np.array([1.0, aspect])
    joints, point = joints * upright, point * upright
    torso = float(np.linalg.norm(joints[list(SHOULDERS)].mean(0) - joints[list(HIPS)].mean(0)))
    away = {
        name: min(_distance(point, *ends) for ends in each) for name, each in bones(joints).items()
    }
    nearest = min(away, key=lambda name: away[name])
    return nearest if away[nearest] <= NEAR * max(torso, 1e-6) else ""


def _distance(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    along = end - start
    share = np.clip(along @ (point - start) / max(along @ along, 1e-12), 0, 1)
    return float(np.linalg.norm(point - start - share * along))


def peak_parts(maps: np.ndarray, joints: np.ndarray, sizes: Sequence[tuple[int, int]]) -> list:
    """Share of pictures in which each landmark peaks on each region of the body.

    Args:
        maps: (N, K, H, W).
        joints: (N, 33, 2); pictures with NaN are left out.
        sizes: Width and height of every picture.

    Returns:
        One entry a landmark, shares by region, "" for none; empty where nobody was found.
    """
    height, width = maps.shape[2:]
    known = np.flatnonzero(np.isfinite(joints).all(axis=(1, 2)))
    peaks = maps.reshape(*maps.shape[:2], -1).argmax(axis=2)
    shares: list[dict] = [{} for _ in range(maps.shape[1])]
    for row in known.tolist():
        aspect = sizes[row][0] / sizes[row][1]
        for k, share in enumerate(shares):
            peak = divmod(int(peaks[row, k]), width)
            point = (np.array(peak) + 0.5) / (height, width)
            region = region_at(point, joints[row], aspect)
            share[region] = share.get(region, 0) + 1 / len(known)
    return shares
