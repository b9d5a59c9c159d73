"""What an engine tells of the network itself: plain NumPy, no torch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class ModelFacts:
    """What a checkpoint holds besides what `EngineInfo` says.

    Attributes:
        pattern_cosine: (K, K) cosines of the landmark patterns; NaN where there are none.
        memory_cosine: (K, K) of the remembered average features; NaN where one is empty.
        reference_cosine: (K, K) of every pattern, by rows, to every remembered feature.
        history: Columns of the training's history by name, (S,) float64 each with NaN where a row
            says nothing; empty where none is kept.
        history_problem: Why the history cannot be read; "" where it can, or where there is none.
    """

    pattern_cosine: np.ndarray
    memory_cosine: np.ndarray
    reference_cosine: np.ndarray
    history: dict[str, np.ndarray] = field(default_factory=dict)
    history_problem: str = ""


@dataclass(frozen=True)
class Network:
    """A network that can be opened beside the one that runs.

    Attributes:
        name: What `connect` calls its checkpoint.
        title: What to call it on a page.
        trained: Whether anybody trained it: others have random weights.
    """

    name: str
    title: str
    trained: bool
