"""Networks of somebody's own, beside the one that runs: how they are measured and looked with."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from aonet_core.adaptation.adapt import MAX_PICTURES, spread
from aonet_core.adaptation.carry import changed, changes, private_copy
from aonet_core.adaptation.report import kept_of
from aonet_core.adaptation.run import adapted_to, resized
from aonet_core.analysis.occlusion.attribution import Attributor
from aonet_core.analysis.photographs.shift import CARD_KEY, familiar_of
from aonet_core.data.pictures import PicturesRead, read_found, read_pictures
from aonet_core.engine.local.running import Running
from aonet_core.gallery.adapted import AdaptedGalleries
from aonet_core.occlusion import Progress
from aonet_core.results.adaptation import Adaptation

OF_THE_CARD = ("adapted", CARD_KEY)
"""What the card of an adaptation may say."""


class Adapting(Running):
    """Adaptation; see `Engine`."""

    _parent: Self | None = None

    def adapt(
        self,
        pictures: Sequence[tuple[str, bytes]] = (),
        gallery: str | None = None,
        progress: Progress | None = None,
    ) -> Adaptation:
        """Fit the network to pictures; see `Engine.adapt`."""
        parent = self._parent or self
        model, card = adapted_to(
            private_copy(self._model), self._card, self._name,
            self._read(pictures, gallery, _beginning(progress)), progress=progress,
        )  # fmt: skip
        return Adaptation(
            parent._card["sha256"],
            changes(parent._model, model),
            {name: card[name] for name in OF_THE_CARD},
        )

    def adapted(self, adaptation: Adaptation) -> Self:
        """An engine with a network of somebody's own; see `Engine.adapted`."""
        parent = self._parent or self
        adaptation.check_parent(parent._card["sha256"])
        own = copy.copy(parent)
        own._parent = parent
        own._model = changed(parent._model, adaptation.arrays)
        own._explainer = Attributor(own._model)
        card = kept_of(parent._card)
        card |= {name: adaptation.card[name] for name in OF_THE_CARD if name in adaptation.card}
        familiar_of(card)
        # The patterns are the parent's: where they live was measured of it.
        measured = parent._card.get("metrics") or {}
        metrics = {key: measured[key] for key in ("landmarks",) if key in measured}
        own._card = {**card, "metrics": metrics, "sha256": adaptation.digest}
        own._name = f"{parent._name}-adapted"
        own.spec = replace(parent.spec, checkpoint=adaptation.digest, network=own._name)
        galleries = AdaptedGalleries(parent._galleries, own.spec, own.embed, own._device)
        own._registry, own._answers = galleries, galleries.folder / "answers"
        own._forget()
        return own

    def _read(
        self,
        pictures: Sequence[tuple[str, bytes]],
        gallery: str | None,
        progress: Progress | None,
    ) -> PicturesRead:
        keep = resized(self._model)
        if gallery is None:
            return (
                read_pictures(list(pictures), keep, progress)
                if pictures
                else PicturesRead("pictures")
            )
        contents = (self._parent or self)._galleries.contents(gallery)
        shown = [each for each in contents.pictures if each.role == "gallery"]
        sampled = tuple(shown[row] for row in spread(shown, MAX_PICTURES))
        contents = replace(contents, source=f"gallery {gallery}", pictures=sampled)
        return read_found(contents, keep, progress)


def _beginning(progress: Progress | None) -> Progress | None:
    """Tell that nothing has been looked at yet; whoever is told may end the work."""
    return progress and (lambda _, total: progress(0, total))
