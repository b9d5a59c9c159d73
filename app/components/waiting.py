"""What must be there before a page can answer: the network, and a gallery seen by it."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import GalleryInfo
from app import services
from app.components import work
from app.services import galleries


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
