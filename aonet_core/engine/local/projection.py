"""What an engine in this process answers about the space of embeddings."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.analysis.evaluation.ground_truth import GroundTruth
from aonet_core.analysis.projection.quality import measure
from aonet_core.analysis.projection.space import Space, point_vectors
from aonet_core.analysis.projection.umap_projection import Layout, lay_out, warm_up
from aonet_core.engine.local.answer_cache import answer_file, read_answer, write_answer
from aonet_core.engine.local.projection_points import Members, known_of_members, members, stars
from aonet_core.engine.local.queries import Failures, evaluation_file
from aonet_core.engine.local.query_sets import response_maps
from aonet_core.gallery.build import read_picture
from aonet_core.gallery.listing import SAMPLE
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.gallery.samples import SAMPLE_FOLDER
from aonet_core.occlusion import Progress
from aonet_core.results.evaluation import Evaluation
from aonet_core.results.landmarks import Embedded
from aonet_core.results.projection import Placed, Projection, ProjectionSpec, within

CachedMap = tuple[Projection, Layout]
MOST_OPEN = 2
"""Maps that are held in memory, ready to place new pictures."""


class Projections(Failures):
    """Maps of embeddings; see `Engine`."""

    def __init__(self, *arguments, **options) -> None:
        """Start without maps."""
        self._forget()
        self._fitting = threading.Lock()
        self._warm = threading.Thread(target=warm_up, name="umap", daemon=True)
        super().__init__(*arguments, **options)

    def _forget(self) -> None:
        self._maps: dict[Path, CachedMap] = {}
        self._truth: tuple[str, GroundTruth] | None = None
        self._last_queries = None

    def project(
        self,
        gallery: str = SAMPLE,
        spec: ProjectionSpec | None = None,
        progress: Progress | None = None,
    ) -> Projection:
        """Lay a gallery's embeddings out; see `Engine.project`."""
        open_gallery = self._gallery(gallery, within(progress, 0))
        projection, _ = self._map(open_gallery, spec or ProjectionSpec(), progress)
        return self._with_precision(open_gallery, projection)

    def projection_ready(self, gallery: str = SAMPLE, spec: ProjectionSpec | None = None) -> bool:
        """Tell whether a map is kept; see `Engine.projection_ready`."""
        if not self.gallery_ready(gallery):
            return False
        file = self._file(self._gallery(gallery), spec or ProjectionSpec())
        return file in self._maps or file.is_file()

    def place(
        self,
        images: Sequence[Image.Image] | Embedded,
        gallery: str = SAMPLE,
        spec: ProjectionSpec | None = None,
    ) -> Placed:
        """Place new pictures in a map; see `Engine.place`."""
        spec = spec or ProjectionSpec()
        _, layout = self._map(self._gallery(gallery), spec, None)
        new = self._embedding(images)
        features, awareness = new.features.float().numpy(), new.awareness.float().numpy()
        coordinates = layout.place(point_vectors(features, awareness, spec.kind))
        shape = len(features), -1, spec.dimensions
        return Placed(coordinates.reshape(shape), _landmarks(spec, awareness.shape[1]), awareness)

    def peaks(self, gallery: str, names: Sequence[str]) -> np.ndarray:
        """Where each landmark peaks in pictures; see `Engine.peaks`."""
        open_gallery = self._gallery(gallery)
        pictures = [read_picture(open_gallery.image(name), name) for name in names]
        maps = [each.referenced_response_map for each in self.analyze(pictures)]
        count, (height, width) = self._model.config.num_landmarks, self._map_size
        best = np.reshape(maps, (len(names), count, height * width)).argmax(axis=2)
        places = np.stack([(best % width + 0.5) / width, (best // width + 0.5) / height], axis=2)
        return places.astype(np.float32)

    def _map(self, gallery: Gallery, spec: ProjectionSpec, progress: Progress | None) -> CachedMap:
        file = self._file(gallery, spec)
        while not self._fitting.acquire(timeout=0.3):
            if progress:  # somebody else's map is being made; who waits may stop waiting
                progress(0, 100)
        try:
            cached = self._maps.get(file)
            cached = cached or read_map(file, gallery.info.name, gallery.info.revision)
            if cached is not None and progress and self._warm.ident is None:
                self._warm.start()  # so that the first new picture need not wait for it
            if cached is None:
                cached = self._fit(gallery, spec, progress)
                write_map(file, *cached)
            self._maps.pop(file, None)
            self._maps[file] = cached
            while len(self._maps) > MOST_OPEN:
                del self._maps[next(iter(self._maps))]
            return cached
        finally:
            self._fitting.release()

    def _file(self, gallery: Gallery, spec: ProjectionSpec) -> Path:
        digests = gallery.digest("gallery"), gallery.digest("query")
        return map_file(spec, self._card["sha256"], *digests, folder=self._answers)

    def _fit(self, gallery: Gallery, spec: ProjectionSpec, progress: Progress | None) -> CachedMap:
        pictures = members(gallery, spec)
        truth = self._truth_of(gallery, pictures, within(progress, 0))
        count = pictures.awareness.shape[1]
        star, kind = stars(pictures, *self._memory())
        vectors = point_vectors(pictures.features, pictures.awareness, spec.kind)
        extra = point_vectors(star[None], np.ones((1, count), np.float32), spec.kind)
        layout = lay_out(np.concatenate([vectors, extra]), spec, progress, self._device)
        landmark = _landmarks(spec, count)
        image = np.repeat(np.arange(len(pictures.names), dtype=np.int32), len(landmark))
        landmarks = np.tile(landmark, len(pictures.names))
        quality, purity = measure(
            vectors, layout, image, landmarks, pictures.pids[image], progress, self._device
        )
        projection = Projection(
            spec=spec,
            checkpoint=self._card["sha256"],
            gallery=gallery.info.name,
            revision=gallery.info.revision,
            method=layout.method,
            coordinates=layout.coordinates[: len(vectors)],
            image=image,
            landmark=landmarks,
            stars=layout.coordinates[len(vectors) :],
            star_landmark=landmark,
            star_kind=kind,
            names=pictures.names,
            is_query=pictures.is_query,
            pids=pictures.pids,
            camids=pictures.camids,
            awareness=pictures.awareness,
            visibility=truth.visibility.astype(np.float32),
            average_precision=np.full(len(pictures.names), np.nan, np.float32),
            occluder=truth.occluder,
            landmark_purity=purity[:, 0],
            identity_purity=purity[:, 1],
            components=layout.points.shape[1],
            variance=layout.space.variance,
            quality=quality,
            notes=(*pictures.notes, *_notes(layout, pictures)),
        )
        return projection, layout

    def _truth_of(
        self, gallery: Gallery, pictures: Members, progress: Progress | None
    ) -> GroundTruth:
        """What is true of the pictures, found out once for the last ones asked for."""
        digest = repr((gallery.digest("gallery"), gallery.digest("query"), pictures.names.tolist()))
        if self._truth is None or self._truth[0] != digest:
            folder = (self._samples or SAMPLE_FOLDER) if gallery.info.name == SAMPLE else None
            maps = response_maps(self.analyze, progress)
            count = pictures.awareness.shape[1]
            self._truth = digest, known_of_members(pictures.names.tolist(), count, folder, maps)
        return self._truth[1]

    def _memory(self) -> tuple[np.ndarray, bool]:
        """The memory's rows, and whether they are features of the kind that retrieval uses."""
        config = self._model.config
        attended = config.attention and config.retrieval_features == "attended"
        same = config.landmark_stage == "last" and not attended
        return self._model.memory.vectors.float().cpu().numpy(), same

    def _with_precision(self, gallery: Gallery, projection: Projection) -> Projection:
        """Fill in the average precision of queries that have been evaluated."""
        if not gallery.queries.names:
            return projection
        evaluation = read_answer(
            evaluation_file(
                self._setting(gallery, self._query_set(gallery, None), None), self._answers
            ),
            Evaluation,
        )
        if evaluation is None:
            return projection
        of = dict(zip(evaluation.names.tolist(), evaluation.average_precision, strict=True))
        precision = [
            of.get(name, np.nan) if query else np.nan
            for name, query in zip(projection.names.tolist(), projection.is_query, strict=True)
        ]
        return replace(projection, average_precision=np.array(precision, np.float32))


def _landmarks(spec: ProjectionSpec, count: int) -> np.ndarray:
    """The landmarks of a picture's points, (P,) int16."""
    return np.array(range(count) if spec.kind == "landmarks" else [-1], np.int16)


def _notes(layout: Layout, pictures: Members) -> tuple[str, ...]:
    notes = []
    if layout.method == "one place":
        notes.append("All vectors are the same: every point lies in one place.")
    elif layout.method != "umap":
        notes.append(
            f"{len(layout.points)} points are too few for UMAP: they lie by their first principal "
            "components, and new pictures cannot be placed."
        )
    elif layout.neighbours.shape[1] < layout.spec.neighbours:
        notes.append(
            f"There are {len(layout.points)} points: each has {layout.neighbours.shape[1]} "
            f"neighbours, not {layout.spec.neighbours}."
        )
    people = np.unique(pictures.pids[pictures.pids > 0])
    if len(people) == 1:
        notes.append("All known pictures show one person: purity by person says nothing here.")
    return tuple(notes)


def map_file(spec: ProjectionSpec, *dependencies: str, folder: Path | None = None) -> Path:
    """Where a map is kept: named by how it is made, and the digests of all that it depends on."""
    return answer_file("projections", asdict(spec), dependencies, folder=folder)


def write_map(file: Path, projection: Projection, layout: Layout) -> None:
    """Keep a map: arrays alone, from which UMAP is made again."""
    space = {"mean": layout.space.mean, "axes": layout.space.axes}
    names = ("points", "neighbours", "distances", "coordinates")
    arrays = {name: getattr(layout, name) for name in names}
    write_answer(file, {"projection": projection, "space": space, "layout": arrays})


def read_map(file: Path, gallery: str, revision: int) -> CachedMap | None:
    """Read a map and its layout, for a gallery by its name and revision of now; None for none."""
    stored = read_answer(file, dict)
    if stored is None:
        return None
    projection = replace(stored["projection"], gallery=gallery, revision=revision)
    space = Space(projection.spec.metric, variance=projection.variance, **stored["space"])
    return projection, Layout(projection.spec, space, method=projection.method, **stored["layout"])
