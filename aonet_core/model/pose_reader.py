"""Joints of people in pictures, by an external pose model.

The model is MediaPipe's pose_landmark_full.tflite (Apache-2.0); requirements-pose.txt says how to
get it. Nothing of the product needs it but the rival preset `base_pose`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cache
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
JOINTS = 33
SHOULDERS, ELBOWS, WRISTS = (11, 12), (13, 14), (15, 16)
HIPS, KNEES, ANKLES, HEELS, TOES = (23, 24), (25, 26), (27, 28), (29, 30), (31, 32)
EARS, NOSE = (7, 8), 0
_turns = threading.Lock()


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
    joints = np.full((len(pictures), JOINTS, 2), np.nan)
    for row, picture in enumerate(pictures):
        square, scale, corner = _letterboxed(picture)
        with _turns:
            network.set_tensor(entry, np.asarray(square, dtype=np.float32)[None] / 255)
            network.invoke()
            if network.get_tensor(present)[0, 0] < FEWEST_PRESENT:
                continue
            across_down = network.get_tensor(points).reshape(-1, 5)[:JOINTS, :2].copy()
        pixels = (across_down - corner) / scale
        joints[row] = (pixels / picture.size)[:, ::-1]
    return joints


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
    return _opened(Interpreter, str(path))


@cache
def _opened(interpreter: type, path: str):
    network = interpreter(model_path=path)
    network.allocate_tensors()
    return network
