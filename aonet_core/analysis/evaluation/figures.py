"""All figures of a checkpoint on a data set: retrieval, and truth where the set knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from aonet_core.analysis.by_hidden import precision_by_hidden
from aonet_core.analysis.embedding import Records, open_picture, run_files
from aonet_core.analysis.fidelity import (
    HIDDEN_BELOW,
    VISIBLE_ABOVE,
    bootstrap,
    false_alarm_mass,
    hidden_auroc,
    landmark_purity,
    peak_regions,
    region_shares,
    spearman,
    true_visibility,
)
from aonet_core.analysis.json_types import json_types, mean_known
from aonet_core.analysis.photographs.figures import looker, quality_figures
from aonet_core.analysis.truth import Truth, read_truth
from aonet_core.data.samples import DataSet
from aonet_core.model.aonet import AONet
from aonet_core.retrieval import (
    FORMS,
    Embedding,
    Labels,
    RetrievalMetrics,
    evaluate_embeddings,
    open_set,
    similarity_blocks,
)

FALSE_MATCH_RATES = (0.1, 0.01, 0.001)
QUALITY_PICTURES = 100
"""About how many gallery pictures are looked at with a worse camera's eyes."""


def evaluate_dataset(
    model: AONet,
    dataset: DataSet,
    form: str | None = None,
    ap: str = "step",
    rerank: bool = False,
    progress: bool = False,
) -> dict:
    """Measure retrieval, and fidelity if the set comes with twins and masks.

    Args:
        model: The network, in evaluation mode.
        dataset: Query and gallery.
        form: Key of `retrieval.FORMS`; None for the one of the network's configuration.
        ap: "step" or "trapezoid".
        rerank: Apply k-reciprocal re-ranking to the match that the CMC, mAP and mINP are of.
        progress: Show progress bars on standard error.

    Returns:
        Plain numbers: shares in [0, 1]; None where something cannot be measured.
    """
    form = form or model.config.similarity
    query = _run(model, [s.path for s in dataset.query], "queries", progress)
    gallery = _run(model, [s.path for s in dataset.gallery], "gallery", progress)
    truth = read_truth(dataset)
    figures = retrieval_figures(dataset, query, gallery, form, ap, rerank, truth)
    if truth is not None:
        figures |= fidelity_figures(model, dataset, truth, query, gallery, progress)
    figures["quality"] = _quality_figures(model, dataset, truth)
    return json_types(figures)


def retrieval_figures(
    dataset: DataSet,
    query: Records,
    gallery: Records,
    form: str,
    ap: str,
    rerank: bool = False,
    truth: Truth | None = None,
) -> dict:
    """CMC, mAP and mINP in one form of the match, mAP in all forms, and the open-set figures.

    With truth also mAP in all forms by the share of the body hidden.
    """
    pids = [np.array([each.pid for each in part]) for part in (dataset.query, dataset.gallery)]
    camids = [np.array([each.camid for each in part]) for part in (dataset.query, dataset.gallery)]
    ids = pids[0], pids[1], camids[0], camids[1]

    def measured(form: str, rerank: bool = False) -> RetrievalMetrics:
        return evaluate_embeddings(query.embedding, gallery.embedding, *ids, ap, form, rerank)

    results = {name: measured(form=name) for name in FORMS}
    metrics = measured(form=form, rerank=True) if rerank else results[form]
    interval = bootstrap(lambda values: float(np.nanmean(values)), metrics.average_precision)
    by_hidden = {}
    if truth is not None:
        precision = {name: result.average_precision for name, result in results.items()}
        hidden = np.array([truth.hidden_of(sample.path) for sample in dataset.query])
        by_hidden = {"mean_ap_by_hidden_share": precision_by_hidden(precision, hidden)}
    return {
        "data": dataset.name,
        "num_queries": len(dataset.query),
        "num_gallery": len(dataset.gallery),
        "num_valid_queries": metrics.num_valid_queries,
        "similarity": form,
        "reranked": rerank,
        "average_precision": ap,
        **{f"rank{r}": metrics.cmc[min(r, len(metrics.cmc)) - 1] for r in (1, 5, 10)},
        "mean_ap": metrics.mean_ap,
        "mean_ap_interval": [interval.low, interval.high],
        "mean_inp": metrics.mean_inp,
        "mean_ap_by_similarity": {name: result.mean_ap for name, result in results.items()},
        "rank1_by_similarity": {name: result.cmc[0] for name, result in results.items()},
        **by_hidden,
        "open_set": open_set_figures(query.embedding, gallery.embedding, Labels(*ids), form),
    }


def open_set_figures(query: Embedding, gallery: Embedding, labels: Labels, form: str) -> dict:
    """How well the similarity alone tells the same person from another, and thresholds for it."""
    blocks = similarity_blocks(query, gallery, form)
    separation = open_set(((start, block.cpu().numpy()) for start, block in blocks), labels)
    thresholds = {}
    for rate in FALSE_MATCH_RATES:
        threshold, matched = separation.threshold(rate)
        thresholds[str(rate)] = {"threshold": threshold, "true_match_rate": matched}
    return {
        "genuine_pairs": int(separation.genuine.sum()),
        "impostor_pairs": int(separation.impostor.sum()),
        "auroc": separation.auroc,
        "equal_error_rate": separation.equal_error_rate,
        "at_false_match_rate": thresholds,
    }


def fidelity_figures(
    model: AONet,
    dataset: DataSet,
    truth: Truth,
    query: Records,
    gallery: Records,
    progress: bool = False,
) -> dict:
    """Awareness, false alarms and landmark identity against the truth (METHOD, ground truth)."""
    grid = query.response_map.shape[-2:]
    twins = {i: t for i, s in enumerate(dataset.query) if (t := truth.twin_of(s.path))}
    occluded = list(twins)
    holistic = [i for i, s in enumerate(dataset.gallery) if truth.is_holistic(s.path)]
    figures: dict = {"num_twins": len(occluded), "num_holistic": len(holistic)}
    if occluded:
        paths = [dataset.query[i].path for i in occluded]
        twin = _run(model, list(twins.values()), "twins", progress)
        labels = np.stack([truth.label_of(path) for path in paths])
        kinds = np.array([truth.occluder_of(path) for path in paths])
        figures |= _awareness_figures(query.take(occluded), twin, labels, grid, kinds)
    if holistic:
        labels = np.stack([truth.label_of(dataset.gallery[i].path) for i in holistic])
        shares = region_shares(labels, grid[0], grid[1], visible_only=True)
        figures["landmarks"] = landmark_purity(
            peak_regions(gallery.referenced_response_map[holistic], shares)
        )
    return figures


def _quality_figures(model: AONet, dataset: DataSet, truth: Truth | None) -> dict:
    """What a worse camera changes on gallery pictures; whole people where the set knows them."""
    paths = [s.path for s in dataset.gallery if truth is None or truth.is_holistic(s.path)]
    paths = paths[:: max(1, round(len(paths) / QUALITY_PICTURES))]
    pictures = [open_picture(path) for path in paths]
    look = looker(model)
    return quality_figures(look, pictures, look(pictures), seed=0) if pictures else {}


def _awareness_figures(
    occluded: Records, twin: Records, labels: np.ndarray, grid: tuple[int, int], kinds: np.ndarray
) -> dict:
    """How well awareness follows true visibility, and the false alarms of hidden landmarks."""
    visibility = true_visibility(twin.referenced_response_map, labels)  # (N, K)
    tiny = 1e-12
    ratio = occluded.awareness / np.maximum(twin.awareness, tiny)  # (N, K)
    rivals = {
        "max_response": occluded.response_map.max((2, 3)) / twin.response_map.max((2, 3)),
        "sl_entropy": _entropy(twin.response_map)
        / np.maximum(_entropy(occluded.response_map), tiny),
    }
    auroc = bootstrap(hidden_auroc, ratio, visibility)
    rho = bootstrap(spearman, ratio, visibility)
    region = peak_regions(
        twin.referenced_response_map, region_shares(labels, *grid, visible_only=False)
    )
    visible_shares = region_shares(labels, *grid, visible_only=True)
    hidden, visible = visibility < HIDDEN_BELOW, visibility > VISIBLE_ABOVE
    alarms = {
        name: np.where(hidden, false_alarm_mass(maps, region, visible_shares), np.nan)
        for name, maps in (
            ("without", occluded.response_map),
            ("with", occluded.referenced_response_map),
        )
    }
    return {
        "awareness_auroc": auroc.value,
        "awareness_auroc_interval": [auroc.low, auroc.high],
        "awareness_spearman": rho.value,
        "awareness_spearman_interval": [rho.low, rho.high],
        "rival_auroc": {name: hidden_auroc(rival, visibility) for name, rival in rivals.items()},
        "awareness_auroc_by_landmark": [
            hidden_auroc(ratio[:, k], visibility[:, k]) for k in range(ratio.shape[1])
        ],
        "awareness_by_occluder": {
            str(kind): _by_occluder(ratio[kinds == kind], visibility[kinds == kind])
            for kind in np.unique(kinds)
        },
        "num_hidden_landmarks": int(hidden.sum()),
        "num_visible_landmarks": int(visible.sum()),
        "awareness_kept_where_hidden": mean_known(ratio[hidden]),
        "awareness_kept_where_visible": mean_known(ratio[visible]),
        "mean_awareness_twin": twin.awareness.mean(axis=0).tolist(),
        "mean_awareness_occluded": occluded.awareness.mean(axis=0).tolist(),
        **{f"false_alarm_{name}": mean_known(mass) for name, mass in alarms.items()},
        **{
            f"false_alarm_{name}_interval": list(asdict(bootstrap(mean_known, mass)).values())[1:]
            for name, mass in alarms.items()
        },
    }


def _by_occluder(ratio: np.ndarray, visibility: np.ndarray) -> dict:
    """Awareness behind one kind of occluder: kept shares (N, K) and true visibility (N, K)."""
    hidden, visible = visibility < HIDDEN_BELOW, visibility > VISIBLE_ABOVE
    return {
        "num_twins": len(ratio),
        "num_hidden_landmarks": int(hidden.sum()),
        "awareness_auroc": hidden_auroc(ratio, visibility),
        "awareness_kept_where_hidden": mean_known(ratio[hidden]),
        "awareness_kept_where_visible": mean_known(ratio[visible]),
    }


def _run(model: AONet, files: Sequence[Path], what: str, progress: bool) -> Records:
    return run_files(model, files, f"embedding {what}" if progress else None)


def _entropy(maps: np.ndarray) -> np.ndarray:
    """Entropy of each map (N, K, H, W) -> (N, K)."""
    return -(maps * np.log(np.maximum(maps, 1e-20))).sum(axis=(2, 3))
