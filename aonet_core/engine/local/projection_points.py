"""Whose embeddings a map shows, and what is true of those pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from aonet_core.analysis.evaluation.ground_truth import GroundTruth, Maps, known_of, nothing_known
from aonet_core.analysis.truth import read_truth
from aonet_core.data.samples import DataSet
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.results.projection import MOST_POINTS, ProjectionSpec


@dataclass(frozen=True)
class Members:
    """The I pictures of a map.

    Attributes:
        names: (I,) str.
        is_query: (I,) bool.
        pids: (I,) int64.
        camids: (I,) int64.
        features: (I, K, C) float32.
        awareness: (I, K) float32.
        notes: Sentences on which pictures they are.
    """

    names: np.ndarray
    is_query: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    features: np.ndarray
    awareness: np.ndarray
    notes: tuple[str, ...]


def members(gallery: Gallery, spec: ProjectionSpec) -> Members:
    """Take a gallery's pictures, and its queries if they are wanted; some of very many.

    Raises:
        ValueError: There is none.
    """
    roles = [(gallery.info, gallery.embedding)]
    if spec.queries and gallery.queries.names:
        roles.append((gallery.queries, gallery.query_embedding))
    counts = [len(info.names) for info, _ in roles]
    total, landmarks = sum(counts), roles[0][1].awareness.shape[1]
    if not total:
        raise ValueError(f"the gallery {gallery.info.name} is empty: a map needs pictures")
    most = MOST_POINTS // (landmarks if spec.kind == "landmarks" else 1)
    rows, notes = np.arange(total), tuple[str, ...]()
    if total > most:
        rows = np.sort(np.random.default_rng(spec.seed).choice(total, most, replace=False))
        notes = (f"{most:,} of the {total:,} pictures are shown, drawn with the seed: a map holds "
                 f"{MOST_POINTS:,} points at most.",)  # fmt: skip
    parts = np.split(rows, np.searchsorted(rows, counts[:1])) if len(roles) > 1 else [rows]
    parts = [part - start for part, start in zip(parts, (0, counts[0]), strict=False)]
    picked = list(zip(roles, parts, strict=True))
    names, pids, camids = (
        np.concatenate([np.asarray(getattr(info, name))[part] for (info, _), part in picked])
        for name in ("names", "pids", "camids")
    )
    tensors = [each[torch.from_numpy(part)] for (_, each), part in picked]
    features, awareness = (
        torch.cat([getattr(each, name).float() for each in tensors]).numpy()
        for name in ("features", "awareness")
    )
    is_query = np.repeat([False, True][: len(parts)], [len(part) for part in parts])
    return Members(names, is_query, pids.astype(np.int64), camids.astype(np.int64),
                   features, awareness, notes)  # fmt: skip


def known_of_members(
    names: Sequence[str], landmarks: int, folder: Path | None, maps: Maps
) -> GroundTruth:
    """What is true of pictures; of those with nothing in front every landmark is visible.

    Args:
        names: As in the data set.
        landmarks: K.
        folder: Of the data set that they come from; None where nothing is known.
        maps: Runs the network on twins.
    """
    truth = None if folder is None else read_truth(DataSet(folder.name, folder, (), (), ()))
    if truth is None or folder is None:
        return nothing_known(len(names), landmarks)
    files = [folder / name for name in names]
    ground_truth = known_of(truth, files, landmarks, maps)
    ground_truth.visibility[[truth.is_holistic(file) for file in files]] = 1.0
    return ground_truth


def stars(pictures: Members, memory: np.ndarray, comparable: bool) -> tuple[np.ndarray, str]:
    """What the network remembers of each landmark, in the space of retrieval features.

    Args:
        pictures: The pictures of the map.
        memory: (K', C') rows of the memory.
        comparable: Whether those are features of the same kind as retrieval features.

    Returns:
        (K, C) vectors and their kind, as in `Projection.star_kind`.
    """
    _, landmarks, channels = pictures.features.shape
    if comparable and memory.shape == (landmarks, channels) and memory.any():
        return memory.astype(np.float32), "memory"
    lengths = np.maximum(np.linalg.norm(pictures.features, axis=2), 1e-12)
    weight = pictures.awareness / lengths  # (I, K)
    total = np.einsum("ik,ikc->kc", weight, pictures.features)
    return total / np.maximum(pictures.awareness.sum(axis=0), 1e-12)[:, None], "mean"
