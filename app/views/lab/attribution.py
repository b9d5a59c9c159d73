"""Where does it hurt: how much hiding each place lowers a number, by several methods."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from aonet_core.engine import EditError, Fill, Target
from app import services
from app.services import Photo, UserError, search
from app.shared import maps, prepare, work
from app.shared.lab_link import LINKED
from app.views.lab import downloads, exports, fills, state
from app.views.lab.parts.attribution import RANK, Question, side_by_side

PARTS = {
    "awareness": "awareness β of landmark ",
    "similarity": "similarity to the match by landmark ",
}
LOOKS = {"occlusion": 105, "integrated_gradients": 80, "layer_integrated_gradients": 10}
"""Looks of the network that each method takes, about: a gradient costs more than two."""


def tab() -> None:
    """Choose the number; its maps by all methods stand side by side on one scale."""
    photo = services.photo(LINKED.picture)
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    question = _choose(photo, names)
    if question is None:
        return
    if question.target.kind == "rank" and not gallery():
        return
    view, words = state.view(), question.words
    attributions = work.result(
        "attribution",
        (photo.key, question),
        f"Hiding every place, and mapping by {len(question.methods)} methods"
        if len(question.methods) > 1
        else "Hiding every place",
        search.attributions(
            photo.key, question.target, question.methods, question.other, question.fill,
            question.window,
        ),
        sum(LOOKS[method] for method in question.methods),
        partly=lambda some: st.html(side_by_side(photo, some, words, view)),
    )  # fmt: skip
    if attributions is None:
        before = work.before("attribution", photo.key, dict)
        if before is None:
            return
        (_, question), attributions = before
        words = question.words
        st.caption("The maps before:")
    st.html(side_by_side(photo, attributions, words, view))
    downloads.row(
        photo,
        ("Maps", "png", lambda: exports.maps_png(photo, attributions, words)),
        ("Values", "csv", lambda: exports.maps_csv(attributions)),
    )


def gallery(more: float = 0, ask: Hashable = None) -> bool:
    """Make the gallery where it has not been made; whether it is there."""
    return prepare.gallery(search.GALLERY, more, ask) is not None


def _choose(photo: Photo, names: list[str]) -> Question | None:
    other = LINKED.other or ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {"awareness": "awareness β of a landmark", "similarity": "similarity to the match",
                 "rank": RANK}  # fmt: skip
        kind = st.selectbox(
            "What may hurt", list(kinds), format_func=lambda key: kinds.get(key, key),
            key="lab_target", width=230,
            help="The number whose fall is mapped.",
        )  # fmt: skip
        landmark = None if kind == "rank" else _landmark(kind, len(names))
        fill = st.selectbox(
            "Hide with", fills.PLAIN, index=fills.PLAIN.index("mean"),
            format_func=lambda key: fills.FILLS.get(key, key),
            key="lab_hurt_fill", width=150,
        )  # fmt: skip
        window = st.slider(
            "Window, feature pixels", 1, 4, 2, key="lab_window", width=170,
            help="Side of the hidden window, in pixels of the feature map.",
        )  # fmt: skip
    if kind != "awareness" and not other:
        st.info("Choose a gallery picture to compare with, at the left.")
        return None
    if kind == "rank" and other.startswith(services.UPLOAD):
        st.info("An upload is not in the gallery: choose a gallery picture at the left.")
        return None
    match = other if kind == "rank" else ""
    words = kinds[kind]
    if landmark is not None:
        words = PARTS[kind] + names[landmark]
    try:
        target = Target(kind, landmark, match, search.GALLERY, search.matches(photo.key)[1])
    except EditError as error:
        raise UserError(str(error)) from error
    compared = other if kind == "similarity" else ""
    return Question(target, words, compared, Fill(fill), window)


def _landmark(kind: str, count: int) -> int | None:
    """Which landmark's awareness, or which one's share of a similarity; None for the whole."""
    whole = ["whole"] if kind == "similarity" else []
    chosen = st.segmented_control(
        "Landmark", [*whole, *map(str, range(1, count + 1))],
        default=[*whole, "1"][0], required=True, key=f"lab_landmark {kind}", width="content",
    )  # fmt: skip
    return None if chosen == "whole" else int(chosen) - 1
