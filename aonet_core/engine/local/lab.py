"""What an engine in this process answers about matches and hidden parts.

`LocalEngine` is this and the running of the network; the algorithms are in `aonet_core.analysis`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from aonet_core.analysis.occlusion.attribution import Score
from aonet_core.analysis.occlusion.counterfactual import Contest, explain_first_place
from aonet_core.analysis.occlusion.sweep import sweep
from aonet_core.data.transforms import preprocess
from aonet_core.engine.local.search import Query, Search
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.occlusion import (
    Attribution,
    Counterfactual,
    EditError,
    Fill,
    Pictures,
    Progress,
    Sweep,
    SweepSpec,
    Target,
    Windows,
    fill_pixels,
)
from aonet_core.pictures import to_rgb
from aonet_core.results.landmarks import Comparison, Embedded
from aonet_core.retrieval import Embedding, Side, gallery_side, landmark_share, query_side
from aonet_core.types import AONetOutput


class Lab(Search):
    """Comparison, sweeps, attribution and counterfactuals."""

    def compare(
        self,
        a: Sequence[Image.Image] | Embedded,
        b: Sequence[Image.Image] | Embedded,
        form: str | None = None,
    ) -> Comparison:
        """Compare every picture of one side with every one of the other; see `Engine.compare`."""
        form = form or self._model.config.similarity
        shares = landmark_share(self._embedding(a), self._embedding(b), form).numpy()
        return Comparison(shares.sum(axis=2), shares, form)

    def sweep(
        self,
        image: Image.Image,
        spec: SweepSpec,
        other: Query | None = None,
        maps: bool = False,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Sweep:
        """Hide one place after the other; see `Engine.sweep`."""
        config = self._model.config
        target = None if other is None else self._one(other)
        return sweep(
            self._look,
            config.image_size,
            image,
            spec,
            config.similarity,
            target,
            pictures,
            maps,
            progress,
        )

    def attribute(
        self,
        image: Image.Image,
        target: Target,
        method: str = "occlusion",
        other: Query | None = None,
        fill: Fill | None = None,
        window: int = 2,
        seed: int = 0,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Attribution:
        """Map how much hiding each place lowers a target; see `Engine.attribute`."""
        score = self._score(target, method, other)
        image = to_rgb(image)
        blank = Image.fromarray(fill_pixels(image, fill or Fill("mean"), seed, pictures))
        both = preprocess([image, blank], self._model.config.image_size).to(self._device)
        both = both.contiguous(memory_format=torch.channels_last)
        return self._explainer.attribute(
            both[:1], both[1:], score, method, window, image.size, progress
        )

    def counterfactual(
        self,
        image: Image.Image,
        gallery: str = "sample",
        right: Sequence[str] = (),
        skip: Sequence[str] = (),
        fill: Fill | None = None,
        seed: int = 0,
        pictures: Pictures | None = None,
        progress: Progress | None = None,
    ) -> Counterfactual:
        """Find the least that makes the right match fall; see `Engine.counterfactual`."""
        open_gallery = self._gallery(gallery)
        image = to_rgb(image)
        if not right:
            right = _same_person(open_gallery, self.rank(image, gallery, 1, skip).names[0], skip)
        rows = ~open_gallery.among(skip)
        right_rows = open_gallery.among(right) & rows
        if not right_rows.any() or (right_rows == rows).all():
            raise ValueError(
                "a counterfactual needs right and wrong pictures in the gallery, got "
                f"{int(right_rows.sum())} right of {int(rows.sum())}"
            )
        form = self._model.config.similarity
        side = open_gallery.side(form)
        names = [
            name for name, included in zip(open_gallery.info.names, rows, strict=True) if included
        ]
        weights = None if side.weights is None else side.weights[rows]
        contest = Contest(Side(side.vectors[rows], weights), names, right_rows[rows], form)
        pixels = np.asarray(image)
        fill_with = fill_pixels(image, fill or Fill("mean"), seed, pictures)
        windows = Windows(pixels, fill_with, self._model.config.image_size)
        return explain_first_place(self._look, windows, image.size, contest, progress)

    def _score(self, target: Target, method: str, other: Query | None) -> Score:
        """The target as a function of the network's output."""
        self._check_landmarks([target.landmark])
        if target.kind == "awareness":
            return lambda output: output.awareness[:, target.landmark]
        form = self._model.config.similarity
        if target.kind == "similarity":
            if other is None:
                raise EditError("A similarity to which picture? Expected one, got none.")
            return _similarity_score(self._one(other), form, target.landmark)
        if method != "occlusion":
            raise EditError(f"A rank has no gradient: expected the method occlusion, got {method}.")
        return _rank_score(self._gallery(target.gallery), target, form)


def _similarity_score(other: Embedding, form: str, landmark: int | None) -> Score:
    right = gallery_side(other, form)

    def score(output: AONetOutput) -> torch.Tensor:
        weights = right.weights
        device = output.weight.device
        side = Side(right.vectors.to(device), None if weights is None else weights.to(device))
        left = query_side(Embedding(output.retrieval_features, output.weight), form)
        shares = left.share(side)[:, 0]  # (B, K)
        return shares.sum(dim=1) if landmark is None else shares[:, landmark]

    return score


def _rank_score(gallery: Gallery, target: Target, form: str) -> Score:
    rows = ~gallery.among(target.skip)
    match = gallery.among([target.match])

    def score(output: AONetOutput) -> torch.Tensor:
        query = Embedding(output.retrieval_features.cpu(), output.weight.cpu())
        similarity = query_side(query, form).compare(gallery.side(form))  # (B, G)
        ahead = (similarity > similarity[:, match]) & rows
        return -ahead.sum(dim=1).float()

    return score


def _same_person(gallery: Gallery, name: str, skip: Sequence[str]) -> list[str]:
    """All gallery pictures of whom a picture shows, or it alone where that is unknown."""
    info = gallery.info
    pid = info.pids[info.names.index(name)]
    same = [other for other, whose in zip(info.names, info.pids, strict=True) if whose == pid]
    return [other for other in same if other not in skip] if pid else [name]
