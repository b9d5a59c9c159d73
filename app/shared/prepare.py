"""What must be there before a page can answer: the network, and a gallery seen by it."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from aonet_core.engine import GalleryInfo, in_markdown
from app import services
from app.services import galleries
from app.shared import network_choice, work

ALL = "Looking at all pictures of the gallery, once for this checkpoint"


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
    own = network_choice.title()
    what = (
        "the samples' gallery" if name == galleries.SAMPLE else f"the gallery {in_markdown(name)}"
    )
    unlike = (
        f"T{what[1:]} was embedded with another network",
        f"Embed again with the network {own}",
    )
    together = ask or ("gallery", name)
    return work.result(
        "gallery",
        (services.info().digest, name),
        f"Embedding {what} again" if own else ALL,
        lambda progress: galleries.gallery(name, progress),
        galleries.size(name),
        more=more,
        shared=True,
        ask=(own, together) if own else together,
        unlike=unlike if own else None,
    )
