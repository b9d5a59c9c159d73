"""What the network says while one place after the other is hidden."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from aonet_core.analysis.fidelity import hidden_share
from aonet_core.occlusion import (
    Pictures,
    Progress,
    Sweep,
    SweepSpec,
    Windows,
    covered_shares,
    fill_pixels,
)
from aonet_core.pictures import to_rgb
from aonet_core.retrieval import Embedding, landmark_share
from aonet_core.types import AONetOutput

BATCH = 16
Look = Callable[[np.ndarray], AONetOutput]
"""Runs the network on pictures (B, H, W, 3) uint8 of its input size."""


def in_chunks(
    look: Look, windows: Windows, boxes: np.ndarray, progress: Progress | None = None
) -> dict[str, np.ndarray]:
    """Hide each box and run the network.

    Args:
        look: The network.
        windows: The picture.
        boxes: (S, 4) top, bottom, left, right.
        progress: Told after every chunk.

    Returns:
        `retrieval_features` (S, K, C), `weight` and `awareness` (S, K) and
        `referenced_response_map` (S, K, H, W), float32.
    """
    names = ("retrieval_features", "weight", "awareness", "referenced_response_map")
    chunks: list[list[np.ndarray]] = []
    for start in range(0, len(boxes), BATCH):
        output = look(windows.hide(boxes[start : start + BATCH]))
        chunks.append([getattr(output, name).float().cpu().numpy() for name in names])
        if progress:
            progress(min(start + BATCH, len(boxes)), len(boxes))
    return dict(zip(names, map(np.concatenate, zip(*chunks, strict=True)), strict=True))


def sweep(
    look: Look,
    input_size: tuple[int, int],
    image: Image.Image,
    spec: SweepSpec,
    form: str,
    other: Embedding | None = None,
    pictures: Pictures | None = None,
    keep_maps: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Hide one place after the other.

    Args:
        look: The network.
        input_size: Height and width of its input.
        image: A picture of any size.
        spec: Which places.
        form: Form of the match.
        other: One more picture that is compared with.
        pictures: Holds the picture that the filling names.
        keep_maps: Return the response maps too.
        progress: Told after every chunk.

    Raises:
        EditError: The places do not fit the picture, or the filling's picture is not there.
    """
    began = time.perf_counter()
    image = to_rgb(image)
    boxes = spec.boxes(image.size)
    fill = fill_pixels(image, spec.fill, spec.seed, pictures)
    windows = Windows(np.asarray(image), fill, input_size)
    nothing = np.zeros((1, 4), dtype=np.int64)
    report = (lambda done, total: progress(max(0, done - 1), total - 1)) if progress else None
    outputs = in_chunks(look, windows, np.concatenate([nothing, boxes]), report)
    clean, swept = ({name: values[part] for name, values in outputs.items()} for part in _SPLIT)
    maps = clean["referenced_response_map"]
    covered = covered_shares(boxes, image.size, *maps.shape[-2:])
    selves = _shares(swept, _embedding(clean), form)
    others = None if other is None else _shares(swept, other, form)
    return Sweep(
        boxes=boxes,
        position=spec.positions(boxes),
        awareness=swept["awareness"],
        hidden=hidden_share(maps, covered),
        clean_awareness=clean["awareness"][0],
        self_similarity=selves.sum(axis=-1),
        self_shares=selves,
        other_similarity=None if others is None else others.sum(axis=-1),
        other_shares=others,
        maps=swept["referenced_response_map"] if keep_maps else None,
        milliseconds=1000 * (time.perf_counter() - began),
    )


_SPLIT = (slice(0, 1), slice(1, None))


def _embedding(outputs: dict[str, np.ndarray]) -> Embedding:
    return Embedding(outputs["retrieval_features"], outputs["weight"])


def _shares(swept: dict, target: Embedding, form: str) -> np.ndarray:
    """Landmark shares (S, K) of the similarity to one picture."""
    return landmark_share(_embedding(swept), target, form)[:, 0].numpy()
