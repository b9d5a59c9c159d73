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
        self._known: tuple[str, GroundTruth] | None = None
        self._last_queries = None

    def project(
        self,
        gallery: str = SAMPLE,
        spec: ProjectionSpec | None = None,
        progress: Progress | None = None,
    ) -> Projection:
        """Lay a gallery's embeddings out; see `Engine.project`."""
        chosen = self._gallery(gallery, within(progress, 0))
        projection, _ = self._map(chosen, spec or ProjectionSpec(), progress)
        return self._with_precision(chosen, projection)

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
        chosen = self._gallery(gallery)
        pictures = [read_picture(chosen.image(name), name) for name in names]
        maps = [each.referenced_response_map for each in self.analyze(pictures)]
        count, (height, width) = self._model.config.num_landmarks, self._map_size
        best = np.reshape(maps, (len(names), count, height * width)).argmax(axis=2)
        places = np.stack([(best % width + 0.5) / width, (best // width + 0.5) / height], axis=2)
        return places.astype(np.float32)

    def _map(self, chosen: Gallery, spec: ProjectionSpec, progress: Progress | None) -> CachedMap:
        file = self._file(chosen, spec)
        while not self._fitting.acquire(timeout=0.3):
            if progress:  # somebody else's map is being made; who waits may stop waiting
                progress(0, 100)
        try:
            made = self._maps.get(file)
            made = made or read_map(file, chosen.info.name, chosen.info.revision)
            if made is not None and progress and self._warm.ident is None:
                self._warm.start()  # so that the first new picture need not wait for it
            if made is None:
                made = self._fit(chosen, spec, progress)
                write_map(file, *made)
            self._maps.pop(file, None)
            self._maps[file] = made
            while len(self._maps) > MOST_OPEN:
                del self._maps[next(iter(self._maps))]
            return made
        finally:
            self._fitting.release()

    def _file(self, chosen: Gallery, spec: ProjectionSpec) -> Path:
        digests = chosen.digest("gallery"), chosen.digest("query")
        return map_file(spec, self._card["sha256"], *digests, folder=self._answers)

    def _fit(self, chosen: Gallery, spec: ProjectionSpec, progress: Progress | None) -> CachedMap:
        found = members(chosen, spec)
        known = self._known_of(chosen, found, within(progress, 0))
        count = found.awareness.shape[1]
        star, kind = stars(found, *self._memory())
        vectors = point_vectors(found.features, found.awareness, spec.kind)
        extra = point_vectors(star[None], np.ones((1, count), np.float32), spec.kind)
        layout = lay_out(np.concatenate([vectors, extra]), spec, progress, self._device)
        landmark = _landmarks(spec, count)
        image = np.repeat(np.arange(len(found.names), dtype=np.int32), len(landmark))
        landmarks = np.tile(landmark, len(found.names))
        quality, purity = measure(
            vectors, layout, image, landmarks, found.pids[image], progress, self._device
        )
        projection = Projection(
            spec=spec,
            checkpoint=self._card["sha256"],
            gallery=chosen.info.name,
            revision=chosen.info.revision,
            method=layout.method,
            coordinates=layout.coordinates[: len(vectors)],
            image=image,
            landmark=landmarks,
            stars=layout.coordinates[len(vectors) :],
            star_landmark=landmark,
            star_kind=kind,
            names=found.names,
            is_query=found.is_query,
            pids=found.pids,
            camids=found.camids,
            awareness=found.awareness,
            visibility=known.visibility.astype(np.float32),
            average_precision=np.full(len(found.names), np.nan, np.float32),
            occluder=known.occluder,
            landmark_purity=purity[:, 0],
            identity_purity=purity[:, 1],
            components=layout.points.shape[1],
            variance=layout.space.variance,
            quality=quality,
            notes=(*found.notes, *_notes(layout, found)),
        )
        return projection, layout

    def _known_of(self, chosen: Gallery, found: Members, progress: Progress | None) -> GroundTruth:
        """What is true of the pictures, found out once for the last ones asked for."""
        digest = repr((chosen.digest("gallery"), chosen.digest("query"), found.names.tolist()))
        if self._known is None or self._known[0] != digest:
            folder = (self._samples or SAMPLE_FOLDER) if chosen.info.name == SAMPLE else None
            maps = response_maps(self.analyze, progress)
            count = found.awareness.shape[1]
            self._known = digest, known_of_members(found.names.tolist(), count, folder, maps)
        return self._known[1]

    def _memory(self) -> tuple[np.ndarray, bool]:
        """The memory's rows, and whether they are features of the kind that retrieval uses."""
        config = self._model.config
        attended = config.attention and config.retrieval_features == "attended"
        same = config.landmark_stage == "last" and not attended
        return self._model.memory.vectors.float().cpu().numpy(), same

    def _with_precision(self, chosen: Gallery, projection: Projection) -> Projection:
        """Fill in the average precision of queries that have been evaluated."""
        if not chosen.queries.names:
            return projection
        evaluation = read_answer(
            evaluation_file(
                self._setting(chosen, self._query_set(chosen, None), None), self._answers
            ),
            Evaluation,
        )
        if evaluation is None:
            return projection
        of = dict(zip(evaluation.names.tolist(), evaluation.average_precision, strict=True))
        found = [
            of.get(name, np.nan) if query else np.nan
            for name, query in zip(projection.names.tolist(), projection.is_query, strict=True)
        ]
        return replace(projection, average_precision=np.array(found, np.float32))


def _landmarks(spec: ProjectionSpec, count: int) -> np.ndarray:
    """The landmarks of a picture's points, (P,) int16."""
    return np.array(range(count) if spec.kind == "landmarks" else [-1], np.int16)


def _notes(layout: Layout, found: Members) -> tuple[str, ...]:
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
    people = np.unique(found.pids[found.pids > 0])
    if len(people) == 1:
        notes.append("All known pictures show one person: purity by person says nothing here.")
    return tuple(notes)


def map_file(spec: ProjectionSpec, *belongs: str, folder: Path | None = None) -> Path:
    """Where a map is kept: named by how it is made, and the digests of all that it depends on."""
    return answer_file("projections", asdict(spec), belongs, folder=folder)


def write_map(file: Path, projection: Projection, layout: Layout) -> None:
    """Keep a map: arrays alone, from which UMAP is made again."""
    space = {"mean": layout.space.mean, "axes": layout.space.axes}
    names = ("points", "neighbours", "distances", "coordinates")
    arrays = {name: getattr(layout, name) for name in names}
    write_answer(file, {"projection": projection, "space": space, "layout": arrays})


def read_map(file: Path, gallery: str, revision: int) -> CachedMap | None:
    """Read a map and its layout, for a gallery by its name and revision of now; None for none."""
    kept = read_answer(file, dict)
    if kept is None:
        return None
    projection = replace(kept["projection"], gallery=gallery, revision=revision)
    space = Space(projection.spec.metric, variance=projection.variance, **kept["space"])
    return projection, Layout(projection.spec, space, method=projection.method, **kept["layout"])
