"""What an engine in this process answers about whole query sets and single pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.analysis.evaluation.ground_truth import GroundTruth
from aonet_core.analysis.evaluation.queries import evaluate_queries
from aonet_core.analysis.evaluation.query_search import EmbeddedSet, QuerySearch
from aonet_core.analysis.pair import Ranked, analyse_pair
from aonet_core.data.left_out import sentence
from aonet_core.engine.local.answer_cache import answer_file, read_answer, write_answer
from aonet_core.engine.local.lab import Lab
from aonet_core.engine.local.query_sets import (
    QuerySet,
    folder_queries,
    kept_queries,
    open_picture,
    uploaded_queries,
)
from aonet_core.engine.local.search import Query
from aonet_core.gallery.listing import SAMPLE
from aonet_core.gallery.open_gallery import RERANKED, Gallery
from aonet_core.gallery.samples import SAMPLE_FOLDER
from aonet_core.occlusion import Progress
from aonet_core.results.evaluation import Evaluation, Setting
from aonet_core.results.gallery import MatchOptions
from aonet_core.results.pair import Pair
from aonet_core.results.queries import Queries


class Failures(Lab):
    """Evaluations and pairs; see `Engine`."""

    _last_queries: tuple[str, EmbeddedSet, GroundTruth] | None = None

    def evaluate(
        self,
        gallery: str = SAMPLE,
        queries: str | Path | Queries | None = None,
        options: MatchOptions | None = None,
        progress: Progress | None = None,
    ) -> Evaluation:
        """Search a gallery for every query of a set; see `Engine.evaluate`."""
        open_gallery = self._gallery(gallery, progress)
        query_set = self._query_set(open_gallery, queries)
        setting = self._setting(open_gallery, query_set, options)
        file = evaluation_file(setting, self._answers)
        evaluation = read_answer(file, Evaluation)
        if evaluation is None:
            embedded, truth = self._run_queries(query_set, progress)
            evaluation = evaluate_queries(
                embedded, _gallery_set(open_gallery), setting, truth, _phase(progress, 2)
            )
            if not isinstance(queries, Queries):  # nothing of an upload stays on disk
                write_answer(file, evaluation)
        left_out = sentence(query_set.left_out)
        if left_out:
            return replace(evaluation, notes=(*evaluation.notes, f"{left_out}."))
        return evaluation

    def evaluation_ready(
        self,
        gallery: str = SAMPLE,
        queries: str | Path | Queries | None = None,
        options: MatchOptions | None = None,
    ) -> bool:
        """Tell whether an evaluation is kept; see `Engine.evaluation_ready`."""
        if not self.gallery_ready(gallery):
            return False
        open_gallery = self._gallery(gallery)
        setting = self._setting(open_gallery, self._query_set(open_gallery, queries), options)
        return evaluation_file(setting, self._answers).is_file()

    def pair(
        self,
        image: Query,
        match: str,
        gallery: str = SAMPLE,
        pid: int = 0,
        camid: int = 0,
        skip: Sequence[str] = (),
        options: MatchOptions | None = None,
    ) -> Pair:
        """Take a query and a match apart; see `Engine.pair`."""
        open_gallery = self._gallery(gallery)
        form, without = self._match(options or MatchOptions())
        (place,) = open_gallery.among([match]).nonzero()[:, 0].tolist()
        query = self._one(image)
        query_set = EmbeddedSet(np.array(["query"]), np.array([pid]), np.array([camid]), query)
        setting = Setting("", "", gallery, "", "", "", form, without)
        counts, right = QuerySearch(query_set, _gallery_set(open_gallery), setting).compared(0)
        counts &= ~open_gallery.among(skip).numpy()
        ranked = Ranked(open_gallery.info.names, open_gallery.embedding, counts, right, form)
        return analyse_pair(query, place, ranked, without)

    def query_picture(
        self, name: str, gallery: str = SAMPLE, queries: str | Path | Queries | None = None
    ) -> Image.Image:
        """Return the picture of a query; see `Engine.query_picture`."""
        if queries is None:
            return self.picture(gallery, name)
        return open_picture(queries, name, self._links)

    def _query_set(self, gallery: Gallery, queries: str | Path | Queries | None) -> QuerySet:
        if isinstance(queries, Queries):
            return uploaded_queries(queries, self.analyze)
        if queries is not None:
            return folder_queries(queries, self.analyze, self._links)
        folder = (self._samples or SAMPLE_FOLDER) if gallery.info.name == SAMPLE else None
        return kept_queries(gallery, folder, self.analyze)

    def _setting(
        self, gallery: Gallery, queries: QuerySet, options: MatchOptions | None
    ) -> Setting:
        options = options or MatchOptions()
        form, without = self._match(options)
        if options.rerank and len(gallery.info.names) > RERANKED:
            raise ValueError(
                f"re-ranking takes up to {RERANKED} pictures, got {len(gallery.info.names)}"
            )
        return Setting(
            checkpoint=self._name,
            digest=self._card["sha256"],
            gallery=gallery.info.name,
            gallery_digest=gallery.digest("gallery"),
            queries=queries.name,
            queries_digest=queries.digest,
            form=form,
            without=without,
            rerank=options.rerank,
        )

    def _run_queries(
        self, queries: QuerySet, progress: Progress | None
    ) -> tuple[EmbeddedSet, GroundTruth]:
        """Run the network on queries and their twins, once for the last set asked for."""
        last = self._last_queries
        if last is None or last[0] != queries.digest:
            embedded = queries.load(_phase(progress, 0))
            landmarks = embedded.embedding.awareness.shape[1]
            last = queries.digest, embedded, queries.ground_truth(landmarks, _phase(progress, 1))
            self._last_queries = last
        return last[1:]


def _gallery_set(gallery: Gallery) -> EmbeddedSet:
    info = gallery.info
    return EmbeddedSet(
        np.array(info.names), np.array(info.pids), np.array(info.camids), gallery.embedding
    )


def _phase(progress: Progress | None, number: int) -> Progress | None:
    """Tell of one of the three phases as a part of the whole."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, 3 * total)


def evaluation_file(setting: Setting, folder: Path | None = None) -> Path:
    """Where the evaluation of a setting is kept; `folder` as of `answer_file`."""
    return answer_file("evaluations", asdict(setting), folder=folder)
