"""What a synthetic set knows of its queries: how visible each landmark truly is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aonet_core.analysis.fidelity import true_visibility
from aonet_core.analysis.truth import Truth

Maps = Callable[[Sequence[Path]], np.ndarray]
"""Gives the referenced response maps (N, K, H, W) of picture files."""


@dataclass(frozen=True)
class GroundTruth:
    """What is known of Q queries.

    Attributes:
        visibility: (Q, K) true visible share of each landmark; NaN where unknown.
        hidden: (Q,) true hidden share of the body; NaN where unknown.
        occluder: (Q,) str, what stands in front, "" where unknown or nothing.
    """

    visibility: np.ndarray
    hidden: np.ndarray
    occluder: np.ndarray


def nothing_known(count: int, landmarks: int) -> GroundTruth:
    """Of pictures without truth."""
    unknown = np.full((count, landmarks), np.nan)
    return GroundTruth(unknown, np.full(count, np.nan), np.full(count, "", dtype=np.str_))


def known_of(truth: Truth | None, files: Sequence[Path], landmarks: int, maps: Maps) -> GroundTruth:
    """Ask a set's table, and its twins for where each landmark would be.

    Args:
        truth: Of the set; None where it has none.
        files: Of the queries.
        landmarks: K.
        maps: Runs the network on the twins.
    """
    ground_truth = nothing_known(len(files), landmarks)
    if truth is None:
        return ground_truth
    twins = {row: twin for row, file in enumerate(files) if (twin := truth.twin_of(file))}
    if twins:
        labels = np.stack([truth.label_of(files[row]) for row in twins])
        ground_truth.visibility[list(twins)] = true_visibility(maps(list(twins.values())), labels)
    hidden = np.array([truth.hidden_of(file) for file in files])
    return GroundTruth(
        ground_truth.visibility, hidden, np.array([truth.occluder_of(file) for file in files])
    )
