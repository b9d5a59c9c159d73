"""How the map is made, and which pictures are placed in it: the side bar."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import PROJECTION_METRICS
from app import services
from app.shared import lab_link, search_controls, search_state, uploads
from app.shared.search_state import PREFIX

KINDS = {"landmarks": "landmarks", "images": "whole pictures"}


def gallery() -> None:
    """Choose whose embeddings are shown, and as which points."""
    search_controls.gallery()
    with st.sidebar:
        st.segmented_control(
            "Points",
            list(KINDS),
            format_func=lambda key: KINDS.get(key, key),
            key=PREFIX + "kind",
            required=True,
            help="Landmarks: a point a picture and landmark, the feature that is compared in "
            "retrieval. Whole pictures: a point a picture, the vector whose inner products are "
            "Eq. 8 as printed: every landmark's unit feature times its β.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                "Dimensions", (2, 3), key=PREFIX + "dimensions", required=True,
                format_func=lambda number: f"{number}-D",
            )  # fmt: skip
            st.toggle(
                "Queries",
                key=PREFIX + "queries",
                help="Show the pictures that are kept to be searched for as well.",
            )


def layout() -> None:
    """UMAP's parameters; each change makes another map, kept on disk like the first."""
    with st.sidebar.expander("UMAP"):
        st.slider(
            "Neighbours", 2, 200, search_state.LINKED.neighbours, key=PREFIX + "neighbours",
            help="How many neighbours are kept close: few show fine structure, many the coarse.",
        )  # fmt: skip
        st.slider(
            "Minimum distance", 0.0, 0.99, search_state.LINKED.distance, key=PREFIX + "distance",
            step=0.01,
            help="How close points may lie in the picture: small makes tight clumps.",
        )  # fmt: skip
        st.selectbox(
            "Metric", PROJECTION_METRICS, key=PREFIX + "metric",
            help="Cosine compares directions, as retrieval does; Euclidean lengths too, which "
            "hold β; correlation directions after taking each vector's mean away.",
        )  # fmt: skip
        st.number_input(
            "Principal components first", 0, 1000, search_state.LINKED.components,
            key=PREFIX + "components",
            help="Coordinates kept before UMAP, 0 for all; the line above the map tells how much "
            "of the variance they keep.",
        )  # fmt: skip
        st.number_input(
            "Seed", 0, 2**31 - 1, search_state.LINKED.seed, key=PREFIX + "seed",
            help="Another seed gives another map of the same data: trust what all of them show.",
        )  # fmt: skip


def placing() -> None:
    """Choose a picture to place in the map."""
    with st.sidebar:
        titles = {"": "nothing"} | {
            key: f"{photo.title} (upload)" for key, photo in services.uploads().items()
        }
        samples = services.samples().samples.values()
        titles |= {sample.name: sample.title for sample in samples if sample.role == "query"}
        placed = search_state.LINKED.placed
        if placed not in titles:
            titles |= {placed: placed}
        st.selectbox(
            "Place a picture",
            list(titles),
            format_func=lambda key: titles.get(key, key),
            key=PREFIX + "placed",
            on_change=search_state.put,
            kwargs={"mask": ""},
            help="By UMAP's transform: the map stays as it is. An occluded sample is joined to its "
            "twin, the same render without the occluder, by an arrow from whole to hidden.",
        )
        st.button(
            "From the lab",
            on_click=_from_lab,
            disabled=not lab_link.LINKED.visited,
            width="stretch",
            help="Place the picture of the occlusion lab, whole and with what is hidden there.",
        )
        uploads.photos("map_files", _take_uploads)


def _from_lab() -> None:
    search_state.put(placed=lab_link.LINKED.picture, mask=lab_link.token())


def _take_uploads() -> None:
    """Place a new upload; what cannot be read leaves the page as it was."""
    fresh, st.session_state["map_problems"] = services.add_uploads(st.session_state["map_files"])
    if fresh:
        search_state.put(placed=fresh[-1], mask="")
