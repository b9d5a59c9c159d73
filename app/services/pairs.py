"""One query and one match, landmark by landmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aonet_core.engine import Embedded, Matched, MatchOptions, Pair, picture_digest
from app import services
from app.services import Panel, galleries, retrieval
from app.services.retrieval import Query


@dataclass(frozen=True)
class ExplainedPair:
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


def explain(query: Query, match: str, gallery_name: str, options: MatchOptions) -> ExplainedPair:
    """Look at a query and a gallery picture.

    Args:
        query: The query.
        match: Name of the gallery picture.
        gallery_name: Where it is.
        options: How alike two pictures are said to be.

    Raises:
        UserError: The match or something else is not there.
    """
    info = galleries.gallery(gallery_name)
    if match not in info.names:
        raise services.UserError(f"The gallery {gallery_name} has no picture {match}.")
    kinds = retrieval.verdicts(query, info)
    skip = np.array(info.names)[np.isin(kinds, ("junk", "self"))]
    picture = picture_digest(query.panel.photo.image)
    pair = _pair(
        services.info().digest, gallery_name, info.revision, picture, match, query.pid,
        query.camid, tuple(skip.tolist()), options, query.embedded,
    )  # fmt: skip

    def look(side: Matched) -> Panel:
        return services.panel_of(galleries.photo(gallery_name, side.name))

    rival = look(pair.rival) if pair.rival else None
    kind = dict(zip(info.names, kinds.tolist(), strict=True))
    first = {each.first: kind[each.first] for each in pair.without}
    return ExplainedPair(query, look(pair.match), rival, pair, kind[match], first)


@st.cache_data(max_entries=64, show_spinner=False)
def _pair(
    checkpoint: str,
    gallery_name: str,
    revision: int,
    picture: str,
    match: str,
    pid: int,
    camid: int,
    skip: tuple[str, ...],
    options: MatchOptions,
    _query: Embedded,
) -> Pair:
    return services.ask(
        lambda engine: engine.pair(_query, match, gallery_name, pid, camid, skip, options)
    )
