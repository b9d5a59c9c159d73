"""Searches a gallery for every query of a set, and keeps what tells why a search fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from aonet_core.analysis.evaluation.familiarity import familiarity, unfamiliar_below
from aonet_core.analysis.evaluation.figures import FALSE_MATCH_RATES
from aonet_core.analysis.evaluation.ground_truth import GroundTruth, nothing_known
from aonet_core.analysis.evaluation.query_search import (
    FIGURES,
    UNKNOWN_CAMID,
    EmbeddedSet,
    QuerySearch,
)
from aonet_core.occlusion import Progress
from aonet_core.results.evaluation import Evaluation, ScoreHistogram, Setting
from aonet_core.retrieval.metrics import summarise
from aonet_core.retrieval.open_set import PairCounter


def evaluate_queries(
    query: EmbeddedSet,
    gallery: EmbeddedSet,
    setting: Setting,
    truth: GroundTruth | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Search a gallery for every query; memory does not grow with queries times gallery.

    Args:
        query: Q pictures.
        gallery: G pictures.
        setting: What is evaluated; its form, `without` and `rerank` are applied.
        truth: Truth about the queries; none by default.
        progress: Told of queries done, each of which is gone through three times.

    Raises:
        ValueError: Embeddings cannot be compared, or the form is unknown.
    """
    search = QuerySearch(query, gallery, setting, progress)
    rows = search.run()
    columns: dict[str, Any] = {kind: search.best(rows[kind]) for kind in ("right", "wrong")}
    columns |= {name: rows[name] for name in (*FIGURES, "num_right", "other_camera_rank")}
    columns |= search.top(rows) | _figures(rows, len(gallery.names))
    failed = np.flatnonzero(rows["first_rank"] > 1)
    count, landmarks = len(query.names), query.embedding.awareness.shape[1]
    unknown = np.full((count, landmarks), np.nan)
    rank_without, familiar = unknown.copy(), unknown.copy()
    reference = unfamiliar_below(gallery.embedding, gallery.pids, gallery.camids)
    truth = truth or nothing_known(count, landmarks)
    judged = np.flatnonzero((rows["first_rank"] > 1) | np.isfinite(truth.visibility).any(axis=1))
    if len(judged):
        familiar[judged] = familiarity(
            query.embedding[judged], gallery.embedding, lambda row: search.compared(judged[row])[0]
        )
    if len(failed) and not setting.rerank:
        rank_without[failed] = search.without_each(failed)
    search.report(3 * count)
    awareness = gallery.embedding.awareness.float().cpu().numpy()
    return Evaluation(
        setting=setting,
        names=np.asarray(query.names, dtype=np.str_),
        pids=np.asarray(query.pids),
        camids=np.asarray(query.camids),
        awareness=query.embedding.awareness.float().cpu().numpy(),
        usual_awareness=np.median(awareness, axis=0),
        **vars(truth),
        **columns,
        lead_by_landmark=search.lead(rows),
        rank_without=rank_without,
        familiarity=familiar,
        unfamiliar_below=reference,
        gallery_size=len(gallery.names),
        scores=_histogram(search.pairs),
        notes=tuple(_notes(search, rows)),
    )


def _figures(rows: dict[str, np.ndarray], gallery: int) -> dict:
    """CMC, mAP and mINP of the queries' own figures."""
    if not np.isfinite(rows["first_rank"]).any():
        return {"cmc": np.full(1, np.nan), "mean_ap": float("nan"), "mean_inp": float("nan")}
    precision, penalty, first = (rows[name] for name in FIGURES)
    metrics = summarise(precision, penalty, first, gallery, "step")
    return {name: getattr(metrics, name) for name in ("cmc", "mean_ap", "mean_inp")}


def _histogram(pairs: PairCounter) -> ScoreHistogram | None:
    if not pairs.complete:
        return None
    separation = pairs.result()
    thresholds = [(rate, *separation.threshold(rate)) for rate in FALSE_MATCH_RATES]
    return ScoreHistogram(
        separation.edges, separation.genuine, separation.impostor, np.array(thresholds),
        separation.auroc, separation.equal_error_rate,
    )  # fmt: skip


def _notes(search: QuerySearch, rows: dict[str, np.ndarray]) -> Iterator[str]:
    """Sentences on what the reader of the figures should know."""
    count = len(search.query.names)
    own = sum(len(places) > 0 for places in search.itself)
    if own:
        yield f"{own} of {count} query pictures are in the gallery; none counts for itself."
    unknown = int((np.asarray(search.query.pids) <= 0).sum())
    if unknown:
        yield f"{unknown} of {count} queries show nobody known: they have no right match."
    skipped = int((rows["num_right"] == 0).sum()) - unknown
    if skipped > 0:
        yield (
            f"{skipped} of {count} queries have no picture of their person by another camera "
            "in the gallery: they are left out of the figures."
        )
    if (np.asarray(search.query.camids) == UNKNOWN_CAMID).any():
        yield "Cameras of queries are unknown: pictures by their own camera count too."
