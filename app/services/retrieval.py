"""What the pages of retrieval ask: queries, galleries, rankings, pairs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from aonet_core import engine as core
from aonet_core.engine import Embedded, GalleryInfo, Matches, MatchOptions
from app import services
from app.services import Empty, Panel, Photo, UserError, galleries, lab
from app.services.galleries import MEMBER, SAMPLE


@dataclass(frozen=True)
class Query:
    """The picture that is looked for.

    Attributes:
        panel: The picture, as it is compared, and what the network sees in it.
        name: Its name in the set that the gallery belongs to, "" for an upload.
        pid: Identity, 0 where unknown.
        camid: Camera, 0 where unknown.
    """

    panel: Panel
    name: str
    pid: int
    camid: int

    @property
    def embedded(self) -> Embedded:
        """What stands for it in retrieval."""
        return core.embedded([self.panel.analysis])


@dataclass(frozen=True)
class Entry:
    """A gallery picture in a ranking.

    Attributes:
        rank: From 1 on; None for junk, which is not ranked.
        name: Of the picture.
        title: What to call it on the page.
        camid: Camera, 0 where unknown.
        verdict: "right", "wrong", "junk", or "" where the truth is not known.
        similarity: Higher is more alike.
        shares: (K,) the part of each landmark.
    """

    rank: int | None
    name: str
    title: str
    camid: int
    verdict: str
    similarity: float
    shares: np.ndarray


@dataclass(frozen=True)
class Ranked:
    """The answer to a query.

    Attributes:
        entries: Best first; junk stands where it would have come.
        total: How many pictures were ranked.
        right: How many of them are right, None where the truth is not known.
        form: Form of the match.
        milliseconds: Time the engine took.
    """

    entries: tuple[Entry, ...]
    total: int
    right: int | None
    form: str
    milliseconds: float


@dataclass(frozen=True)
class RankFilter:
    """Which part of a ranking is shown.

    Attributes:
        top: How many matches.
        cameras: Only those of these cameras; () for all.
        other_cameras_only: Only those of other cameras than the query's.
        min_similarity: Only those at least so similar.
        junk: Show junk too, unranked.
    """

    top: int = 20
    cameras: tuple[int, ...] = ()
    other_cameras_only: bool = False
    min_similarity: float = -1.0
    junk: bool = False


def query(key: str, edit: str, gallery_name: str) -> Query:
    """The picture to look for, with parts hidden where an edit is given.

    Args:
        key: Of a sample, an upload, or a member of the gallery's set.
        edit: Token of an edit, "" for none.
        gallery_name: Where it is looked for.

    Raises:
        UserError: The picture, the edit or the engine is not there.
    """
    name, pid, camid = "", 0, 0
    if key.startswith(MEMBER):
        name = key.removeprefix(MEMBER)
        shown = galleries.photo(gallery_name, name)
        pid, camid = galleries.labels(gallery_name, name)
    else:
        shown = services.photo(key)
        if shown.sample and gallery_name == SAMPLE:
            name, pid, camid = key, int(shown.sample.pid), int(shown.sample.camid)
    panel = hidden(shown, edit) if edit else services.panel_of(shown)
    return Query(panel, name, pid, camid)


def hidden(shown: Photo, edit: str) -> Panel:
    """A picture with parts hidden, as the occlusion lab drew them.

    Raises:
        UserError: The edit is damaged, or names something that is not here.
    """
    try:
        edited = lab.apply(shown.image, core.edit_from_token(edit))
    except core.EditError as error:
        raise UserError(str(error)) from error
    visibility = 1 - core.hidden_landmarks(services.analysis_of(shown), edited.mask)
    title = f"{shown.title} · {100 * edited.hidden:.0f} % hidden by hand"
    after = replace(shown, title=title, image=edited.image, notes=tuple(edited.notes))
    return Panel(after, services.analysis_of(after), visibility)


def verdicts(query: Query, info: GalleryInfo) -> np.ndarray:
    """What every gallery picture is to a query: (G,) "right", "wrong", "junk", "self" or "".

    As in the field's protocol, pictures of the same person by the query's own camera are junk.
    """
    pids, camids = np.array(info.pids), np.array(info.camids)
    kinds = np.full(len(pids), "", dtype="<U5")
    if query.pid > 0:
        same = pids == query.pid
        kinds[:] = np.where(same, "right", "wrong")
        kinds[same & (camids == query.camid) & (camids > 0)] = "junk"
    kinds[pids < 0] = "junk"
    if query.name in info.names:
        kinds[info.names.index(query.name)] = "self"
    return kinds


def rank(query: Query, gallery_name: str, options: MatchOptions, rank_filter: RankFilter) -> Ranked:
    """Rank a gallery by its likeness to a query, exactly.

    Raises:
        UserError: Nothing is left to rank, or something is not there.
    """
    info = galleries.gallery(gallery_name)
    kinds = verdicts(query, info)
    left_out = kinds == "self"
    if not rank_filter.junk:
        left_out |= kinds == "junk"
    camids = np.array(info.camids)
    if rank_filter.cameras:
        left_out |= ~np.isin(camids, rank_filter.cameras)
    if rank_filter.other_cameras_only and query.camid:
        left_out |= camids == query.camid
    if left_out.all():
        raise Empty(_nothing_left(info, rank_filter))
    skip = tuple(np.array(info.names)[left_out].tolist())
    shown_junk = int((kinds[~left_out] == "junk").sum())
    matches, spent = _rank(
        services.info().digest, gallery_name, info.revision,
        core.picture_digest(query.panel.photo.image),
        options, rank_filter.top + shown_junk, skip, query.embedded,
    )  # fmt: skip
    truth_known = query.pid > 0
    right = int((kinds[~left_out] == "right").sum()) if truth_known else None
    entries = _entries(matches, info, kinds, rank_filter)
    return Ranked(entries, matches.total - shown_junk, right, matches.form, spent)


def _entries(
    matches: Matches, info: GalleryInfo, kinds: np.ndarray, rank_filter: RankFilter
) -> tuple[Entry, ...]:
    where = {name: row for row, name in enumerate(info.names)}
    entries, place = [], 0
    for name, similarity, shares in zip(
        matches.names, matches.similarity, matches.shares, strict=True
    ):
        row = where[name]
        kind = str(kinds[row])
        place += kind != "junk"
        if place > rank_filter.top or similarity < rank_filter.min_similarity:
            break
        number = None if kind == "junk" else place
        title = galleries.title_of(info, row)
        entries.append(
            Entry(number, name, title, info.camids[row], kind, float(similarity), shares)
        )
    return tuple(entries)


def _nothing_left(info: GalleryInfo, rank_filter: RankFilter) -> str:
    if len(info.names) <= 1 and not (rank_filter.cameras or rank_filter.other_cameras_only):
        return (
            f"The gallery {info.name} holds {len(info.names)} pictures and none besides the query "
            "itself: add pictures to it."
        )
    if rank_filter.other_cameras_only or rank_filter.cameras:
        return "No gallery picture is left by the camera filter: choose other cameras."
    return "All gallery pictures are left out for this query: junk, or the query itself."


@st.cache_data(max_entries=64, show_spinner=False)
def _rank(
    checkpoint: str,
    gallery_name: str,
    revision: int,
    picture: str,
    options: MatchOptions,
    top: int,
    skip: tuple[str, ...],
    _query: Embedded,
) -> tuple[Matches, float]:
    """A ranking and its milliseconds, known by all that it depends on."""
    began = time.perf_counter()
    matches = services.ask(
        lambda engine: engine.rank(_query, gallery_name, top, skip=skip, options=options)
    )
    return matches, 1000 * (time.perf_counter() - began)
