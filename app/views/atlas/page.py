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
    found = _atlas(LINKED.gallery)
    if found is None:
        return
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    head.html(_heading(_status(found)))
    k = landmark(found.num_landmarks)
    _view(found.num_landmarks)
    for note in notes(found):
        st.caption(in_markdown(note))
    facts = service.facts()
    if k is None:
        picked = overview.show(found, facts, names)
    else:
        picked = detail.show(found, facts, k, names)
    _downloads(found, names)
    if picked:
        _open(picked, found, k)


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


def _status(found: Atlas) -> str:
    role = {name: int(found.where(name).sum()) for name in ("gallery", "query")}
    queries = f" and {role['query']:,} queries" if role["query"] else ""
    return (
        f"<div class='status'>{role['gallery']:,} gallery pictures{queries} · checkpoint "
        f"{found.checkpoint[:8]}</div>"
    )


def notes(found: Atlas) -> list[str]:
    """What a reader of the numbers should know."""
    told = []
    if len(found) + len(found.unreadable) < found.total:
        told.append(f"{len(found):,} of {found.total:,} pictures were looked at, evenly spaced.")
    if found.unreadable:
        told.append(
            f"{len(found.unreadable)} pictures cannot be read and are left out, such as "
            f"{found.unreadable[0]}."
        )
    if len(found) < 2 * found.most.shape[1]:
        told.append(
            f"With {len(found)} pictures the most and the least excited are partly the same ones, "
            "and shares and histograms say little."
        )
    if not found.where("gallery", "whole").any():
        told.append(
            "Masks and occluders of this gallery are not known: there is no body part, and "
            "histograms are of all pictures."
        )
    return told


def _downloads(found: Atlas, names: list[str]) -> None:
    chosen, link = LINKED.gallery, report.here("atlas")
    downloads.buttons(
        ("atlas", chosen),
        ("Figure", "png", "A column a landmark: its mean map and the pictures that excite it most, "
         "as in Fig. 4 (b) of the paper; PNG for print.",
         lambda: exports.landmarks_png(
             found, names, lambda name: galleries.photo(chosen, name).image, LINKED.opacity / 100
         )),
        ("Table", "csv", "A line a picture and landmark: awareness, excitement, what the peak is "
         "on; as CSV.", lambda: exports.atlas_csv(found, names)),
        ("Report", "html", "This page as one HTML file that needs no network.",
         lambda: report.write("Landmark atlas", chosen, link, lambda: _sections(found, names))),
    )  # fmt: skip


def _sections(found: Atlas, names: list[str]) -> list[tuple[str, str]]:
    told = "".join(f"<p>{escape(note)}</p>" for note in notes(found))
    return [
        ("All landmarks", told + overview.grid(found, names)),
        ("How alike they are", overview.alike(found, service.facts())),
    ]


def _open(picked: str, found: Atlas, k: int | None) -> None:
    """Open a picture on the page that shows it further."""
    page, _, name = picked.partition(" ")
    _, address = tiles.target(found.gallery, name, 0 if k is None else k)
    if k is None:
        address.pop("landmark", None)
    gallery_links.go(page, address)
