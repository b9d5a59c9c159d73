"""Draws what the awareness scores do on twins: `python -m docs.results.twins`.

Occluded queries of a synthetic set beside the same renders without the occluder, and below them,
landmark by landmark, the awareness of both and what the twin's would come to if it shrank to the
share of the landmark that the occluder leaves free.
Which queries are shown is drawn with a fixed seed, evenly among the kinds of occluder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

from aonet_core.analysis.embedding import run_files
from aonet_core.analysis.evaluation.figures import read_truth
from aonet_core.analysis.fidelity import true_visibility
from aonet_core.data import read_dataset
from aonet_core.model import load_checkpoint
from app.theme import landmark_colour

COLUMNS, INK, PALE = 5, "#333333", "#d9d9d9"


def choose(kinds: Sequence[str], count: int, seed: int) -> list[int]:
    """Draw queries so that no kind of occluder is shown more than once more than another.

    Args:
        kinds: Kind of occluder of every query.
        count: How many to draw.
        seed: Of the draw.

    Returns:
        Their indices, ordered by kind.

    Raises:
        ValueError: There are fewer queries than asked for.
    """
    if len(kinds) < count:
        raise ValueError(f"{count} twins were asked for, the set has {len(kinds)}")
    rng = np.random.default_rng(seed)
    turn: dict[str, int] = {}
    ranked = []
    for index in rng.permutation(len(kinds)).tolist():
        kind = kinds[index]
        ranked.append((turn.get(kind, 0), len(ranked), index))
        turn[kind] = turn.get(kind, 0) + 1
    chosen = [index for _, _, index in sorted(ranked)[:count]]
    return sorted(chosen, key=lambda index: (kinds[index], index))


def draw(
    pictures: Sequence[tuple[Path, Path]],
    kinds: Sequence[str],
    occluded: np.ndarray,
    twin: np.ndarray,
    visibility: np.ndarray,
) -> Figure:
    """Draw N pairs.

    Args:
        pictures: Files of the occluded picture and of its twin.
        kinds: Kinds of occluder.
        occluded: (N, K) awareness of the occluded pictures.
        twin: (N, K) awareness of the twins.
        visibility: (N, K) share of each landmark that the occluder leaves free; NaN if unknown.
    """
    rows = -(-len(pictures) // COLUMNS)
    figure = plt.figure(figsize=(2.1 * COLUMNS, 3.0 * rows + 0.3), layout="constrained")
    grid = figure.add_gridspec(rows, COLUMNS, wspace=0.06, hspace=0.04)
    for index, (files, kind) in enumerate(zip(pictures, kinds, strict=True)):
        cell = grid[divmod(index, COLUMNS)].subgridspec(
            2, 2, height_ratios=(3, 1), wspace=0.03, hspace=0
        )
        for side, file in enumerate(files):
            axes = figure.add_subplot(cell[0, side])
            axes.imshow(Image.open(file).convert("RGB"))
            axes.set_axis_off()
            axes.set_title((kind.replace("_", " "), "twin")[side], fontsize=9, color=INK)
        bars = figure.add_subplot(cell[1, :])
        _bars(bars, occluded[index], twin[index], visibility[index])
    figure.legend(handles=_legend(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def _bars(axes: Axes, occluded: np.ndarray, twin: np.ndarray, visibility: np.ndarray) -> None:
    places = np.arange(len(occluded))
    axes.bar(places, twin, 0.8, color=PALE)
    axes.bar(places, occluded, 0.5, color=[landmark_colour(place) for place in places])
    axes.hlines(twin * visibility, places - 0.45, places + 0.45, color=INK, linewidth=1.6)
    axes.set_ylim(0, 1.04)
    axes.set_yticks((0, 1))
    axes.set_xticks(places, [str(place + 1) for place in places])
    axes.tick_params(length=0, labelsize=7, colors=INK, pad=2)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)


def _legend() -> list:
    return [
        Patch(color=landmark_colour(0), label="β of the occluded picture (a colour a landmark)"),
        Patch(color=PALE, label="β of its twin"),
        Line2D([], [], color=INK, linewidth=1.6, label="β of its twin × true visibility"),
    ]


def main() -> None:
    """Choose, run the network, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="sample_data")
    parser.add_argument("--checkpoint", default="default")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("twins.png"))
    arguments = parser.parse_args()

    dataset = read_dataset(arguments.data)
    truth = read_truth(dataset)
    if truth is None:
        parser.error(f"{arguments.data} has no visibility.parquet: it knows no twins")
    queries = [sample.path for sample in dataset.query if truth.twin_of(sample.path)]
    every = [truth.occluder_of(path) for path in queries]
    chosen = choose(every, arguments.count, arguments.seed)
    files = [queries[index] for index in chosen]
    twins = [truth.twin_of(path) for path in files]

    model, _ = load_checkpoint(arguments.checkpoint)
    occluded, twin = run_files(model, files), run_files(model, twins)
    labels = np.stack([truth.label_of(path) for path in files])
    visibility = true_visibility(twin.referenced_response_map, labels)
    figure = draw(
        list(zip(files, twins, strict=True)), [every[index] for index in chosen],
        occluded.awareness, twin.awareness, visibility,
    )  # fmt: skip
    figure.savefig(arguments.out, dpi=110, facecolor="white")
    print(arguments.out)


if __name__ == "__main__":
    main()
