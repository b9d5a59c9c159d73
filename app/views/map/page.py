"""The map of embeddings: the picture, what it keeps of the truth, and what is selected in it."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import Projection, ProjectionSpec, in_markdown, stage_at
from app import services
from app.services import Photo, UserError, galleries, projections, retrieval
from app.shared import lost_notice, maps, messages, prepare, report, search_state, work
from app.shared.markup import escape, percent
from app.views.map import content, controls, quality, selected, state
from app.views.map.scatter import scatter

TITLE = "Where the network puts landmarks and people: draw around points to see what they are"


def show() -> None:
    """The choices, the map, and the selection beside it; what went wrong in a sentence."""
    head = st.empty()
    head.html(_heading(""))
    controls.gallery()
    controls.layout()
    controls.placing()
    lost_notice.notice(search_state.LINKED)
    for problem in st.session_state.get("map_problems", ()):
        st.error(in_markdown(problem))
    try:
        prepare.network()
        projection = _made(search_state.LINKED.gallery, state.projection())
    except UserError as error:
        messages.show(error)
        return
    if projection is None:
        return
    head.html(_heading(_status(projection)))
    for note in projection.notes:
        st.caption(in_markdown(note))
    st.html(quality.sentence(projection))
    _explore(projection)


def _made(gallery: str, spec: ProjectionSpec) -> Projection | None:
    """The map, or the one before while it is not there; it goes on being made in the background."""
    ask = "map", gallery
    if prepare.gallery(gallery, projections.looks(gallery, spec), ask) is None:
        return None
    projection = work.result(
        "map",
        (services.info().digest, gallery, galleries.gallery(gallery).revision, spec),
        "Making the map",
        lambda progress: projections.made(gallery, spec, progress),
        projections.looks(gallery, spec),
        shared=True,
        ask=ask,
        stage=_stage,
    )
    if projection is not None:
        return projection
    before = work.before("map", services.info().digest, Projection)
    if before is None or before[1].gallery != gallery:
        return None
    st.caption(f"The map before, in {before[1].spec.dimensions}-D:")
    return before[1]


def _stage(done: int, total: int) -> str:
    percent = 100 * done // max(1, total)
    return f"Making the map, {percent} %: {stage_at(percent)}"


@messages.fragment
def _explore(projection: Projection) -> None:
    """Map and selection; what is done here runs nothing else of the page."""
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    map_content = _map_content(content.identifier(projection), projection, names)
    left, right = st.columns((1.75, 1), gap="medium")
    with left:
        picked = scatter(projection, map_content, _placed(projection))
    with right:
        selected.show(projection, picked, names)
    search_state.remember("map")


@st.cache_data(max_entries=4, show_spinner=False)
def _map_content(identifier: str, _projection: Projection, names: list[str]) -> dict:
    file = report.file_name("map", _projection.gallery, _projection.spec.kind, "png")
    return content.content(_projection, names, quality.caption(_projection)) | {"file": file}


def _placed(projection: Projection) -> list[dict]:
    """The chosen picture, and with parts hidden, in the map; a problem is told."""
    try:
        photos = pictures(search_state.LINKED.placed, search_state.LINKED.mask)
        if not photos:
            return []
        with st.spinner("Placing the picture: the first one compiles UMAP's transform…"):
            places = projections.place(projection, photos)
    except UserError as error:
        st.warning(in_markdown(str(error)))
        return []
    return content.placed(projection, places, photos)


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


def _status(projection: Projection) -> str:
    parts = [f"{len(projection):,} points of {len(projection.names):,} pictures"]
    if projection.method == "umap":
        parts.append(f"UMAP, {projection.spec.metric}")
    if projection.variance < 1:
        share = percent(projection.variance)
        parts.append(f"{projection.components} components keep {share} of the variance")
    parts.append(f"checkpoint {projection.checkpoint[:8]}")
    return f"<div class='status'>{escape(' · '.join(parts))}</div>"
