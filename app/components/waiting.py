"""What must be there before a page can answer: the network, and a gallery seen by it."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from aonet_core.engine import Evaluation, GalleryInfo, MatchOptions
from app import services
from app.components import work
from app.services import failures, galleries


def network() -> None:
    """Start the network where it has not been started.

    Raises:
        UserError: It cannot be started.
    """
    if not services.ready():
        with st.spinner("Loading the network, once for all pictures…"):
            services.info()


def gallery(name: str, more: float = 0, ask: Hashable = None) -> GalleryInfo | None:
    """What a gallery holds, after looking at its pictures if need be; None while it is not there.

    Args:
        name: Of the gallery.
        more: Looks of the network that will follow.
        ask: Works that are asked for together by one click; those of this gallery by default.

    Raises:
        UserError: There is no such gallery, or it cannot be used.
    """
    if galleries.ready(name):
        return galleries.gallery(name)
    return work.result(
        "gallery",
        (services.info().digest, name),
        "Looking at all pictures of the gallery, once for this checkpoint",
        lambda progress: galleries.gallery(name, progress),
        galleries.size(name),
        more=more,
        shared=True,
        ask=ask or ("gallery", name),
    )


def evaluation(
    chosen: str,
    options: MatchOptions,
    checkpoint: str = "",
    name: str = "evaluation",
    ask: Hashable = None,
) -> Evaluation | None:
    """The query set evaluated, as it was kept or worked out now; None while it is not there.

    Args:
        chosen: Name of the gallery.
        options: How alike two pictures are said to be.
        checkpoint: Another checkpoint's name or path, "" for the one that runs here.
        name: Of the work; another one for another evaluation on the same page.
        ask: Works that are asked for together by one click.

    Raises:
        UserError: There are no queries, or something is not there.
    """
    what = f" with {checkpoint}" if checkpoint else ""
    looks = 0.0
    if not failures.ready(chosen, options, checkpoint):
        looks = evaluation_looks(chosen) + (galleries.size(chosen) if checkpoint else 0)
    return work.result(
        name,
        (chosen, galleries.gallery(chosen).revision, services.info().digest, options, checkpoint),
        f"Searching the gallery for every query{what}",
        lambda progress: failures.evaluation(chosen, options, checkpoint, progress),
        looks,
        shared=True,
        ask=ask,
    )


def evaluation_looks(chosen: str) -> int:
    """Looks of the network that an evaluation takes: every query and its twin."""
    return 2 * galleries.size(chosen, "query")
