"""What an engine in this process answers about its landmarks and about itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.analysis.atlas import Collector, Looked
from aonet_core.analysis.truth import Truth, read_truth
from aonet_core.data.samples import DataSet
from aonet_core.engine.local.answer_cache import answer_file, read_answer, write_answer
from aonet_core.engine.local.queries import Failures
from aonet_core.errors import GalleryError
from aonet_core.gallery.listing import SAMPLE
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.gallery.samples import SAMPLE_FOLDER
from aonet_core.gallery.uploads import ImageError
from aonet_core.model.checkpoint import read_history, shipped_names
from aonet_core.model.landmarks import LandmarkActivation
from aonet_core.model.untrained import UNTRAINED, untrained_names
from aonet_core.occlusion import Progress
from aonet_core.results.atlas import Atlas, cosines
from aonet_core.results.cost import Cost
from aonet_core.results.model import ModelFacts, Network
from aonet_core.trust import named

BATCH = 32
MOST_PICTURES = 6000
"""Pictures of each role that are looked at; of more a part, evenly spaced."""
_log = logging.getLogger(__name__)


class Atlases(Failures):
    """Atlas, facts, costs and networks; see `Engine`."""

    def atlas(self, gallery: str = SAMPLE, progress: Progress | None = None) -> Atlas:
        """Look at a gallery, landmark by landmark; see `Engine.atlas`."""
        open_gallery = self._gallery(gallery, progress)
        file = self._atlas_file(open_gallery)
        atlas = read_answer(file, Atlas)
        if atlas is None:
            atlas = self._collect(open_gallery, progress)
            if not atlas.unreadable:  # else files that come back would never be seen
                write_answer(file, atlas)
        return atlas

    def atlas_ready(self, gallery: str = SAMPLE) -> bool:
        """Tell whether an atlas is kept; see `Engine.atlas_ready`."""
        return self.gallery_ready(gallery) and self._atlas_file(self._gallery(gallery)).is_file()

    def facts(self) -> ModelFacts:
        """Tell what the checkpoint holds; see `Engine.facts`."""
        memory = self._model.memory.vectors.float().cpu().numpy()
        activation = self._model.activation
        patterns = np.zeros_like(memory)  # without a length: no cosine
        if isinstance(activation, LandmarkActivation):
            patterns = activation.patterns.detach().float().cpu().numpy()
        history, problem = {}, ""
        try:
            if self._checkpoint not in untrained_names():
                history = read_history(self._checkpoint)
        except (ValueError, OSError) as error:
            problem = str(error)
        return ModelFacts(
            cosines(patterns), cosines(memory), cosines(patterns, memory), history, problem
        )

    def costs(self) -> tuple[Cost, ...]:
        """Count this network and the paper's; see `Engine.costs`."""
        from aonet_core.analysis.cost import cost_of

        return (cost_of(self._model.config), *_paper_costs())

    def networks(self) -> tuple[Network, ...]:
        """List what can be opened by name; see `Engine.networks`."""
        shipped = (Network(name, name, trained=True) for name in shipped_names())
        new = (
            Network(name, f"{name.removeprefix(UNTRAINED)}, untrained", trained=False)
            for name in untrained_names()
        )
        return (*shipped, *new)

    def _atlas_file(self, gallery: Gallery) -> Path:
        digests = [gallery.digest(role) for role in ("gallery", "query")]
        dependencies = self._card["sha256"], gallery.info.name, *digests
        return answer_file("atlases", *dependencies, folder=self._answers)

    def _collect(self, gallery: Gallery, progress: Progress | None) -> Atlas:
        folder = (self._samples or SAMPLE_FOLDER) if gallery.info.name == SAMPLE else None
        truth = read_truth(DataSet(SAMPLE, folder, (), (), ())) if folder else None
        roles = {"gallery": gallery.info.names, "query": gallery.queries.names}
        names_by_role = {role: _spread(names) for role, names in roles.items()}
        total, done = sum(map(len, names_by_role.values())), 0
        collector, unreadable = Collector(), list[str]()
        for role, names in names_by_role.items():
            for start in range(0, len(names), BATCH):
                batch = names[start : start + BATCH]
                opened = dict(self._opened(gallery.info.name, batch, unreadable))
                if opened:
                    collector.add(self._look_at(role, opened, truth, folder))
                done += len(batch)
                if progress:
                    progress(done, total)
        return collector.atlas(
            self._card["sha256"], gallery.info.name, sum(map(len, roles.values())), unreadable
        )

    def _opened(
        self, gallery: str, names: Sequence[str], unreadable: list[str]
    ) -> Iterator[tuple[str, Image.Image]]:
        for name in names:
            try:
                yield name, self.picture(gallery, name)
            except (GalleryError, ImageError, OSError) as error:
                _log.warning("left out of the atlas: %s", error)
                unreadable.append(name)

    def _look_at(
        self, role: str, opened: dict[str, Image.Image], truth: Truth | None, folder: Path | None
    ) -> Looked:
        analyses = self.analyze(list(opened.values()))

        def stacked(field: str) -> np.ndarray:
            return np.stack([getattr(analysis, field) for analysis in analyses])

        height, width = self._model.config.image_size
        small = [picture.resize((width, height)) for picture in opened.values()]
        kinds_and_labels = [_kind_and_label(name, truth, folder) for name in opened]
        return Looked(
            names=list(opened),
            role=role,
            kinds=[kind for kind, _ in kinds_and_labels],
            logits=stacked("landmark_logits"),
            maps=stacked("referenced_response_map"),
            awareness=stacked("awareness"),
            features=stacked("retrieval_features"),
            pictures=np.stack([np.asarray(picture) for picture in small]),
            labels=[label for _, label in kinds_and_labels],
        )


def _kind_and_label(
    name: str, truth: Truth | None, folder: Path | None
) -> tuple[str, np.ndarray | None]:
    """Kind of a picture and its labels, where a set's table knows them."""
    if truth is None or folder is None or not (row := truth.rows.get(name)):
        return "", None
    path = folder / name
    whole = truth.is_holistic(path)
    kind = "occluded" if row["occluder"] else "whole" if whole else ""
    has_mask = named(folder, row.get("mask")) is not None
    return kind, truth.label_of(path) if has_mask else None


@cache
def _paper_costs() -> tuple[Cost, ...]:
    """Costs of the paper's networks, which are the same whoever asks."""
    from aonet_core.analysis.cost import READINGS, measure_cost

    return tuple(measure_cost(*reading) for reading in READINGS)


def _spread(names: Sequence[str]) -> Sequence[str]:
    """All names, or `MOST_PICTURES` of them, evenly spaced."""
    if len(names) <= MOST_PICTURES:
        return names
    return [names[row] for row in np.linspace(0, len(names) - 1, MOST_PICTURES).round().astype(int)]
