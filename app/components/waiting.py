"""What must be there before a page can answer: the network, and a gallery seen by it."""

from __future__ import annotations

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


def gallery(name: str) -> GalleryInfo | None:
    """What a gallery holds, after looking at its pictures if need be; None once that was stopped.

    Raises:
        UserError: There is no such gallery, or it cannot be used.
    """
    if galleries.ready(name):
        return galleries.gallery(name)
    label = "Looking at all pictures of the gallery, once for this checkpoint"
    return work.result(
        "gallery", (services.info().digest, name), label,
        lambda progress: galleries.gallery(name, progress),
    )  # fmt: skip


def evaluation(
    chosen: str, options: MatchOptions, checkpoint: str = "", name: str = "evaluation"
) -> Evaluation | None:
    """The query set evaluated, as it was kept or worked out now; None once that was stopped.

    Args:
        chosen: Name of the gallery.
        options: How alike two pictures are said to be.
        checkpoint: Another checkpoint's name or path, "" for the one that runs here.
        name: Of the work; another one for another evaluation on the same page.

    Raises:
        UserError: There are no queries, or something is not there.
    """
    what = f" with {checkpoint}" if checkpoint else ""
    return work.result(
        name,
        (chosen, galleries.gallery(chosen).revision, services.info().digest, options, checkpoint),
        f"Searching the gallery for every query{what}",
        lambda progress: failures.evaluation(chosen, options, checkpoint, progress),
    )
