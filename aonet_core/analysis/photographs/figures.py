"""Awareness on photographs, of which nobody knows more than that each shows a whole person.

What is hidden is known because we hide it: covers of kinds that no training used are pasted, and
the landmarks of the clean picture tell which of them they hide. Letters: N pictures, K landmarks,
M covers a picture, H x W the feature map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from aonet_core.analysis.embedding import run_pictures
from aonet_core.analysis.fidelity import (
    HIDDEN_BELOW,
    VISIBLE_ABOVE,
    bootstrap,
    hidden_auroc,
    hidden_share,
    pool_area,
)
from aonet_core.analysis.json_types import json_types
from aonet_core.analysis.photographs.changes import QUALITY, ROBUSTNESS, Change
from aonet_core.analysis.photographs.covers import KINDS, cover
from aonet_core.analysis.photographs.pose import peak_parts


@dataclass(frozen=True)
class Seen:
    """What measuring needs of a network's look at N pictures.

    Attributes:
        awareness: (N, K).
        maps: (N, K, H, W) referenced response maps.
    """

    awareness: np.ndarray
    maps: np.ndarray


Look = Callable[[Sequence[Image.Image]], Seen]


def looker(watcher) -> Look:
    """Return how a network, or an engine (anything that can `analyze`), looks at pictures."""

    def by_engine(pictures: Sequence[Image.Image]) -> Seen:
        analyses = watcher.analyze(pictures)
        maps = np.stack([each.referenced_response_map for each in analyses])
        return Seen(np.stack([each.awareness for each in analyses]), maps)

    def by_model(pictures: Sequence[Image.Image]) -> Seen:
        records = run_pictures(watcher, pictures, len(pictures))
        return Seen(records.awareness, records.referenced_response_map)

    return by_engine if hasattr(watcher, "analyze") else by_model


def evaluate_photographs(
    watcher,
    pictures: Sequence[Image.Image],
    seed: int = 0,
    rounds: int = 200,
    joints: np.ndarray | None = None,
) -> dict:
    """Measure awareness on pictures of whole people.

    Args:
        watcher: A network in evaluation mode, or an engine.
        pictures: N pictures that show one unoccluded person each, RGB.
        seed: Of the covers and of noise.
        rounds: Draws of pictures that intervals come from.
        joints: (N, 33, 2) of `pose.find_joints`, to tell on which part of the body peaks lie.

    Returns:
        Plain numbers; None where something cannot be measured. Names are those of
        `evaluate_dataset`.

    Raises:
        ValueError: There are no pictures.
    """
    if not pictures:
        raise ValueError("there are no photographs to measure on")
    pictures = [picture.convert("RGB") for picture in pictures]
    look = looker(watcher)
    clean = look(pictures)
    figures = {
        "num_pictures": len(pictures),
        "seed": seed,
        "mean_awareness": clean.awareness.mean(axis=0).tolist(),
        "mean_awareness_interval": [
            _interval(lambda values: float(values.mean()), rounds, column)
            for column in clean.awareness.T
        ],
        "landmarks_below_half": float((clean.awareness < 0.5).mean()),
        "peaks": peak_places(clean.maps),
        **_covered_figures(look, pictures, clean, seed, rounds),
        "robustness": robustness_figures(look, pictures, clean, seed),
        "quality": quality_figures(look, pictures, clean, seed),
    }
    if joints is not None:
        parts = peak_parts(clean.maps, joints, [picture.size for picture in pictures])
        figures["num_poses"] = int(np.isfinite(joints).all(axis=(1, 2)).sum())
        for place, shares in zip(figures["peaks"], parts, strict=True):
            place["parts"] = shares
    return json_types(figures)


def peak_places(maps: np.ndarray) -> list[dict]:
    """Where each landmark peaks: mean and standard deviation of its row and column.

    Args:
        maps: (N, K, H, W).

    Returns:
        One entry a landmark, in shares of the picture's height from the top and of its width from
        the left.
    """
    images, landmarks, height, width = maps.shape
    peak = maps.reshape(images, landmarks, -1).argmax(axis=2)  # (N, K)
    rows, columns = (peak // width + 0.5) / height, (peak % width + 0.5) / width
    names = ("row", "row_deviation", "column", "column_deviation")
    places = (rows.mean(axis=0), rows.std(axis=0), columns.mean(axis=0), columns.std(axis=0))
    return [dict(zip(names, map(float, each), strict=True)) for each in zip(*places, strict=True)]


def robustness_figures(look: Look, pictures: Sequence, clean: Seen, seed: int) -> dict:
    """How far awareness moves when a picture is flipped, compressed, lit or cut differently.

    Returns:
        `deviation`: standard deviation of a landmark's awareness over all versions of one picture
        (root mean square over pictures and landmarks); and `by_change` the mean change and its
        root mean square.
    """
    versions = _changed(look, pictures, ROBUSTNESS, seed)
    stacked = np.stack([clean.awareness, *versions.values()])  # (versions, N, K)
    by_change = {}
    for name, awareness in versions.items():
        change = awareness - clean.awareness
        by_change[name] = {"change": change.mean(), "deviation": np.sqrt((change**2).mean())}
    return {"deviation": np.sqrt(stacked.var(axis=0).mean()), "by_change": by_change}


def quality_figures(look: Look, pictures: Sequence, clean: Seen, seed: int) -> dict:
    """How much a worse camera lowers awareness: the mean change and mean absolute change."""
    versions = _changed(look, pictures, QUALITY, seed)
    changes = {name: awareness - clean.awareness for name, awareness in versions.items()}
    return {
        name: {"change": change.mean(), "absolute_change": np.abs(change).mean()}
        for name, change in changes.items()
    }


def _changed(look: Look, pictures: Sequence, changes: dict[str, Change], seed: int) -> dict:
    """Awareness (N, K) of all pictures after each change."""
    rng = np.random.default_rng(seed)
    return {
        name: look([change(picture, rng) for picture in pictures]).awareness
        for name, change in changes.items()
    }


def _covered_figures(look: Look, pictures: Sequence, clean: Seen, seed: int, rounds: int) -> dict:
    """How well awareness follows what pasted covers leave free."""
    rng = np.random.default_rng(seed)
    covered, where = [], []
    for index, picture in enumerate(pictures):
        others = [*pictures[:index], *pictures[index + 1 :]]
        for column, kind in enumerate(KINDS):
            if sample := cover(picture, others, kind, rng):
                covered.append(sample)
                where.append((index, column))
    shape = (len(pictures), len(KINDS), clean.awareness.shape[1])
    after, visibility = np.full(shape, np.nan), np.full(shape, np.nan)  # (N, M, K)
    awareness = look([each.picture for each in covered]).awareness if covered else ()
    for (index, column), sample, values in zip(where, covered, awareness, strict=True):
        hidden = pool_area(sample.hidden, *clean.maps.shape[2:])
        after[index, column] = values
        visibility[index, column] = 1 - hidden_share(clean.maps[index], hidden)
    before = np.broadcast_to(np.maximum(clean.awareness, 1e-12)[:, None], shape)
    ratio = after / before
    by_landmark = [hidden_auroc(ratio[..., k], visibility[..., k]) for k in range(shape[2])]
    return {
        "num_covers": len(covered),
        **_kept_awareness(before, after, visibility),
        "awareness_auroc_interval": _interval(hidden_auroc, rounds, ratio, visibility),
        "awareness_auroc_by_landmark": by_landmark,
        "awareness_by_occluder": {
            kind: _kept_awareness(before[:, column], after[:, column], visibility[:, column])
            for column, kind in enumerate(KINDS)
        },
    }


def _kept_awareness(before: np.ndarray, after: np.ndarray, visibility: np.ndarray) -> dict:
    """AUROC of the kept share, and the share that all hidden and all visible landmarks keep.

    The latter are of sums: the mean of shares would be that of the landmarks that had next to none.
    """
    hidden, visible = visibility < HIDDEN_BELOW, visibility > VISIBLE_ABOVE
    shares = {
        name: after[rows].sum() / before[rows].sum() if rows.any() else float("nan")
        for name, rows in (("hidden", hidden), ("visible", visible))
    }
    return {
        "num_hidden_landmarks": int(hidden.sum()),
        "num_visible_landmarks": int(visible.sum()),
        "awareness_auroc": hidden_auroc(after / before, visibility),
        "awareness_kept_where_hidden": shares["hidden"],
        "awareness_kept_where_visible": shares["visible"],
    }


def _interval(figure: Callable[..., float], rounds: int, *arrays: np.ndarray) -> list[float]:
    """The 95 % bootstrap interval over pictures."""
    interval = bootstrap(figure, *arrays, rounds=rounds)
    return [interval.low, interval.high]
