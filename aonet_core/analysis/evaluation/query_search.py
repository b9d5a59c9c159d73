"""Who counts for whom, and where the right and wrong pictures come in every query's ranking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aonet_core.analysis.evaluation.familiarity import same_pictures
from aonet_core.occlusion import Progress
from aonet_core.results.evaluation import TOP, Best, Setting
from aonet_core.retrieval import Embedding, Labels, rerank_blocks, similarity_blocks
from aonet_core.retrieval.metrics import DISTRACTOR_PID, JUNK_PID, hit_ranks, query_figures
from aonet_core.retrieval.open_set import PairCounter
from aonet_core.retrieval.paired_scores import lead_by_landmark, paired_cosines, paired_shares

UNKNOWN_CAMID, NO_CAMERA = 0, -1
BLOCK = 256
FIGURES = ("average_precision", "inverse_penalty", "first_rank")
"""Columns that `query_figures` gives of a query."""


@dataclass(frozen=True)
class EmbeddedSet:
    """N pictures, whom they show and what stands for them.

    Attributes:
        names: (N,) str.
        pids: (N,) identities; 0 where unknown or a distractor, -1 for junk.
        camids: (N,) cameras; 0 where unknown.
        embedding: Of N pictures.
    """

    names: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    embedding: Embedding

    def __post_init__(self) -> None:
        """Raise a `ValueError` where lengths differ or there is nothing."""
        lengths = [len(self.names), len(self.pids), len(self.camids), len(self.embedding)]
        if len(set(lengths)) > 1 or not lengths[0]:
            raise ValueError(
                "pictures need a name, an identity, a camera and an embedding each, and there "
                f"must be one at least, got {', '.join(map(str, lengths))}"
            )


class QuerySearch:
    """Who counts for whom, and the ranking of one query after the other."""

    def __init__(
        self,
        query: EmbeddedSet,
        gallery: EmbeddedSet,
        setting: Setting,
        progress: Progress | None = None,
    ) -> None:
        """Find the queries that are in the gallery themselves; see `evaluate_queries`."""
        self.query, self.gallery, self.setting = query, gallery, setting
        self._progress = progress
        camids = np.asarray(query.camids)
        # An unknown camera is nobody's own.
        own = np.where(camids == UNKNOWN_CAMID, NO_CAMERA, camids)
        self.labels = Labels(query.pids, gallery.pids, own, gallery.camids)
        self.pairs = PairCounter()
        self.itself = same_pictures(query.embedding, gallery.embedding, self.report)

    def report(self, done: int) -> None:
        """Tell of queries gone through, three times each."""
        if self._progress:
            self._progress(done, 3 * len(self.query.names))

    def compared(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """As `Labels.compared`, without the query itself."""
        counts, same = self.labels.compared(row)
        counts[self.itself[row]] = False
        return counts, same

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Similarities (q, G) of some queries at a time."""
        query, gallery = self.query.embedding, self.gallery.embedding
        without = self.setting.without
        if self.setting.rerank:
            landmarks = [k for k in range(query.awareness.shape[1]) if k not in without]
            query, gallery = (
                Embedding(e.features[:, landmarks].float(), e.awareness[:, landmarks])
                for e in (query, gallery)
            )
            blocks = rerank_blocks(query, gallery, self.setting.form)
        else:
            blocks = similarity_blocks(query, gallery, self.setting.form, without=without)
        for start, block in blocks:
            yield start, block.cpu().numpy()

    def run(self) -> dict[str, np.ndarray]:
        """Rank every query: columns of (Q, …) numbers; positions in the gallery, -1 for none."""
        rows = []
        for start, block in self.blocks():
            for row, similarity in enumerate(block, start):
                counts, same = self.compared(row)
                if self.labels.query_pids[row] not in (JUNK_PID, DISTRACTOR_PID):
                    self.pairs.add(similarity, counts, same)
                rows.append(self._row(row, similarity, counts, same))
            self.report(len(self.query.names) + len(rows))
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def _row(self, row: int, similarity: np.ndarray, counts: np.ndarray, same: np.ndarray) -> dict:
        figures = query_figures(hit_ranks(similarity, counts, same))
        camids, own = self.labels.gallery_camids, self.labels.query_camids[row]
        others = counts & (camids != own) & (camids != UNKNOWN_CAMID)
        elsewhere = own != NO_CAMERA and (others & same).any()
        order = best_first(similarity, counts, TOP)
        filled = np.full(min(TOP, len(similarity)), -1)
        filled[: len(order)] = order
        return {
            **dict(zip(FIGURES, figures, strict=True)),
            "num_right": int((counts & same).sum()),
            "other_camera_rank": first_rank(similarity, others, same) if elsewhere else np.nan,
            "right": place_of_best(similarity, counts & same, counts),
            "wrong": place_of_best(similarity, counts & ~same, counts),
            "top": filled,
            "top_similarity": np.where(filled >= 0, similarity[filled], np.nan),
            "top_right": (filled >= 0) & (counts & same)[filled],
        }

    def best(self, places: np.ndarray) -> Best:
        """Describe one gallery picture a query: position (-1 for none) and rank, (Q, 2)."""
        placed = np.flatnonzero(places[:, 0] >= 0)
        at = places[placed, 0].astype(np.int64)
        count, landmarks = self.query.embedding.awareness.shape
        shares, cosine, awareness = (np.full((count, landmarks), np.nan) for _ in range(3))
        for low in range(0, len(placed), BLOCK):
            part = slice(low, low + BLOCK)
            left, right = self.query.embedding[placed[part]], self.gallery.embedding[at[part]]
            shares[placed[part]] = paired_shares(
                left, right, self.setting.form, self.setting.without
            )
            cosine[placed[part]] = paired_cosines(left, right)
            awareness[placed[part]] = right.awareness.float().cpu().numpy()
        gallery = self.gallery

        def column(values: np.ndarray, absent: object) -> np.ndarray:
            values = np.asarray(values)
            filled = np.full(count, absent, dtype=values.dtype)
            filled[placed] = values[at]
            return filled

        return Best(
            column(np.asarray(gallery.names, dtype=np.str_), ""),
            column(gallery.pids, 0),
            column(gallery.camids, 0),
            places[:, 1],
            shares,
            cosine,
            awareness,
        )

    def lead(self, rows: dict[str, np.ndarray]) -> np.ndarray:
        """What each landmark adds to the lead of the best right match (Q, K); NaN without one."""
        count, landmarks = self.query.embedding.awareness.shape
        lead = np.full((count, landmarks), np.nan)
        both = np.flatnonzero((rows["right"][:, 0] >= 0) & (rows["wrong"][:, 0] >= 0))
        for low in range(0, len(both), BLOCK):
            part = both[low : low + BLOCK]
            right, wrong = (
                self.gallery.embedding[rows[kind][part, 0].astype(np.int64)]
                for kind in ("right", "wrong")
            )
            lead[part] = lead_by_landmark(
                self.query.embedding[part], right, wrong, self.setting.form, self.setting.without
            )
        return lead

    def without_each(self, failed: np.ndarray) -> np.ndarray:
        """First ranks (F, K) of failed queries with the weight of each landmark 0.

        NaN where no landmark would be left.
        """
        landmarks = self.query.embedding.awareness.shape[1]
        ranks = np.full((len(failed), landmarks), np.nan)
        query = self.query.embedding[failed]
        for k in range(landmarks):
            without = (*self.setting.without, k)
            if len(set(without)) == landmarks:
                continue
            blocks = similarity_blocks(
                query, self.gallery.embedding, self.setting.form, without=without
            )
            for start, block in blocks:
                for row, similarity in enumerate(block.cpu().numpy(), start):
                    ranks[row, k] = first_rank(similarity, *self.compared(failed[row]))
            self.report(2 * len(self.query.names) + len(self.query.names) * (k + 1) // landmarks)
        return ranks

    def top(self, rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The kept ranks with their names."""
        names = np.asarray(self.gallery.names, dtype=np.str_)
        return {
            "top_names": np.where(rows["top"] >= 0, names[rows["top"]], ""),
            "top_similarity": rows["top_similarity"],
            "top_right": rows["top_right"],
        }


def best_first(similarity: np.ndarray, counts: np.ndarray, top: int) -> np.ndarray:
    """Positions of the best gallery pictures that count; equals keep the gallery's order."""
    places = np.flatnonzero(counts)
    if len(places) > top:
        worst = np.partition(similarity[places], -top)[-top]
        places = places[similarity[places] >= worst]
    return places[np.argsort(-similarity[places], kind="stable")][:top]


def place_of_best(similarity: np.ndarray, among: np.ndarray, counts: np.ndarray) -> tuple:
    """Position of the best picture among some, and its rank from 1; -1 and NaN without any."""
    places = np.flatnonzero(among)
    if not len(places):
        return -1, np.nan
    best = places[similarity[places].argmax()]
    ahead = (similarity > similarity[best]) & counts
    ahead[:best] |= (similarity[:best] == similarity[best]) & counts[:best]
    return int(best), int(ahead.sum()) + 1


def first_rank(similarity: np.ndarray, counts: np.ndarray, same: np.ndarray) -> float:
    """Rank from 1 of the best right match among the pictures that count; NaN without any."""
    return place_of_best(similarity, counts & same, counts)[1]
