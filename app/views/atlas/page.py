"""The atlas: where every landmark lives, what excites it, when it is seen, what it is like."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aonet_core.engine import Atlas, in_markdown
from app import services
from app.services import atlas as service
from app.services import galleries
from app.shared import downloads, gallery_links, maps, messages, prepare, report, work
from app.shared.markup import escape
from app.shared.view import ALL_LANDMARKS
from app.views.atlas import detail, exports, overview, tiles
from app.views.atlas.state import LINKED, landmark

TITLE = "Where each landmark lives, what excites it most and least, and when it is seen"


def show() -> None:
    """The choices, the atlas and its downloads; what went wrong in a sentence."""
    head = st.empty()
    head.html(_heading(""))
    _gallery()
    try:
        _content(head)
    except services.UserError as error:
        messages.show(error)


def _gallery() -> None:
    titles = galleries.titles()
    chosen = LINKED.gallery
    if chosen not in titles:
        titles = {chosen: chosen} | titles
    st.sidebar.selectbox(
        "Gallery",
        list(titles),
        key=LINKED.key("gallery"),
        format_func=lambda key: titles.get(key, key),
        help="Whose pictures the landmarks are looked for in; galleries are made on Retrieve.",
    )


def _content(head: DeltaGenerator) -> None:
    prepare.network()
    atlas = _atlas(LINKED.gallery)
    if atlas is None:
        return
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    head.html(_heading(_status(atlas)))
    k = landmark(atlas.num_landmarks)
    _view(atlas.num_landmarks)
    for note in notes(atlas):
        st.caption(in_markdown(note))
    facts = service.facts()
    if k is None:
        picked = overview.show(atlas, facts, names)
    else:
        picked = detail.show(atlas, facts, k, names)
    _downloads(atlas, names)
    if picked:
        _open(picked, atlas, k)


def _atlas(gallery: str) -> Atlas | None:
    if service.ready(gallery):
        return service.atlas(gallery)
    looks, ask = galleries.size(gallery), ("atlas", gallery)
    if prepare.gallery(gallery, looks, ask) is None:
        return None
    return work.result(
        "atlas",
        (services.info().digest, gallery, galleries.gallery(gallery).revision),
        "Looking at all pictures of the gallery, landmark by landmark",
        lambda progress: service.atlas(gallery, progress),
        looks,
        shared=True,
        ask=ask,
    )


def _view(count: int) -> None:
    with st.sidebar:
        st.segmented_control(
            "Landmark",
            (ALL_LANDMARKS, *(str(number) for number in range(1, count + 1))),
            key=LINKED.key("landmark"),
            required=True,
            help="All landmarks side by side, or one of them in large.",
        )
        st.slider(
            "Map opacity, %", 0, 100, LINKED.opacity, key=LINKED.key("opacity"), step=5,
            help="How strongly the maps cover the pictures, which are shown in grey below them.",
        )  # fmt: skip


def _heading(status: str) -> str:
    return f"<div class='heading'><h1>Landmark atlas</h1><p>{TITLE}</p>{status}</div>"


def _status(atlas: Atlas) -> str:
    role = {name: int(atlas.where(name).sum()) for name in ("gallery", "query")}
    queries = f" and {role['query']:,} queries" if role["query"] else ""
    return (
        f"<div class='status'>{role['gallery']:,} gallery pictures{queries} · checkpoint "
        f"{atlas.checkpoint[:8]}</div>"
    )


def notes(atlas: Atlas) -> list[str]:
    """What a reader of the numbers should know."""
    sentences = []
    if len(atlas) + len(atlas.unreadable) < atlas.total:
        sentences.append(
            f"{len(atlas):,} of {atlas.total:,} pictures were looked at, evenly spaced."
        )
    if atlas.unreadable:
        sentences.append(
            f"{len(atlas.unreadable)} pictures cannot be read and are left out, such as "
            f"{atlas.unreadable[0]}."
        )
    if len(atlas) < 2 * atlas.most.shape[1]:
        sentences.append(
            f"With {len(atlas)} pictures the most and the least excited are partly the same ones, "
            "and shares and histograms say little."
        )
    if not atlas.where("gallery", "whole").any():
        sentences.append(
            "Masks and occluders of this gallery are not known: there is no body part, and "
            "histograms are of all pictures."
        )
    return sentences


def _downloads(atlas: Atlas, names: list[str]) -> None:
    gallery, link = LINKED.gallery, report.here("atlas")
    downloads.buttons(
        ("atlas", gallery),
        ("Figure", "png", "A column a landmark: its mean map and the pictures that excite it most, "
         "as in Fig. 4 (b) of the paper; PNG for print.",
         lambda: exports.landmarks_png(
             atlas, names, lambda name: galleries.photo(gallery, name).image, LINKED.opacity / 100
         )),
        ("Table", "csv", "A line a picture and landmark: awareness, excitement, what the peak is "
         "on; as CSV.", lambda: exports.atlas_csv(atlas, names)),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: report.write("Landmark atlas", gallery, link, lambda: _sections(atlas, names))),
    )  # fmt: skip


def _sections(atlas: Atlas, names: list[str]) -> list[tuple[str, str]]:
    html = "".join(f"<p>{escape(note)}</p>" for note in notes(atlas))
    return [
        ("All landmarks", html + overview.grid(atlas, names)),
        ("How alike they are", overview.alike(atlas, service.facts())),
    ]


def _open(picked: str, atlas: Atlas, k: int | None) -> None:
    """Open a picture on the page that shows it further."""
    page, _, name = picked.partition(" ")
    _, address = tiles.target(atlas.gallery, name, 0 if k is None else k)
    if k is None:
        address.pop("landmark", None)
    gallery_links.go(page, address)
