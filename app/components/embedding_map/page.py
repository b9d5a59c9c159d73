"""The map of embeddings: the picture, what it keeps of the truth, and what is selected in it."""

from __future__ import annotations

from html import escape

import streamlit as st

from aonet_core.engine import Projection, ProjectionSpec, stage_at
from app import maps, match_state, services
from app.components import missing, report, told, waiting
from app.components.embedding_map import content, controls, quality, selection
from app.components.embedding_map.scatter import scatter
from app.components.markup import plain
from app.services import Photo, UserError, projections, retrieval

TITLE = "Where the network puts landmarks and people: draw around points to see what they are"
PATIENCE = 0.4
"""Seconds between looks at a map in the making."""


def show() -> None:
    """The choices, the map, and the selection beside it; what went wrong in a sentence."""
    head = st.empty()
    head.html(_heading(""))
    controls.gallery()
    controls.layout()
    controls.placing()
    missing.notice(match_state.LINKED)
    for problem in st.session_state.get("map_problems", ()):
        st.error(plain(problem))
    try:
        waiting.network()
        chosen = match_state.get("gallery")
        if waiting.gallery(chosen) is None:
            return
        found = _made(chosen, match_state.projection())
    except UserError as error:
        told.tell(error)
        return
    if found is None:
        return
    head.html(_heading(_status(found)))
    for note in found.notes:
        st.caption(plain(note))
    st.html(quality.sentence(found))
    _explore(found)


def _made(gallery: str, spec: ProjectionSpec) -> Projection | None:
    """The map; None once it was stopped. It goes on being made when the page is left.

    The run waits and shows how far it is, rather than beginning again and again: each run ends with
    a collection of garbage, which takes the time of the thread that makes the map.
    """
    job = projections.job(gallery, spec)
    job.thread.join(PATIENCE)  # what is kept on disk is there at once
    if job.running:
        match_state.remember("map")
        place = st.empty()
        with place.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0)
            st.button("Cancel", on_click=projections.stop, args=(gallery, spec))
        while job.running and not job.stopped:
            # A click, and another page, end the run here; only Cancel ends the work.
            bar.progress(
                job.percent / 100, f"Making the map, {job.percent} %: {stage_at(job.percent)}…"
            )
            job.thread.join(PATIENCE)
        place.empty()
    if job.stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("Stopped: making the map.")
            st.button("Run", on_click=projections.again, args=(gallery, spec))
        return None
    return projections.job(gallery, spec).result


@st.fragment
def _explore(found: Projection) -> None:
    """Map and selection; what is done here runs nothing else of the page."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    given = _given(content.identifier(found), found, names)
    left, right = st.columns((1.75, 1), gap="medium")
    with left:
        picked = scatter(found, given, _placed(found))
    with right:
        selection.show(found, picked, names)
    match_state.remember("map")


@st.cache_data(max_entries=4, show_spinner=False)
def _given(identifier: str, _found: Projection, names: list[str]) -> dict:
    file = report.file_name("map", _found.gallery, _found.spec.kind, "png")
    return content.content(_found, names, quality.caption(_found)) | {"file": file}


def _placed(found: Projection) -> list[dict]:
    """The chosen picture, and with parts hidden, in the map; a problem is told."""
    try:
        photos = pictures(match_state.get("placed"), match_state.get("mask"))
        if not photos:
            return []
        with st.spinner("Placing the picture: the first one compiles UMAP's transform…"):
            places = projections.place(found, photos)
    except UserError as error:
        st.warning(plain(str(error)))
        return []
    return content.placed(found, places, photos)


def pictures(key: str, mask: str) -> list[Photo]:
    """A picture to place: whole, then with parts hidden where something hides them.

    Args:
        key: Of a sample or an upload, "" for none.
        mask: Token of what the lab hides, "" for nothing.

    Raises:
        UserError: A picture or the mask is not there.
    """
    if not key:
        return []
    photo = services.photo(key)
    if mask:
        return [photo, retrieval.hidden(photo, mask).photo]
    if photo.sample and photo.sample.twin:
        return [services.photo(photo.sample.twin), photo]
    return [photo]


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Map</h1><p>{TITLE}</p>{status}</div>"


def _status(found: Projection) -> str:
    parts = [f"{len(found):,} points of {len(found.names):,} pictures"]
    if found.method == "umap":
        parts.append(f"UMAP, {found.spec.metric}")
    if found.variance < 1:
        parts.append(f"{found.components} components keep {found.variance:.0%} of the variance")
    parts.append(f"checkpoint {found.checkpoint[:8]}")
    return f"<div class='status'>{escape(' · '.join(parts))}</div>"
