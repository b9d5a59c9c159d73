"""One query and one match, landmark by landmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aonet_core.engine import Embedded, Pair
from app import services
from app.services import Panel, galleries, retrieval
from app.services.retrieval import Query


@dataclass(frozen=True)
class Seen:
    """A pair and what the network sees in its pictures.

    Attributes:
        query: What was looked for.
        match: The chosen gallery picture.
        rival: The other side of the margin, None where the truth is not known.
        pair: The numbers.
        verdict: What the match is: "right", "wrong", "junk" or "".
        kinds: The same of the pictures that come first without one landmark.
    """

    query: Query
    match: Panel
    rival: Panel | None
    pair: Pair
    verdict: str
    kinds: dict[str, str]

    @property
    def sides(self) -> tuple[str, str]:
        """What the match and its rival are."""
        return ("right", "wrong") if self.pair.match_is_right else ("wrong", "right")


def seen(asked_by: Query, match: str, gallery_name: str, form: str | None) -> Seen:
    """Look at a query and a gallery picture.

    Args:
        asked_by: The query.
        match: Name of the gallery picture.
        gallery_name: Where it is.
        form: Form of the match, None for the checkpoint's own.

    Raises:
        UserError: The match or something else is not there.
    """
    info = galleries.gallery(gallery_name)
    if match not in info.names:
        raise services.UserError(f"The gallery {gallery_name} has no picture {match}.")
    kinds = retrieval.verdicts(asked_by, info)
    names = np.array(info.names)
    here = info.names.index(match)
    # Junk and the query itself are left out of the ranking, unless they were asked for.
    out = (kinds == "junk") | (kinds == "self")
    out[here] = False
    picture = retrieval.digest(asked_by.panel.photo.image)
    pair = _pair(
        services.info().digest, gallery_name, info.revision, picture, match,
        tuple(names[kinds == "right"].tolist()), tuple(names[out].tolist()), form,
        asked_by.embedded,
    )  # fmt: skip
    shown, rival = (
        services.panel_of(galleries.photo(gallery_name, side.name)) if side else None
        for side in (pair.match, pair.rival)
    )
    first = {each.first: str(kinds[info.names.index(each.first)]) for each in pair.without}
    return Seen(asked_by, shown, rival, pair, str(kinds[here]), first)


@st.cache_data(max_entries=64, show_spinner=False)
def _pair(
    checkpoint: str,
    gallery_name: str,
    revision: int,
    picture: str,
    match: str,
    right: tuple[str, ...],
    skip: tuple[str, ...],
    form: str | None,
    _query: Embedded,
) -> Pair:
    return services.ask(lambda engine: engine.pair(_query, match, gallery_name, right, skip, form))
