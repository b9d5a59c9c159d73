"""Networks fitted to this visitor's pictures; and how unlike pictures look."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aonet_core.engine import MIN_PICTURES_TO_ADAPT, Adaptation, EngineInfo, Progress, familiar_of
from app import services
from app.services import Panel, Photo, UserError, connection, galleries, networks

MIN_PICTURES = MIN_PICTURES_TO_ADAPT
MAX_PICTURES = 2000
"""Pictures of a gallery that are looked at."""
UPLOADS = ""
"""What stands for the visitor's uploads where a gallery may be chosen."""


@dataclass(frozen=True)
class Shift:
    """How unlike the pictures of its training some look to a network.

    Attributes:
        values: (N,) in spreads of the best logits below the typical.
        limit: What all but 1 % of the pictures that it knows stay below.
    """

    values: np.ndarray
    limit: float

    @property
    def beyond(self) -> int:
        """How many lie beyond the limit."""
        return int((self.values > self.limit).sum())


def shift(panels: list[Panel], info: EngineInfo) -> Shift | None:
    """How unlike uploads look; None without any, or where the checkpoint's card does not tell.

    Raises:
        UserError: The card is damaged.
    """
    try:
        familiar = familiar_of(info.card)
    except ValueError as error:
        raise UserError(connection.sentence(error)) from error
    logits = [panel.analysis.best_logit for panel in panels if panel.photo.sample is None]
    if familiar is None or not logits:
        return None
    return Shift(familiar.shift(np.stack(logits)), familiar.limit)


def work(gallery: str) -> tuple[int, Callable[[Progress], Adaptation]]:
    """What is needed to adapt the network that runs to the uploads, or to a gallery's pictures.

    Args:
        gallery: Its name; `UPLOADS` for this visitor's uploads.

    Returns:
        How many pictures they are, and what does it: without this session, in any thread.

    Raises:
        UserError: The galleries cannot be listed.
    """
    photos = list(services.uploads().values()) if gallery == UPLOADS else []
    count = len(photos) or min(MAX_PICTURES, galleries.size(gallery, "gallery"))

    def adapt(progress: Progress) -> Adaptation:
        pictures = [(each.title, _png(each)) for each in photos]
        with networks.using(networks.RUNNING):
            return services.ask(
                lambda engine: engine.adapt(pictures, gallery or None, progress=progress)
            )

    return count, adapt


def take(content: bytes) -> Adaptation:
    """Take up a network that was saved, and use it from now on.

    Raises:
        UserError: The file holds none, or one that does not belong to the checkpoint that runs.
    """
    own = services.ask(lambda _: Adaptation.from_bytes(content))
    with networks.holding(networks.Held(own.digest, {own.digest: own})):
        services.info()
    networks.keep(own)
    return own


def _png(photo: Photo) -> bytes:
    file = io.BytesIO()
    photo.image.save(file, "PNG", compress_level=1)
    return file.getvalue()
