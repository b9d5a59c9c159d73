"""Where does it hurt: how much hiding each place lowers a number, by several methods."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from aonet_core.engine import METHODS, Attribution, EditError, Fill, Target
from app import lab_exports, lab_state, maps, services
from app.components import waiting, work
from app.components.lab import draw, takeaway
from app.components.markup import dot, helped
from app.components.strip import image_tag
from app.overlay import fit, gradient, overlay
from app.services import Photo, UserError, search
from app.state import View

TITLES = {
    "occlusion": "occlusion",
    "integrated_gradients": "integrated gradients",
    "layer_integrated_gradients": "integrated gradients of the feature map",
}
PARTS = {
    "awareness": "awareness β of landmark ",
    "similarity": "similarity to the match by landmark ",
}
RANK = "rank of the match"
LARGE = 512
LOOKS = {"occlusion": 105, "integrated_gradients": 80, "layer_integrated_gradients": 10}
"""Looks of the network that each method takes, about: a gradient costs more than two."""


@dataclass(frozen=True)
class Question:
    """What is asked: a target in words, and how places are hidden."""

    target: Target
    words: str
    other: str
    fill: Fill
    window: int

    @property
    def methods(self) -> list[str]:
        """A rank has no gradient: it can only be measured."""
        return ["occlusion"] if self.target.kind == "rank" else list(METHODS)


def tab() -> None:
    """Choose the number; its maps by all methods stand side by side on one scale."""
    photo = services.photo(st.session_state["lab_picture"])
    info = services.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    question = _choose(photo, names)
    if question is None:
        return
    if question.target.kind == "rank" and not gallery():
        return
    view = lab_state.view()
    found = work.result(
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
        partly=lambda some: st.html(side_by_side(photo, some, question.words, view)),
    )  # fmt: skip
    if found is None:
        return
    st.html(side_by_side(photo, found, question.words, view))
    takeaway.row(
        photo,
        ("Maps", "png", lambda: lab_exports.maps_png(photo, found, question.words)),
        ("Values", "csv", lambda: lab_exports.maps_csv(found)),
    )


def gallery(more: float = 0, ask: Hashable = None) -> bool:
    """Make the gallery where it has not been made; whether it is there."""
    return waiting.gallery(search.GALLERY, more, ask) is not None


def _choose(photo: Photo, names: list[str]) -> Question | None:
    other = st.session_state["lab_other"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {"awareness": "awareness β of a landmark", "similarity": "similarity to the match",
                 "rank": RANK}  # fmt: skip
        kind = st.selectbox(
            "What may hurt", list(kinds), format_func=kinds.get, key="lab_target", width=230,
            help="The number whose fall is mapped.",
        )  # fmt: skip
        landmark = None if kind == "rank" else _landmark(kind, len(names))
        fills = [name for name in draw.FILLS if name != "picture"]
        fill = st.selectbox(
            "Hide with", fills, index=fills.index("mean"), format_func=draw.FILLS.get,
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
    asked = other if kind == "similarity" else ""
    return Question(target, words, asked, Fill(fill), window)


def _landmark(kind: str, count: int) -> int | None:
    """Which landmark's awareness, or which one's share of a similarity; None for the whole."""
    whole = ["whole"] if kind == "similarity" else []
    chosen = st.segmented_control(
        "Landmark", [*whole, *map(str, range(1, count + 1))],
        default=[*whole, "1"][0], required=True, key=f"lab_landmark {kind}", width="content",
    )  # fmt: skip
    return None if chosen == "whole" else int(chosen) - 1


def limit(found: dict[str, Attribution]) -> float:
    """End of the one signed scale that all maps share."""
    return max(1e-6, *(float(np.abs(answer.map).max()) for answer in found.values()))


def side_by_side(photo: Photo, found: dict[str, Attribution], words: str, view: View) -> str:
    """The photo and a map a method, on one scale centred on zero."""
    end = limit(found)
    tile = fit(photo.image, LARGE)
    opacity = view.opacity / 100
    figure = f"<figure style='max-width: calc(min(52vh, 520px) * {tile.width / tile.height:.3f})'>"
    cells = [f"{figure}<figcaption>photo</figcaption>{image_tag(tile, 'photo')}</figure>"]
    for method, answer in found.items():
        title = TITLES[method]
        drawn = overlay(tile, answer.map, end, opacity, signed=True)
        cells.append(
            f"{figure}<figcaption>{helped(title, METHODS[method])}</figcaption>"
            f"{image_tag(drawn, f'{title} of {words}')}<dl>{_facts(answer, words)}</dl></figure>"
        )
    first = next(iter(found.values()))
    height, width = first.window
    scale = (
        f"<div class='flat'>−{end:.3f}<i style='background:{gradient(True, 90)}'></i>+{end:.3f}"
        f"<span>{helped('fall when hidden')}</span></div>"
    )
    falls = "How many places the match falls" if words == RANK else f"How much the {words} falls"
    return (
        f"<div class='hurt'><h2>{dot_of(words)}{escape(falls)} when a window of {width:.0f} × "
        f"{height:.0f} px is hidden there</h2><div>{''.join(cells)}</div>{scale}</div>"
    )


def dot_of(words: str) -> str:
    """The colour of the landmark that the target names, if it names one."""
    number = words.partition("landmark ")[2].partition(" ")[0]
    return dot(int(number) - 1) if number.isdigit() else ""


def _facts(answer: Attribution, words: str) -> str:
    facts = {"now": f"{answer.value:.3f}", "all hidden": f"{answer.blank:.3f}"}
    if words == RANK:
        facts = {"ahead now": f"{-answer.value:.0f}", "ahead, all hidden": f"{-answer.blank:.0f}"}
    if answer.residual is not None:
        facts["unexplained"] = f"{answer.residual:+.3f}"
    facts["time"] = f"{answer.milliseconds / 1000:.1f} s"
    return "".join(
        f"<div><dt>{helped(name)}</dt><dd>{value.replace('-', '−')}</dd></div>"
        for name, value in facts.items()
    )
